/** Puts together what has something in common, directly or by way of others. */

/** The sets of items that share keys, each in the order of the items; sets in the order of their first items. */
export function connected<T>(
  items: readonly T[],
  keysOf: (item: T) => readonly string[],
): readonly (readonly T[])[] {
  const parent = items.map((_, index) => index);
  const root = (index: number): number => {
    let at = index;
    while (parent[at] !== at) {
      const up = parent[at] ?? at;
      parent[at] = parent[up] ?? up;
      at = parent[at] ?? at;
    }
    return at;
  };
  const firstWith = new Map<string, number>();
  items.forEach((item, index) => {
    for (const key of keysOf(item)) {
      const first = firstWith.get(key);
      if (first === undefined) firstWith.set(key, index);
      else {
        const [a, b] = [root(first), root(index)];
        parent[Math.max(a, b)] = Math.min(a, b);
      }
    }
  });
  const sets = new Map<number, T[]>();
  items.forEach((item, index) => {
    const at = root(index);
    const set = sets.get(at);
    if (set === undefined) sets.set(at, [item]);
    else set.push(item);
  });
  return [...sets.values()];
}
