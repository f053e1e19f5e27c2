/** "Did you mean": the known name nearest to one that nobody knows. */

/** Case and separators are what people get wrong first. */
export function plain(name: string): string {
  return name.toLowerCase().replace(/[-_\s]/g, '');
}

/**
 * How many letters to insert, remove, replace or swap with their neighbour until `a` is `b`; `limit + 1` when it is
 * more than `limit`, found out in time proportional to the shorter name.
 */
export function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: readonly number[] = [];
  let above: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        (above[column] ?? 0) + 1,
        (line[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        best = Math.min(best, (before[column - 2] ?? 0) + 1);
      }
      line.push(best);
    }
    if (Math.min(...line) > limit) return limit + 1;
    before = above;
    above = line;
  }
  return Math.min(above[b.length] ?? 0, limit + 1);
}

/** The nearest of the known names, case and separators aside; the first of equals; null when none is near. */
export function nearest(name: string, known: readonly string[], limit = 2): string | null {
  const wanted = plain(name);
  let found: string | null = null;
  let least = limit + 1;
  for (const candidate of known) {
    const far = distance(wanted, plain(candidate), limit);
    // Of a name of three letters, two wrong ones leave no likeness.
    if (far < least && far * 2 < Math.max(2, candidate.length)) {
      found = candidate;
      least = far;
    }
  }
  return found;
}
