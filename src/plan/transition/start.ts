/** When a transition begins, and when another one or none takes the place of the one under way. */
import type { AppId, Millis } from '../../model/ids.ts';
import type { AssessedPool } from '../assess.ts';
import { canServe, choose } from '../choose.ts';
import type { Because } from '../because.ts';
import type { CourseMemory } from './course.ts';
import { unjudged } from './judge.ts';
import { latched } from './latches.ts';
import * as reason from './reasons.ts';
import { restoringAfter } from './restore.ts';
import { sharesAmong, sharesAsBefore, type Weights } from './shares.ts';
import { leadOf } from './lead.ts';
import { isAtOnce } from './steps.ts';
import type { TransitionMemory, TransitionOutcome, Versioned } from './types.ts';

export interface Started {
  readonly memory: CourseMemory;
  /** Pools that carry without a transition: the first ones, and those that take over at once. */
  readonly complete: ReadonlySet<AppId>;
}

/**
 * A version of a higher priority than what is complete goes its way by steps. Nobody to fall back to, no steps declared,
 * or a version that was complete before: it has everything at once.
 */
export function started(now: Millis, pools: readonly AssessedPool[], known: CourseMemory): Started {
  const memory = ended(now, pools, known);
  const held = new Set(memory.latches.map((latch) => latch.app));
  const goal = choose(pools, held);
  const complete = new Set(pools.filter((each) => each.complete).map((each) => each.pool.app));
  if (goal.rule !== 'priority' || goal.priority === null || memory.manual !== null)
    return { memory, complete };
  const { priority } = goal;
  if (memory.transition !== null && memory.transition.priority >= priority) return { memory, complete };
  const fresh = freshOf(pools, held, priority).filter((each) => goal.weights.has(each.pool.app));
  const stable = stableBelow(pools, held, priority);
  const isComplete = fresh.some((each) => each.complete);
  if (isComplete || stable.length === 0 || fresh.every((each) => isAtOnce(each.pool.rollout))) {
    const entering = fresh.filter((each) => each.ready && !each.complete).map((each) => each.pool.app);
    const without = superseded(now, memory, pools, fresh, isComplete);
    const ousted = pools.filter((each) => memory.transition?.to.some(({ app }) => app === each.pool.app));
    const before = stable.length === 0 ? [] : [...stable, ...ousted];
    const moved = isComplete || entering.length === 0 ? without : movedAtOnce(now, without, fresh, before);
    return { memory: moved, complete: new Set([...complete, ...entering]) };
  }
  const after = superseded(now, memory, pools, fresh, false);
  const transition = begin(now, pools, fresh, stable, { ...after, transition: memory.transition });
  const to = new Set<AppId>(fresh.map((each) => each.pool.app));
  // Instance by instance, it keeps to that capacity by itself.
  const restoring = transition.strategy === 'rolling' ? null : after.restoring;
  return {
    memory: { ...after, transition, restoring, guards: [] },
    complete: new Set([...complete].filter((app) => !to.has(app))),
  };
}

/**
 * The pools of a priority that take part: they are ready, or have had traffic before, or were ready when the transition
 * to them began (at a first step of 0 % they have had none).
 */
export function freshOf(
  pools: readonly AssessedPool[],
  held: ReadonlySet<AppId>,
  priority: number,
  begun: TransitionMemory | null = null,
): readonly AssessedPool[] {
  const to = new Set(begun?.to.map(({ app }) => app));
  return pools.filter(
    (each) =>
      each.priority === priority &&
      !held.has(each.pool.app) &&
      each.app.instances > 0 &&
      each.pool.weight !== 0 &&
      (each.ready || each.entered || to.has(each.pool.app)),
  );
}

/** Those to fall back to, whether they can serve at this moment or not. Who has risen to the new ones' priority is new. */
export function oldOf(transition: TransitionMemory, pools: readonly AssessedPool[]): readonly AssessedPool[] {
  const apps = new Set([...transition.stable, ...(transition.from ?? [])].map(({ app }) => app));
  return pools.filter((each) => apps.has(each.pool.app) && each.priority < transition.priority);
}

export function sharesOfNew(fresh: readonly AssessedPool[]): Weights {
  return sharesAmong(fresh);
}

/**
 * How the old ones share what the new ones do not have.
 * @param isNeeded whether the new ones cannot serve, so that even who is not ready must
 */
export function oldShares(
  transition: TransitionMemory,
  pools: readonly AssessedPool[],
  held: ReadonlySet<AppId>,
  isNeeded: boolean,
): Weights {
  const below = pools.filter((each) => each.priority < transition.priority);
  const before = transition.from === null ? new Map() : sharesAsBefore(transition.from, below);
  if (before.size > 0) return before;
  const known = new Set(transition.stable.map(({ app }) => app));
  for (const candidates of [below.filter((each) => known.has(each.pool.app)), below]) {
    const choice = choose(candidates, held);
    if (choice.rule === 'priority' || (isNeeded && choice.rule === 'last-resort')) return choice.weights;
  }
  return new Map();
}

function stableBelow(
  pools: readonly AssessedPool[],
  held: ReadonlySet<AppId>,
  priority: number,
): readonly AssessedPool[] {
  return pools.filter(
    (each) =>
      each.complete &&
      each.priority < priority &&
      !held.has(each.pool.app) &&
      each.app.instances > 0 &&
      each.pool.weight !== 0,
  );
}

function begin(
  now: Millis,
  pools: readonly AssessedPool[],
  fresh: readonly AssessedPool[],
  stable: readonly AssessedPool[],
  { transition: before, restoring }: Pick<CourseMemory, 'transition' | 'restoring'>,
): TransitionMemory {
  const choice = choose(stable);
  const carrying = stable.filter((each) => choice.weights.has(each.pool.app));
  const known = carrying.length > 0 ? carrying : stable;
  const isNew = new Set(fresh.map((each) => each.pool.app));
  const others = pools.filter((each) => !isNew.has(each.pool.app) && each.weight > 0);
  const isElsewhere = others.some((each) => !known.includes(each)) && others.some(canServe);
  const old = pools.filter(
    (each) => known.includes(each) || before?.stable.some(({ app }) => app === each.pool.app),
  );
  // What was taken away and is not back yet is theirs still.
  const taken = [...(before?.instances ?? []), ...(restoring?.instances ?? [])];
  return {
    startedAt: now,
    priority: fresh[0]?.priority ?? 0,
    strategy: leadOf(fresh)?.pool.rollout.strategy ?? 'switch',
    to: fresh.map(versioned),
    stable: old.map((each) => ({ app: each.pool.app, weight: choice.weights.get(each.pool.app) ?? 0 })),
    from: isElsewhere ? others.map((each) => ({ app: each.pool.app, weight: each.weight })) : null,
    instances: [...fresh, ...old].map((each) => ({
      app: each.pool.app,
      count: Math.max(
        each.app.instances,
        ...taken.filter(({ app }) => app === each.pool.app).map(({ count }) => count),
      ),
    })),
    grown: 0,
    step: 0,
    stepSince: null,
    paused: null,
    belowSince: null,
    judgement: unjudged,
    leaving: [],
    growingSince: null,
  };
}

function versioned(each: AssessedPool): Versioned {
  return { app: each.pool.app, configuredAt: each.app.lastConfigChangeAt };
}

/** A transition whose new version is gone, or is another one by now, has ended. */
function ended(now: Millis, pools: readonly AssessedPool[], memory: CourseMemory): CourseMemory {
  const { transition } = memory;
  if (transition === null) return memory;
  const byApp = new Map(pools.map((each) => [each.pool.app, each]));
  const present = transition.to.filter(({ app }) => (byApp.get(app)?.app.instances ?? 0) > 0);
  const end = (outcome: TransitionOutcome, because: Because): CourseMemory => ({
    ...memory,
    transition: null,
    restoring: restoringAfter(now, transition, pools, memory.restoring),
    last: {
      outcome,
      to: transition.to.map(({ app }) => app),
      startedAt: transition.startedAt,
      endedAt: now,
      because,
    },
  });
  if (present.length === 0) return end('aborted', reason.versionGone(transition.to.map(({ app }) => app)));
  const other = present.find(
    ({ app, configuredAt }) => byApp.get(app)?.app.lastConfigChangeAt !== configuredAt,
  );
  if (other !== undefined) return end('superseded', reason.changed(other.app));
  return present.some(({ app }) => byApp.get(app)?.priority === transition.priority)
    ? memory
    : end('superseded', reason.changed(present[0]?.app ?? ''));
}

/** What had begun before `fresh` was ready does not begin again as long as that is there. */
function superseded(
  now: Millis,
  memory: CourseMemory,
  pools: readonly AssessedPool[],
  fresh: readonly AssessedPool[],
  wasComplete: boolean,
): CourseMemory {
  const { transition } = memory;
  if (transition === null) return memory;
  const to = new Set(transition.to.map(({ app }) => app));
  const because = reason.superseded(fresh);
  const ousted = pools.filter((each) => to.has(each.pool.app));
  return {
    ...memory,
    transition: null,
    restoring: restoringAfter(now, transition, pools, memory.restoring),
    latches: wasComplete
      ? memory.latches
      : latched(
          now,
          memory.latches,
          ousted,
          because,
          fresh.map((each) => each.pool.app),
        ),
    last: { outcome: 'superseded', to: [...to], startedAt: transition.startedAt, endedAt: now, because },
  };
}

function movedAtOnce(
  now: Millis,
  memory: CourseMemory,
  fresh: readonly AssessedPool[],
  before: readonly AssessedPool[],
): CourseMemory {
  if (before.length === 0) return memory;
  const to = fresh.map((each) => each.pool.app);
  return {
    ...memory,
    last: { outcome: 'complete', to, startedAt: now, endedAt: now, because: reason.complete(fresh) },
    replaced: { apps: before.map((each) => each.pool.app), by: to, at: now },
  };
}
