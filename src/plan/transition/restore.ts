/** After an abort: what was scaled away comes back before the old version has everything again. */
import type { Millis } from '../../model/ids.ts';
import { whole } from '../../model/weights.ts';
import type { AssessedPool } from '../assess.ts';
import type { Choice } from '../choose.ts';
import type { Wish } from '../wishes.ts';
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
  return isLess ? { since: now, instances } : null;
}

export interface Restored {
  readonly choice: Choice;
  readonly restoring: Restoring | null;
  readonly wishes: readonly Wish[];
}

/** The old version has as much as it has capacity for; what was sent back keeps the rest meanwhile, if it can. */
export function restored(
  pools: readonly AssessedPool[],
  { restoring, latches }: CourseMemory,
  choice: Choice,
): Restored {
  if (restoring === null) return { choice, restoring, wishes: [] };
  const missing = restoring.instances.flatMap(({ app, count }) => {
    const each = pools.find(({ pool }) => pool.app === app);
    return each === undefined ? [] : [{ each, count }];
  });
  const wanted = missing.reduce((sum, { count }) => sum + count, 0);
  const up = missing.reduce((sum, { each, count }) => sum + Math.min(each.up, count), 0);
  if (up >= wanted) return { choice, restoring: null, wishes: [] };
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
