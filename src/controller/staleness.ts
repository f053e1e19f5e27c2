/** Whether what is known of Marathon is too old for a Baton that calls itself ready. Traffic goes on all the same. */
import type { MarathonStatus } from '../marathon/watch.ts';
import type { Millis } from '../model/ids.ts';

/** How long Marathon may say nothing, reads may fail, and what they say may be doubted, in ms. */
const mostMs = 30_000;

export interface Doubted {
  readonly since: Millis;
  readonly problem: string;
}

/**
 * Why Marathon is out of sight; null when it is not. A stream that is alive does not make up for reads that fail:
 * endpoints come in by reads alone.
 */
export function staleness(
  now: Millis,
  { heardAt, failingSince, trouble }: Pick<MarathonStatus, 'heardAt' | 'failingSince' | 'trouble'>,
  doubted: Doubted | null,
): string | null {
  const since = (what: string, from: Millis | null, why: string | null): string | null =>
    from === null || now - from <= mostMs
      ? null
      : `${what} for ${Math.round((now - from) / 1000)} s${why === null ? '' : `: ${why}`}`;
  return (
    since('nothing was heard of Marathon', heardAt, trouble) ??
    since('the apps of Marathon could not be read', failingSince, trouble) ??
    since('what Marathon says is doubted', doubted?.since ?? null, doubted?.problem ?? null)
  );
}
