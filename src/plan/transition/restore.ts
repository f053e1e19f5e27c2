/** After an abort: what was scaled away comes back before the old version has everything again. */
import type { AppId, Millis } from '../../model/ids.ts';
import { whole } from '../../model/weights.ts';
import type { AssessedPool } from '../assess.ts';
import type { Choice } from '../choose.ts';
import type { Wish, WishState } from '../wishes.ts';
import type { CourseMemory } from './course.ts';
import * as reason from './reasons.ts';
import { combined, sharesAmong } from './shares.ts';
import type { Restoring, TransitionMemory } from './types.ts';

/** Null when nothing was taken away. */
export function restoringAfter(
  now: Millis,
  transition: TransitionMemory,
  pools: readonly AssessedPool[],
): Restoring | null {
  if (transition.strategy !== 'rolling') return null;
  const stable = new Set(transition.stable.map(({ app }) => app));
  const instances = transition.instances.filter(({ app }) => stable.has(app));
  const isLess = instances.some(({ app, count }) => {
    const each = pools.find(({ pool }) => pool.app === app);
    return each !== undefined && (each.app.instances < count || each.up < count);
  });
  return isLess || transition.leaving.length > 0 ? { since: now, instances } : null;
}

export interface Restored {
  readonly choice: Choice;
  readonly restoring: Restoring | null;
  readonly wishes: readonly Wish[];
}

/** A kill that was under way shows only after a while; so long, ms, it is looked for. */
const settledMs = 30_000;
/** Where no `ready.within` bounds how long instances may take to come back, ms. */
const longestMs = 600_000;

/**
 * The old version has as much as it has capacity for; what was sent back keeps the rest meanwhile, if it can. But not for
 * ever: where Marathon refuses, or it takes longer than `ready.within`, less capacity is better than a bad version.
 */
export function restored(
  now: Millis,
  pools: readonly AssessedPool[],
  { restoring, latches }: CourseMemory,
  choice: Choice,
  wishStates: ReadonlyMap<AppId, WishState>,
): Restored {
  if (restoring === null) return { choice, restoring, wishes: [] };
  const missing = restoring.instances.flatMap(({ app, count }) => {
    const each = pools.find(({ pool }) => pool.app === app);
    return each === undefined ? [] : [{ each, count }];
  });
  const wanted = missing.reduce((sum, { count }) => sum + count, 0);
  const up = missing.reduce((sum, { each, count }) => sum + Math.min(each.up, count), 0);
  const isOver = up >= wanted && now >= restoring.since + settledMs;
  const within = Math.max(...missing.map(({ each }) => each.pool.ready.withinMs ?? longestMs));
  const isHopeless =
    now >= restoring.since + within ||
    missing.some(({ each }) => wishStates.get(each.pool.app)?.outcome === 'refused');
  if (isOver || isHopeless) return { choice, restoring: null, wishes: [] };
  if (up >= wanted) return { choice, restoring, wishes: [] };
  const because = reason.restoring(up, wanted);
  const wishes = missing
    .filter(({ each, count }) => each.app.instances < count)
    .map(({ each, count }): Wish => ({ kind: 'scale', app: each.pool.app, instances: count, because }));
  const held = new Set(latches.map((latch) => latch.app));
  const sentBack = sharesAmong(pools.filter((each) => held.has(each.pool.app) && each.weight > 0));
  const part = Math.floor((whole * up) / wanted);
  // Where there is nobody else, the last resort is who was sent back.
  const old = new Map(up === 0 ? [] : [...choice.weights].filter(([app]) => !held.has(app)));
  const weights = combined(sentBack, old, whole - part) ?? choice.weights;
  return { choice: { ...choice, weights }, restoring, wishes };
}
