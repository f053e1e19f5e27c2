/** Ports in flags: moved ones, and ranges. */

export function portMap(list: readonly string[]): ReadonlyMap<number, number> | null {
  const map = new Map<number, number>();
  for (const entry of list) {
    const match = /^(\d{1,5})=(\d{1,5})$/.exec(entry);
    const [from, to] = [Number(match?.[1]), Number(match?.[2])];
    if (match === null || from < 1 || from > 65_535 || to < 1 || to > 65_535) return null;
    if (map.has(from)) return null;
    map.set(from, to);
  }
  return map;
}

export function portRange(text: string): { first: number; last: number } | null {
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text);
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  return match === null || first < 1 || last < first || last > 65_535 ? null : { first, last };
}
