/** What was scaled away of an old version comes back: before it has everything again after an abort, and behind a newer one. */
import type { AppId, Millis } from '../../model/ids.ts';
import { whole } from '../../model/weights.ts';
import type { AssessedPool } from '../assess.ts';
import type { Choice } from '../choose.ts';
import type { Wish, WishState } from '../wishes.ts';
import type { CourseMemory } from './course.ts';
import * as reason from './reasons.ts';
import { combined, sharesAmong } from './shares.ts';
import type { Restoring, TransitionMemory } from './types.ts';

/** Null when nothing was taken away, neither by this transition nor, `before` says, by an earlier one. */
export function restoringAfter(
  now: Millis,
  transition: TransitionMemory,
  pools: readonly AssessedPool[],
  before: Restoring | null,
): Restoring | null {
  if (transition.strategy !== 'rolling') return before;
  const stable = new Set(transition.stable.map(({ app }) => app));
  const instances = transition.instances.filter(({ app }) => stable.has(app));
  const isLess = instances.some(({ app, count }) => {
    const each = pools.find(({ pool }) => pool.app === app);
    return each !== undefined && (each.app.instances < count || each.up < count);
  });
  return isLess || transition.leaving.length > 0 ? { since: now, instances } : null;
}

interface Regrown {
  readonly restoring: Restoring | null;
  readonly wishes: readonly Wish[];
  /** How many are up of those that there are to be. */
  readonly up: number;
  readonly wanted: number;
}

export interface Restored extends Pick<Regrown, 'restoring' | 'wishes'> {
  readonly choice: Choice;
}

/** A kill that was under way shows only after a while; so long, ms, it is looked for. */
const settledMs = 30_000;
/** Where no `ready.within` bounds how long instances may take to come back, ms. */
const longestMs = 600_000;

/** Until all are back. But not for ever: Marathon may refuse, or it takes longer than `ready.within`. */
export function regrown(
  now: Millis,
  pools: readonly AssessedPool[],
  restoring: Restoring | null,
  wishStates: ReadonlyMap<AppId, WishState>,
): Regrown {
  const missing = (restoring?.instances ?? []).flatMap(({ app, count }) => {
    const each = pools.find(({ pool }) => pool.app === app);
    return each === undefined ? [] : [{ each, count }];
  });
  const wanted = missing.reduce((sum, { count }) => sum + count, 0);
  const up = missing.reduce((sum, { each, count }) => sum + Math.min(each.up, count), 0);
  if (restoring === null) return { restoring, wishes: [], up, wanted };
  const isOver = up >= wanted && now >= restoring.since + settledMs;
  const within = Math.max(...missing.map(({ each }) => each.pool.ready.withinMs ?? longestMs));
  const isHopeless =
    now >= restoring.since + within ||
    missing.some(({ each }) => wishStates.get(each.pool.app)?.outcome === 'refused');
  if (isOver || isHopeless) return { restoring: null, wishes: [], up, wanted };
  const because = reason.restoring(up, wanted);
  const wishes = missing
    .filter(({ each, count }) => each.app.instances < count)
    .map(({ each, count }): Wish => ({ kind: 'scale', app: each.pool.app, instances: count, because }));
  return { restoring, wishes, up, wanted };
}

/**
 * The old version has as much as it has capacity for; what was sent back keeps the rest meanwhile, if it can. Where
 * neither carries, because a newer one does, they only come back.
 */
export function restored(
  now: Millis,
  pools: readonly AssessedPool[],
  { restoring: before, latches }: CourseMemory,
  choice: Choice,
  wishStates: ReadonlyMap<AppId, WishState>,
): Restored {
  const { restoring, wishes, up, wanted } = regrown(now, pools, before, wishStates);
  if (restoring === null || up >= wanted) return { choice, restoring, wishes };
  const held = new Set(latches.map((latch) => latch.app));
  const theirs = new Set([...held, ...restoring.instances.map(({ app }) => app)]);
  if ([...choice.weights.keys()].some((app) => !theirs.has(app))) return { choice, restoring, wishes };
  const carrying = pools.filter((each) => held.has(each.pool.app) && each.weight > 0);
  // Of a version that was only superseded nothing bad is known.
  const ousted = new Set(latches.filter(({ by }) => by !== null).map(({ app }) => app));
  const better = sharesAmong(carrying.filter((each) => ousted.has(each.pool.app)));
  const sentBack = better.size > 0 ? better : sharesAmong(carrying);
  const part = Math.floor((whole * up) / wanted);
  // Where there is nobody else, the last resort is who was sent back.
  const old = new Map(up === 0 ? [] : [...choice.weights].filter(([app]) => !held.has(app)));
  const weights = combined(sentBack, old, whole - part) ?? choice.weights;
  return { choice: { ...choice, weights }, restoring, wishes };
}
