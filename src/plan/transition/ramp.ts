/** Ramps: where a service says so, shares of equal priority move by so much at a time, and stay for so long. */
import type { DeclaredService } from '../../declared/types.ts';
import { type AppId, type Millis, millis } from '../../model/ids.ts';
import { type BasisPoints, shares } from '../../model/weights.ts';
import type { AssessedPool } from '../assess.ts';
import type { Choice } from '../choose.ts';
import type { CourseMemory } from './course.ts';
import { unjudged } from './judge.ts';
import * as reason from './reasons.ts';
import { same, type Shares, toward } from './ramp-shares.ts';
import type { Ended, RampMemory, RampWay, TransitionView } from './types.ts';

export interface RampInput {
  readonly now: Millis;
  readonly service: DeclaredService;
  readonly pools: readonly AssessedPool[];
  readonly held: ReadonlySet<AppId>;
  /** What is wanted. */
  readonly choice: Choice;
  readonly memory: CourseMemory;
}

export interface Ramped {
  readonly choice: Choice;
  readonly memory: RampMemory | null;
  readonly last: Ended | null;
  readonly view: TransitionView | null;
  readonly wakeAt: Millis | null;
  readonly watching: boolean;
}

/** Nothing was moved lately. */
const longAgo = millis(0);

/**
 * Takes the shares on towards those that are wanted. Nothing moves while somebody who has a share cannot serve: who dies
 * leaves his to the others at once, and has it again at once. Where nobody carries, the wanted shares hold at once.
 */
export function ramped(input: RampInput): Ramped {
  const { now, service, pools, choice, memory } = input;
  const { last, restoring, manual, ramp: before } = memory;
  const stay = (ramp: RampMemory | null): Ramped => ({
    choice,
    memory: ramp,
    last,
    view: null,
    wakeAt: null,
    watching: false,
  });
  if (service.ramp === undefined) return stay(null);
  const goal = listOf(choice.weights);
  if (manual !== null) return stay({ shares: goal, since: longAgo, way: null });
  if (choice.rule !== 'priority' || restoring !== null) return stay(before);
  const had = staying(input);
  const carrying = had.filter(({ app }) => serves(input, app));
  if (carrying.length === 0) return stay({ shares: goal, since: longAgo, way: null });
  const isWhole = carrying.length === had.length;
  const since = before === null ? longAgo : (before.since ?? (isCarried(pools, carrying) ? now : null));
  const way = wayOn(input, before?.way ?? null, isWhole ? goal : null);
  const state: State = { shares: had, since, way };
  if (way?.aborted != null || !isWhole) return seen(input, carrying, state, isWhole);
  if (same(had, goal)) {
    if (way === null || since === null) return seen(input, carrying, state, isWhole);
    return { ...seen(input, carrying, { ...state, way: null }, isWhole), last: completed(now, way) };
  }
  const under: RampWay = way ?? { startedAt: now, from: had, goal, step: 0, paused: null, aborted: null };
  if (under.paused !== null || since === null || now < since + service.ramp.holdMs) {
    return seen(input, carrying, { ...state, way: under }, isWhole);
  }
  const moved = toward(had, goal, service.ramp.step);
  const next = { shares: moved, since: null, way: { ...under, step: under.step + 1 } };
  return seen(input, moved, next, isWhole);
}

type State = RampMemory;

/** What was declared decides whether an abort still holds: readiness and death come and go. */
export function declaredOf(
  pools: readonly { readonly app: AppId; readonly weight: number | null }[],
): string {
  const weights = pools.map(({ app, weight }) => ({ app, weight }));
  return JSON.stringify(weights.sort((a, b) => (a.app < b.app ? -1 : 1)));
}

/** @param goal null while it is not known, because somebody cannot serve */
function wayOn({ service }: RampInput, way: RampWay | null, goal: Shares | null): RampWay | null {
  if (way === null) return null;
  if (way.aborted === null) return { ...way, goal: goal ?? way.goal };
  return way.aborted.declared === declaredOf(service.pools) ? way : null;
}

/** The shares that there were, of those that still may have one: who has gone leaves his to the others. */
function staying({ pools, held, choice, memory }: RampInput): Shares {
  const before = memory.ramp?.shares ?? pools.map((each) => ({ app: each.pool.app, weight: each.weight }));
  const present = new Set(
    pools
      .filter((each) => each.priority === choice.priority && !held.has(each.pool.app))
      .filter((each) => each.app.instances > 0 && (each.pool.weight !== 0 || each.up > 0))
      .map((each) => each.pool.app),
  );
  return whole(before.filter(({ app, weight }) => weight > 0 && present.has(app)));
}

/** Who is to lose its share has it until then. */
function serves({ pools, choice }: RampInput, app: AppId): boolean {
  if (choice.weights.has(app)) return true;
  return pools.some((each) => each.pool.app === app && each.pool.weight === 0 && each.up > 0);
}

function seen(input: RampInput, carrying: Shares, state: State, isWhole: boolean): Ramped {
  const weights = new Map(whole(carrying).map(({ app, weight }) => [app, weight]));
  const { way, since } = state;
  const rest = { choice: { ...input.choice, weights }, memory: state, last: input.memory.last };
  const { ramp: rule } = input.service;
  if (way === null || way.aborted !== null || rule === undefined)
    return { ...rest, view: null, wakeAt: null, watching: since === null };
  const isThere = same(state.shares, way.goal);
  const isHeld = way.paused !== null || !isWhole || isThere;
  const wakeAt = since === null || isHeld ? null : millis(since + rule.holdMs);
  return { ...rest, view: viewOf(input, state, way, wakeAt), wakeAt, watching: since === null };
}

function viewOf(
  { now, service, pools }: RampInput,
  state: State,
  way: RampWay,
  holdEndsAt: Millis | null,
): TransitionView {
  const to = risingIn(way);
  const step = service.ramp?.step ?? 1;
  const at = {
    step: Math.max(1, way.step),
    steps: Math.max(1, way.step + stepsLeft(state.shares, way.goal, step)),
    weight: state.shares.reduce((sum, each) => sum + (to.includes(each.app) ? each.weight : 0), 0),
  };
  const missing = pools.filter(
    (each) => each.up === 0 && state.shares.some(({ app }) => app === each.pool.app),
  );
  const because =
    way.paused !== null
      ? reason.paused(at, way.paused)
      : state.since === null
        ? reason.shifting(at)
        : holdEndsAt === null
          ? reason.rampWaits(at, missing)
          : reason.ramping(at, step, holdEndsAt - now);
  return {
    phase: way.paused !== null ? 'paused' : state.since === null ? 'shifting' : 'holding',
    strategy: 'switch',
    startedAt: way.startedAt,
    to,
    from: way.from.map(({ app }) => app).filter((app) => !to.includes(app)),
    ...at,
    holdEndsAt,
    paused: way.paused,
    judgement: unjudged,
    because,
  };
}

/** Whose shares grow from where it began. */
export function risingIn({ from, goal }: RampWay): readonly AppId[] {
  const began = new Map(from.map(({ app, weight }) => [app, weight]));
  const rising = goal.filter(({ app, weight }) => weight > (began.get(app) ?? 0));
  return (rising.length > 0 ? rising : goal).map(({ app }) => app);
}

function stepsLeft(now: Shares, goal: Shares, step: BasisPoints): number {
  const weights = new Map(goal.map(({ app, weight }) => [app, weight]));
  const falls = now.map(({ app, weight }) => Math.abs((weights.get(app) ?? 0) - weight));
  const enters = goal.filter(({ app }) => !now.some((each) => each.app === app)).map(({ weight }) => weight);
  return Math.ceil(Math.max(0, ...falls, ...enters) / Math.max(1, step));
}

function completed(now: Millis, way: RampWay): Ended {
  const to = risingIn(way);
  return {
    outcome: 'complete',
    to,
    startedAt: way.startedAt,
    endedAt: now,
    because: reason.rampComplete(way.goal),
  };
}

function listOf(weights: Choice['weights']): Shares {
  return [...weights].map(([app, weight]) => ({ app, weight })).filter(({ weight }) => weight > 0);
}

function whole(list: Shares): Shares {
  const parts = shares(list.map(({ weight }) => weight));
  return list.map(({ app }, index) => ({ app, weight: parts[index] ?? 0 }));
}

/** Whether the data plane runs these shares. */
function isCarried(pools: readonly AssessedPool[], carrying: Shares): boolean {
  const weights = new Map(whole(carrying).map(({ app, weight }) => [app, weight]));
  return pools.every((each) => each.weight === (weights.get(each.pool.app) ?? 0));
}
