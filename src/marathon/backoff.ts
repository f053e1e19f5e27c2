/** Waiting between attempts: exponential, with jitter, and cancellable. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface BackoffRange {
  /** The first wait is between half of this and this, in ms. */
  readonly firstMs: number;
  /** No wait is longer, in ms. */
  readonly maxMs: number;
}

/** The wait before attempt `attempt` (from 0), in ms: doubles, then a random part between half and whole. */
export function backoffMs(attempt: number, range: BackoffRange, random: () => number = Math.random): number {
  const ceiling = Math.min(range.maxMs, range.firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}

/** Resolves after the time (ms) or when the signal aborts, whichever comes first; never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // Cancelled: the caller looks at its signal.
  }
}
