/** Waiting in tests: by condition, with a deadline. */
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Polls until `condition` returns something other than undefined or false, and returns that.
 * @throws Error naming `what` and the last error or value, when the deadline (ms) passes
 */
export async function until<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  options: { readonly deadlineMs?: number; readonly everyMs?: number; readonly detail?: () => unknown } = {},
): Promise<T> {
  const deadline = Date.now() + (options.deadlineMs ?? 60_000);
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value !== undefined && value !== false) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      const detail = options.detail === undefined ? '' : `; ${describe(options.detail())}`;
      throw new Error(`waited in vain for: ${what}; last: ${describe(last)}${detail}`, { cause: last });
    }
    await pause(options.everyMs ?? 20);
  }
}

function describe(value: unknown): string {
  return value instanceof Error ? value.message : (JSON.stringify(value) ?? String(value));
}
