/** Latency as the data plane counts it: requests by how long they took, in fixed buckets. */

/** Upper bounds, ms, inclusive; a last bucket has all that took longer. */
export const latencyBoundsMs: readonly number[] = [
  5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000, 30_000,
];

export const noDurations: readonly number[] = [...latencyBoundsMs.map(() => 0), 0];

/**
 * The duration, ms, that `part` of the counted requests did not exceed, taken as spread evenly over its bucket (as
 * PromQL's `histogram_quantile` does). Infinity beyond the last bound; null without any request.
 * @param part above 0, up to 1
 */
export function quantileMs(durations: readonly number[], part: number): number | null {
  const total = durations.reduce((a, b) => a + b, 0);
  if (total === 0) return null;
  const wanted = part * total;
  let seen = 0;
  for (const [index, count] of durations.entries()) {
    if (count > 0 && seen + count >= wanted) {
      const upper = latencyBoundsMs[index];
      if (upper === undefined) return Number.POSITIVE_INFINITY;
      const lower = latencyBoundsMs[index - 1] ?? 0;
      return Math.round(lower + ((upper - lower) * (wanted - seen)) / count);
    }
    seen += count;
  }
  return Number.POSITIVE_INFINITY;
}
