/** Tries a change again for as long as that may help and the caller has time, and says in the end what stood in its way. */
import { type BackoffRange, backoffMs, pause } from './backoff.ts';
import { MarathonError } from './errors.ts';

export interface Persistence {
  /** What has failed when it fails, as a sentence that names the app. */
  readonly what: string;
  readonly backoff: BackoffRange;
  /** The deadline. */
  readonly signal: AbortSignal;
}

/**
 * Runs `attempt` until it succeeds, with backoff and jitter between.
 * @param attempt is told whether an earlier one may have done what it was to do
 * @throws MarathonError its own when that is final, else the last one's when the signal aborts; `uncertain` when the
 * last that was sent may have been done
 */
export async function persist<T>(
  { what, backoff, signal }: Persistence,
  attempt: (doubt: boolean) => Promise<T>,
): Promise<T> {
  let last: MarathonError | null = null;
  let doubt: MarathonError | null = null;
  for (let tries = 0; !signal.aborted; tries += 1) {
    try {
      return await attempt(doubt !== null);
    } catch (error) {
      if (!(error instanceof MarathonError)) throw error;
      if (error.code === 'uncertain') doubt = error;
      if (error.code === 'aborted') break;
      // Created by an attempt that was not answered: the next one finds it.
      const late = doubt !== null && error.code === 'exists';
      if (!error.retryable && !late) throw named(what, error);
      last = error;
    }
    await pause(backoffMs(tries, backoff), signal);
  }
  throw named(what, doubt ?? last ?? new MarathonError('aborted', 'it was cancelled'), last);
}

function named(what: string, error: MarathonError, last: MarathonError | null = null): MarathonError {
  const also = last === null || last === error ? '' : `; then: ${last.message}`;
  const sure = error.code === 'uncertain' ? `perhaps ${what}` : what;
  return new MarathonError(error.code, `${sure}: ${error.message}${also}`, error);
}
