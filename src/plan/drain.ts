/** Draining: how long a pool that lost its share has been finishing what it has, and whether its time is up. */
import { type Millis, millis } from '../model/ids.ts';
import type { BasisPoints } from '../model/weights.ts';
import type { AssessedPool } from './assess.ts';

export interface Drain {
  /** Null when the pool is not draining. */
  readonly since: Millis | null;
  readonly timedOut: boolean;
  /** Whether something is still in progress, or may come back. */
  readonly isBusy: boolean;
  /** When the time is up; null when it is, or when the pool is not draining. */
  readonly endsAt: Millis | null;
}

const notDraining: Drain = { since: null, timedOut: false, isBusy: false, endsAt: null };

/**
 * @param share what the pool is to have from now on
 * @param since since when it was draining before
 * @param keepsClients whether its clients come back to it, so that it drains until the time is up
 */
export function drainOf(
  now: Millis,
  each: AssessedPool,
  share: BasisPoints,
  since: Millis | null,
  keepsClients: boolean,
): Drain {
  if (share > 0) return notDraining;
  const began = since ?? now;
  const endsAt = millis(began + each.pool.drain.timeoutMs);
  const timedOut = now >= endsAt;
  const isBusy = each.sessions > 0 || (keepsClients && !timedOut);
  const justLostIt = each.weight > 0;
  if (!justLostIt && (since === null || !isBusy)) return notDraining;
  return { since: began, timedOut, isBusy, endsAt: timedOut ? null : endsAt };
}
