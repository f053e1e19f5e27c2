/** A latency histogram of fixed size: durations in, percentiles out, each within 2 % of the truth. */

/** Below this, in ms, everything counts as this; above the last bucket, as that. */
const least = 0.05;
const growth = 1.02;
const buckets = 720;

export interface Latency {
  /** Milliseconds; 0 while nothing was measured. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface LatencyHistogram {
  /** Adds one duration in ms. */
  add(ms: number): void;
  summary(): Latency;
}

export function createLatencyHistogram(): LatencyHistogram {
  const counts = new Uint32Array(buckets);
  let total = 0;
  let max = 0;

  function percentile(part: number): number {
    let left = Math.ceil(total * part);
    for (const [index, count] of counts.entries()) {
      left -= count;
      if (left <= 0) return Math.min(max, least * growth ** (index + 0.5));
    }
    return max;
  }

  return {
    add(ms) {
      const index = Math.floor(Math.log(Math.max(ms, least) / least) / Math.log(growth));
      const bucket = Math.min(index, buckets - 1);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      total += 1;
      max = Math.max(max, ms);
    },
    summary: () =>
      total === 0 ? { p50: 0, p99: 0, max: 0 } : { p50: percentile(0.5), p99: percentile(0.99), max },
  };
}
