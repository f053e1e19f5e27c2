/** Waiting by condition, with a deadline and a word on what was waited for. */
import { setTimeout as pause } from 'node:timers/promises';

export interface WaitOptions {
  readonly signal: AbortSignal;
  /** Milliseconds; default 40,000. */
  readonly deadlineMs?: number;
  /** Why waiting makes no sense any more; null while it does. */
  readonly trouble?: () => string | null;
  /** What to add to the error when the deadline passes. */
  readonly detail?: () => string;
}

const everyMs = 25;

/** Something that should have come did not. */
export class WaitedInVain extends Error {
  readonly code = 'waited-in-vain';
}

/**
 * Asks again and again until the answer is something other than null or false, and returns it.
 * @throws WaitedInVain when the deadline passes or there is trouble; the signal's reason when that aborts
 */
export async function until<T>(
  what: string,
  condition: () => T | null | false | Promise<T | null | false>,
  { signal, deadlineMs = 40_000, trouble, detail }: WaitOptions,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    signal.throwIfAborted();
    const why = trouble?.() ?? null;
    if (why !== null) throw new WaitedInVain(`no use in waiting for ${what}: ${why}`);
    const value = await condition();
    if (value !== null && value !== false) return value;
    if (performance.now() > deadline) {
      const more = detail?.() ?? '';
      throw new WaitedInVain(
        `waited ${Math.round(deadlineMs / 1000)} s in vain for ${what}${more === '' ? '' : `: ${more}`}`,
      );
    }
    await pause(everyMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
