/**
 * The course of a service: which pools carry its traffic now, and how it gets from there to what is declared. What is
 * remembered goes in, what is to be remembered comes out.
 */
import type { DeclaredService } from '../../declared/types.ts';
import type { AppId, Millis, TaskId } from '../../model/ids.ts';
import { earlier } from '../../model/weights.ts';
import type { AssessedPool } from '../assess.ts';
import type { Answers, Ask } from '../asks.ts';
import { choose, type Choice } from '../choose.ts';
import type { ObservedSlot } from '../observed.ts';
import type { ServiceMemory } from '../verdict.ts';
import type { Wish, WishState } from '../wishes.ts';
import { advance } from './advance.ts';
import { guarded } from './guards.ts';
import { latched, latchesAsFound, latchesInForce } from './latches.ts';
import { asFound, manualChoice, manualInForce } from './manual.ts';
import { overdue } from './overdue.ts';
import { ramped } from './ramp.ts';
import * as reason from './reasons.ts';
import { regrown, restored, restoringAfter } from './restore.ts';
import { retirement } from './retire.ts';
import { staying } from './roll.ts';
import { combined, type Weights } from './shares.ts';
import { freshOf, oldOf, oldShares, sharesOfNew, started } from './start.ts';
import type { TransitionMemory, TransitionView } from './types.ts';

export interface CourseInput {
  readonly now: Millis;
  readonly service: DeclaredService;
  readonly pools: readonly AssessedPool[];
  readonly slots: readonly ObservedSlot[];
  readonly memory: ServiceMemory | undefined;
  readonly answers: Answers;
  readonly wishStates: ReadonlyMap<AppId, WishState>;
}

/** What is remembered about transitions. */
export type CourseMemory = Omit<ServiceMemory, 'service' | 'pools' | 'nextSide'>;

export interface Course {
  readonly choice: Choice;
  readonly memory: CourseMemory;
  /** Pools that have reached the end of their transition. */
  readonly complete: ReadonlySet<AppId>;
  readonly view: TransitionView | null;
  readonly asks: readonly Ask[];
  readonly wishes: readonly Wish[];
  readonly rotations: ReadonlyMap<TaskId, 'hold' | 'close'>;
  readonly wakeAt: Millis | null;
  readonly watching: boolean;
}

const noCourse: CourseMemory = {
  transition: null,
  latches: [],
  manual: null,
  last: null,
  replaced: null,
  guards: [],
  restoring: null,
  ramp: null,
};

export function course(input: CourseInput): Course {
  const { now } = input;
  const pools = input.memory === undefined ? asFound(input.pools) : input.pools;
  const { transition, latches, last, replaced, guards, restoring, ramp } = input.memory ?? noCourse;
  const late = overdue(now, pools, {
    transition,
    last,
    replaced,
    guards,
    restoring,
    ramp,
    latches: input.memory === undefined ? latchesAsFound(now, pools) : latchesInForce(latches, pools),
    manual: manualInForce(now, pools, input.memory),
  });
  const begun = started(now, pools, late.memory);
  return settle({ ...input, pools }, begun.memory, { complete: begun.complete, wakeAt: late.wakeAt });
}

interface SoFar {
  readonly complete: ReadonlySet<AppId>;
  readonly wakeAt: Millis | null;
}

/** Takes the transition under way on; without one, the traffic is where it belongs. */
function settle(input: CourseInput, memory: CourseMemory, soFar: SoFar): Course {
  const { transition } = memory;
  if (transition === null) return atRest(input, memory, soFar);
  const { now, pools, service, slots, answers, wishStates } = input;
  const held = heldBy(memory);
  const fresh = freshOf(pools, held, transition.priority, transition);
  const some = sharesOfNew(fresh);
  const back = regrown(now, pools, memory.restoring, wishStates);
  // Who was sent back helps out only until the old version has its instances again.
  const isShort = back.restoring !== null && back.up < back.wanted;
  const sentBack = heldBy({ latches: memory.latches.filter(({ by }) => by === null && !isShort) });
  const remaining = pools.filter((each) => !sentBack.has(each.pool.app));
  const othersWithout = (leaving: TransitionMemory['leaving']) =>
    oldShares(transition, staying(remaining, leaving), held, some.size === 0);
  const chosen = choose(pools, held);
  const weightsAt = (part: number, others: Weights) =>
    chosen.rule === 'no-fail-over' ? chosen.weights : (combined(some, others, part) ?? chosen.weights);
  const outcome = advance({
    service: service.id,
    now,
    transition,
    fresh,
    old: oldOf(transition, pools),
    slots,
    answers,
    wishStates,
    isConfirmed: (part) => isCarried(pools, weightsAt(part, othersWithout(transition.leaving))),
    manual: memory.manual,
  });
  const ended = {
    to: fresh.map((each) => each.pool.app),
    startedAt: transition.startedAt,
    endedAt: now,
    judged: outcome.outcome === 'under-way' ? null : (outcome.judged ?? null),
  };
  if (outcome.outcome === 'aborted') {
    const { because } = outcome;
    const after: CourseMemory = {
      ...memory,
      transition: null,
      manual: null,
      latches: latched(now, memory.latches, fresh, because),
      last: { outcome: 'aborted', because, ...ended },
      restoring: restoringAfter(now, transition, pools, memory.restoring),
    };
    return atRest(input, after, soFar);
  }
  if (outcome.outcome === 'complete') {
    const apps = [...new Set([...transition.stable, ...(transition.from ?? [])].map(({ app }) => app))];
    const after: CourseMemory = {
      ...memory,
      transition: null,
      last: { outcome: 'complete', because: reason.complete(fresh), ...ended },
      replaced: { apps: apps.filter((app) => !ended.to.includes(app)), by: ended.to, at: now },
    };
    const done = pools.map((each) => (ended.to.includes(each.pool.app) ? { ...each, complete: true } : each));
    return atRest({ ...input, pools: done }, after, {
      ...soFar,
      complete: new Set([...soFar.complete, ...ended.to]),
    });
  }
  const others = othersWithout(outcome.transition.leaving);
  const isFresh = (app: AppId) => fresh.some((each) => each.pool.app === app);
  const choice: Choice = {
    rule:
      chosen.rule === 'no-fail-over'
        ? chosen.rule
        : some.size > 0 || others.size > 0
          ? 'priority'
          : chosen.rule,
    priority: transition.priority,
    weights: weightsAt(outcome.weight, others),
  };
  return {
    // Who leaves takes nothing, whatever weight somebody sets.
    choice: manualChoice(memory.manual, choice, staying(pools, outcome.transition.leaving), held),
    memory: { ...memory, transition: outcome.transition, guards: [], restoring: back.restoring },
    complete: soFar.complete,
    view: outcome.view,
    asks: outcome.asks,
    wishes: [...outcome.wishes, ...back.wishes.filter(({ app }) => !isFresh(app))],
    rotations: outcome.rotations,
    wakeAt: earlier(soFar.wakeAt, outcome.wakeAt),
    watching: outcome.watching || back.restoring !== null,
  };
}

function atRest(input: CourseInput, before: CourseMemory, soFar: SoFar): Course {
  const { now, pools, slots, service, answers } = input;
  const guards = guarded({ now, service: service.id, pools, slots, answers, memory: before });
  const { memory } = guards;
  const back = restored(now, pools, memory, choose(pools, heldBy(memory)), input.wishStates);
  const wanted = manualChoice(memory.manual, back.choice, pools, heldBy(memory));
  const ramp = ramped({
    now,
    service,
    pools,
    held: heldBy(memory),
    choice: wanted,
    memory: { ...memory, restoring: back.restoring },
  });
  const { choice } = ramp;
  const retired = retirement(
    now,
    service,
    pools,
    { ...memory, restoring: back.restoring },
    choice,
    input.memory,
  );
  return {
    choice,
    memory: {
      ...memory,
      restoring: back.restoring,
      replaced: retired.replaced,
      ramp: ramp.memory,
      last: ramp.last,
    },
    complete: soFar.complete,
    view: ramp.view,
    asks: guards.asks,
    wishes: [...back.wishes, ...retired.wishes],
    rotations: new Map(),
    wakeAt: [soFar.wakeAt, guards.wakeAt, retired.wakeAt, ramp.wakeAt].reduce(earlier, null),
    watching: ramp.watching || guards.asks.length > 0 || back.restoring !== null || retired.wishes.length > 0,
  };
}

export function heldBy({ latches }: Pick<CourseMemory, 'latches'>): ReadonlySet<AppId> {
  return new Set(latches.map((latch) => latch.app));
}

/** Whether the data plane runs these weights. */
function isCarried(pools: readonly AssessedPool[], weights: Choice['weights']): boolean {
  return pools.every((each) => each.weight === (weights.get(each.pool.app) ?? 0));
}
