/** Latency as the data plane counts it: requests by how long they took, in fixed buckets. */

/** Upper bounds, ms, inclusive; a last bucket has all that took longer. */
export const latencyBoundsMs: readonly number[] = [
  5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000, 30_000,
];

export const noDurations: readonly number[] = [...latencyBoundsMs.map(() => 0), 0];

/**
 * The duration, ms, that `part` of the counted requests did not exceed, as far as buckets tell: the upper bound of
 * the bucket in which it lies. Infinity beyond the last bound; null without any request.
 * @param part 0 to 1
 */
export function quantileMs(durations: readonly number[], part: number): number | null {
  const total = durations.reduce((a, b) => a + b, 0);
  if (total === 0) return null;
  let seen = 0;
  for (const [index, count] of durations.entries()) {
    seen += count;
    if (seen >= part * total) return latencyBoundsMs[index] ?? Number.POSITIVE_INFINITY;
  }
  return Number.POSITIVE_INFINITY;
}
