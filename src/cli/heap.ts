/** The memory of a process that runs for months. */
import { setFlagsFromString } from 'node:v8';
import { MessageEvent } from 'undici';

/**
 * How Baton is started: by its first line, by the image, and where it is measured. V8 would let the young generation grow to
 * 130 MB for a large first read. That it stays small can be said at the start only; where it may not grow at all, which
 * can be said later, collecting garbage takes five times as long.
 */
export const startFlags: readonly string[] = ['--max-semi-space-size=4'];

/**
 * For the C library, where it can be told: one heap for all threads, and what HAProxy answers, megabytes at a time, beside it, so
 * that it goes back to the system. Together 50 MB.
 */
export const startVariables: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};

/** The event source makes one of each event; with Node's own a second undici would be loaded for it, 17 MB. */
export function shareMessageEvent(): void {
  Object.assign(globalThis, { MessageEvent });
}

/** The old generation grows by a quarter before it is collected, not to three times what is in use. */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=25');
}
