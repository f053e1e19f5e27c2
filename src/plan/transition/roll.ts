/**
 * Strategy `rolling`: the new app grows as the old one shrinks. Instances are added while there is room, old ones get no
 * new requests once enough new ones are up, and exactly those are killed when they have finished what they had.
 */
import { type Millis, millis, type ServiceId, type TaskId } from '../../model/ids.ts';
import { type BasisPoints, earlier, whole } from '../../model/weights.ts';
import type { AssessedEndpoint, AssessedPool } from '../assess.ts';
import type { Answers, Ask } from '../asks.ts';
import type { Wish } from '../wishes.ts';
import { instancesAtStart, oldInstances } from './grow.ts';
import * as reason from './reasons.ts';
import { askPending } from './pending.ts';
import type { Leaving, TransitionMemory } from './types.ts';

export interface Roll {
  /** The new pools' share: as much as of the capacity is theirs. */
  readonly weight: BasisPoints;
  readonly leaving: TransitionMemory['leaving'];
  /** Old tasks that get no new request, or whose connections are to be closed. */
  readonly rotations: ReadonlyMap<TaskId, 'hold' | 'close'>;
  readonly wishes: readonly Wish[];
  readonly asks: readonly Ask[];
  /** Old instances that there were. */
  readonly total: number;
  /** What is waited for: instances that come up, or old ones that finish. */
  readonly growing: { readonly each: AssessedPool; readonly wanted: number } | null;
  readonly sessions: number;
  readonly isDone: boolean;
  readonly wakeAt: Millis | null;
}

export interface RollInput {
  readonly service: ServiceId;
  readonly answers: Answers;
  readonly now: Millis;
  readonly transition: TransitionMemory;
  readonly fresh: readonly AssessedPool[];
  /** Of these, the one that declares how they take over: it grows, and no other. */
  readonly lead: AssessedPool;
  readonly old: readonly AssessedPool[];
  /** Whether another round may begin: nobody has paused it, and the last round was judged well. */
  readonly mayGoOn: boolean;
}

/**
 * The service never has fewer instances up than the old version had when it began, and at most one batch more: a batch
 * is as many instances as the new app was posted with, or one, when it was posted with all of them.
 */
export function roll(input: RollInput): Roll {
  const { now, transition, fresh, lead, old, mayGoOn } = input;
  const total = oldInstances(transition);
  const posted = instancesAtStart(transition.instances, lead);
  const target = Math.max(total, posted);
  const batch = posted < target ? Math.max(1, posted) : 1;

  // Who leaves is needed again when no new one serves any more.
  const isNeeded = fresh.every((each) => each.up === 0);
  const left = isNeeded ? [] : leavingOf(transition, old);
  const leavingNow = new Set(left.map((each) => each.task));
  const remain = servingTasks(old).filter((task) => !leavingNow.has(task.endpoint.task));
  const surplus = remain.length + lead.passed - target;
  const room = Math.min(surplus, batch);
  const mayEnter = lead.ready || lead.entered;
  const mayBegin = mayGoOn && mayEnter && !isNeeded && left.length === 0 && room > 0;
  const begun = mayBegin ? remain.slice(0, room).map(({ endpoint }) => endpoint.task) : [];
  const leaving = [...left, ...begun.map((task) => ({ task, since: now, asked: 0, busyAt: null }))];
  const remaining = remain.length - begun.length;
  // Old instances that do not serve need no successor.
  const part = mayEnter ? Math.max(0, Math.round(whole * (1 - remaining / Math.max(total, remaining)))) : 0;
  const weight = remaining === 0 ? whole : part;

  const oldLeft = old.reduce((sum, each) => sum + each.app.instances, 0);
  const ended = endingsOf(input, leaving);
  const wishes = [...ended.wishes, ...deadWishes(old, lead.passed >= target && leaving.length === 0)];
  const isUp = lead.passed >= lead.app.instances;
  const next = Math.min(target, lead.app.instances + batch);
  const wantsMore = lead.app.instances < target;
  if (wantsMore && isUp && mayGoOn && next + oldLeft <= target + batch) {
    wishes.push({
      kind: 'scale',
      app: lead.pool.app,
      instances: next,
      because: reason.scaledForShare(weight, next),
    });
  }
  const isGrowing = leaving.length === 0 && (wantsMore || !isUp) && !(oldLeft === 0 && isUp && !wantsMore);
  return {
    weight,
    leaving: ended.leaving,
    rotations: ended.rotations,
    wishes,
    asks: ended.asks,
    total,
    growing: isGrowing ? { each: lead, wanted: isUp ? next : lead.app.instances } : null,
    sessions: ended.sessions,
    isDone: oldLeft === 0 && leaving.length === 0 && lead.app.instances >= target && isUp,
    wakeAt: ended.wakeAt,
  };
}

/** How many of the old instances are gone. */
export function goneOf(transition: TransitionMemory, old: readonly AssessedPool[]): number {
  const left = old.reduce((sum, each) => sum + each.app.instances, 0);
  return Math.max(0, oldInstances(transition) - left);
}

interface OldTask {
  readonly each: AssessedPool;
  readonly endpoint: AssessedEndpoint;
}

/** Those of older configurations and those with the fewest sessions leave first. */
function servingTasks(old: readonly AssessedPool[]): readonly OldTask[] {
  return old
    .flatMap((each) => each.endpoints.filter(({ serves }) => serves).map((endpoint) => ({ each, endpoint })))
    .sort(
      (a, b) =>
        Number(a.endpoint.current) - Number(b.endpoint.current) ||
        a.endpoint.sessions - b.endpoint.sessions ||
        (a.endpoint.task < b.endpoint.task ? -1 : 1),
    );
}

/** The pools as they are without those that leave. */
export function staying(
  pools: readonly AssessedPool[],
  leaving: TransitionMemory['leaving'],
): readonly AssessedPool[] {
  if (leaving.length === 0) return pools;
  const tasks = new Set(leaving.map(({ task }) => task));
  return pools.map((each) => {
    const endpoints = each.endpoints.map((endpoint) =>
      tasks.has(endpoint.task) ? { ...endpoint, serves: false } : endpoint,
    );
    return { ...each, endpoints, up: endpoints.filter(({ serves }) => serves).length };
  });
}

/** Those that are still there. */
function leavingOf({ leaving }: TransitionMemory, old: readonly AssessedPool[]): TransitionMemory['leaving'] {
  const present = new Set(old.flatMap((each) => each.endpoints.map((endpoint) => endpoint.task)));
  return leaving.filter((each) => present.has(each.task));
}

interface Endings {
  readonly leaving: Leaving[];
  readonly asks: Ask[];
  readonly rotations: Map<TaskId, 'hold' | 'close'>;
  readonly wishes: Wish[];
  readonly sessions: number;
  readonly wakeAt: Millis | null;
}

/** Killed is who was seen out of rotation, with nothing in progress, by its own word too where it is asked. */
function endingsOf(
  { now, service, lead, old, answers }: RollInput,
  leaving: TransitionMemory['leaving'],
): Endings {
  const known = new Map(leaving.map((each) => [each.task, each]));
  const asks: Ask[] = [];
  const rotations = new Map<TaskId, 'hold' | 'close'>();
  const wishes: Wish[] = [];
  let sessions = 0;
  let wakeAt: Millis | null = null;
  for (const each of old) {
    const idle: TaskId[] = [];
    for (const endpoint of each.endpoints) {
      const one = known.get(endpoint.task);
      if (one === undefined) continue;
      const endsAt = millis(one.since + each.pool.drain.timeoutMs);
      const isLate = now >= endsAt;
      rotations.set(endpoint.task, isLate && each.pool.drain.then === 'close' ? 'close' : 'hold');
      sessions += endpoint.sessions;
      if (!isLate) wakeAt = earlier(wakeAt, endsAt);
      if (endpoint.inRotation || endpoint.sessions > 0 || one.since >= now) continue;
      const rule = isLate ? null : lead.pool.rollout.pending;
      const asked =
        rule === null ? null : askPending({ now, service, rule, one, endpoint, app: each.pool.app, answers });
      if (asked === null || asked.isDone) idle.push(endpoint.task);
      if (asked === null) continue;
      known.set(endpoint.task, asked.one);
      if (asked.ask !== null) asks.push(asked.ask);
      wakeAt = earlier(wakeAt, asked.wakeAt);
    }
    if (idle.length === 0) continue;
    const because = reason.because('leaving', 'has finished what it had', { tasks: idle.length });
    wishes.push({ kind: 'kill', app: each.pool.app, tasks: idle.toSorted(), because });
  }
  return { leaving: [...known.values()], asks, rotations, wishes, sessions, wakeAt };
}

/** Old instances of which none serves are scaled away once the new version has its full capacity. */
function deadWishes(old: readonly AssessedPool[], isReplaced: boolean): readonly Wish[] {
  if (!isReplaced) return [];
  return old
    .filter((each) => each.app.instances > 0 && !each.endpoints.some(({ serves }) => serves))
    .filter((each) => each.weight === 0 && each.sessions === 0)
    .map((each) => ({
      kind: 'scale' as const,
      app: each.pool.app,
      instances: 0,
      because: reason.because('retiring', 'none of its instances serves any more'),
    }));
}
