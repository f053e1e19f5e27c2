/** What a person's command makes of the memory of a service. It decides only; the next plan acts on it. */
import { type AppId, type Millis, millis } from '../model/ids.ts';
import { percent } from '../model/weights.ts';
import type { Because } from './because.ts';
import type { Command } from './command.ts';
import { obeyRamp } from './obey-ramp.ts';
import { nameOf } from './reasons.ts';
import { isFound } from './transition/manual.ts';
import { abortedByHand, rolledBack } from './transition/reasons.ts';
import type { Latch, TransitionMemory } from './transition/types.ts';
import { nextStep } from './transition/way.ts';
import type { PoolVerdict, ServiceMemory, ServiceVerdict } from './verdict.ts';

export interface Obeying {
  readonly now: Millis;
  readonly command: Command;
  /** Who gave it. */
  readonly by: string;
  readonly why: string | null;
  /** As last planned. */
  readonly verdict: ServiceVerdict;
  readonly memory: ServiceMemory;
}

export type Obedience =
  | { readonly outcome: 'done'; readonly memory: ServiceMemory; readonly text: string }
  | { readonly outcome: 'refused'; readonly problem: string };

export function obey(given: Obeying): Obedience {
  const { command } = given;
  const ofRamp = obeyRamp(given);
  if (ofRamp !== null) return ofRamp;
  switch (command.verb) {
    case 'promote':
      return promote(given, command.full);
    case 'pause':
      return pause(given);
    case 'resume':
      return resume(given);
    case 'abort':
      return abort(given);
    case 'retry':
      return retry(given);
    case 'weight':
      return setWeight(given, command.app, Math.round(command.percent * 100));
    case 'rollback':
      return rollback(given);
  }
}

function promote(given: Obeying, isFull: boolean): Obedience {
  const { memory, verdict } = given;
  const { transition, manual } = memory;
  if (manual !== null && isFound(manual)) return isFull ? believe(given) : resume(given);
  if (transition === null) return refused(`${noTransition(verdict)}: there is nothing to promote`);
  const freed = { ...transition, paused: null };
  const after = (next: TransitionMemory) => ({ ...memory, manual: null, transition: next });
  if (transition.strategy === 'rolling') {
    if (isFull) return refused('it goes instance by instance; there is no way to the end at once');
    const judgement = { ...transition.judgement, succeeded: true };
    return done(after({ ...freed, judgement }), 'goes on with the next instances');
  }
  const { step } = transition;
  // Who is past the last step already is at the end, and goes no further.
  const steps = Math.max(verdict.transition?.steps ?? step + 1, step);
  const next = isFull ? steps : Math.min(step + 1, steps);
  const text = next >= steps ? 'goes to the end' : `goes on to step ${next + 1} of ${steps}`;
  return done(after(nextStep(freed, next)), text);
}

/** Who found the weights amid a transition takes them for complete. */
function believe({ memory, verdict }: Obeying): Obedience {
  const highest = Math.max(...carriersOf(verdict).map((pool) => pool.priority));
  const top = new Set(
    carriersOf(verdict)
      .filter((pool) => pool.priority === highest)
      .map((pool) => pool.app),
  );
  const pools = memory.pools.map((each) => (top.has(each.app) ? { ...each, completeAs: each.seenAs } : each));
  return done({ ...memory, manual: null, pools }, `${list([...top])} gets everything`);
}

function pause({ now, by, why, memory, verdict }: Obeying): Obedience {
  const { transition } = memory;
  if (transition === null) return refused(`${noTransition(verdict)}: there is nothing to pause`);
  if (transition.paused !== null) return refused(`it has been paused by ${transition.paused.by} already`);
  const paused = { since: now, by, why };
  return done({ ...memory, transition: { ...transition, paused } }, 'stays in this step until it is resumed');
}

/** What was left of a hold when it was paused is left of it still. */
function resume(given: Obeying): Obedience {
  const { now, memory, verdict } = given;
  const { transition, manual } = memory;
  if (manual !== null) {
    const later = transition === null ? null : heldUp(transition, manual.since, now);
    return done({ ...memory, manual: null, transition: later }, 'the weights are those of the labels again');
  }
  if (transition === null) return refused(`${noTransition(verdict)}: there is nothing to resume`);
  if (transition.paused !== null) {
    const later = heldUp({ ...transition, paused: null }, transition.paused.since, now);
    return done({ ...memory, transition: later }, 'goes on');
  }
  if (verdict.transition?.phase === 'paused') return promote(given, false);
  return refused('nobody has paused it');
}

/** A step that was seen to run only after that was held up for no longer than it ran. */
function heldUp(transition: TransitionMemory, from: Millis, now: Millis): TransitionMemory {
  const { stepSince } = transition;
  const later = stepSince === null ? null : millis(stepSince + now - Math.max(from, stepSince));
  return { ...transition, stepSince: later };
}

function abort(given: Obeying): Obedience {
  const { now, by, why, memory, verdict } = given;
  const { transition, manual } = memory;
  const found = manual !== null && isFound(manual);
  const apps = verdict.transition?.to ?? (found ? topOf(carriersOf(verdict)) : waitingFor(verdict));
  if (apps.length === 0) {
    const hint = memory.replaced === null ? '' : '; rollback goes back to the version before';
    return refused(`${noTransition(verdict)}: there is nothing to abort${hint}`);
  }
  const because = abortedByHand(apps, by, why);
  const stable = new Set(transition?.stable.map(({ app }) => app));
  const instances = transition?.instances.filter(({ app }) => stable.has(app)) ?? [];
  return done(
    {
      ...memory,
      transition: null,
      manual: null,
      latches: withLatches(memory, apps, now, because),
      restoring: transition?.strategy === 'rolling' ? { since: now, instances } : memory.restoring,
      last: { outcome: 'aborted', to: apps, startedAt: transition?.startedAt ?? now, endedAt: now, because },
    },
    `${list(apps)} is sent back; it stays so until it is changed or retried`,
  );
}

function retry({ memory }: Obeying): Obedience {
  const apps = memory.latches.map((latch) => latch.app);
  if (apps.length === 0) return refused('nothing was sent back');
  const pools = memory.pools.map((each) =>
    apps.includes(each.app) ? { ...each, waitingSince: null } : each,
  );
  return done({ ...memory, latches: [], pools }, `${list(apps)} may take traffic again`);
}

function setWeight({ now, by, why, memory, verdict }: Obeying, app: AppId, weight: number): Obedience {
  const pool = verdict.pools.find((each) => each.app === app);
  if (pool === undefined) {
    const known = verdict.pools.map((each) => nameOf(each.app)).join(', ');
    return refused(
      `${nameOf(app)} is no pool of this service; its pools are ${known === '' ? 'none' : known}`,
    );
  }
  if (verdict.pools.length === 1) return refused(`${nameOf(app)} is the only pool, and has everything`);
  const others = (memory.manual?.weights ?? []).filter((each) => each.app !== app);
  const problem = weight > 0 ? cannotTake(pool) : null;
  if (problem !== null) return refused(problem);
  const total = weight + others.reduce((sum, each) => sum + each.weight, 0);
  if (total > 10_000) return refused(`the weights set by hand would come to ${percent(total)}`);
  const weights = [...others, { app, weight }];
  const text = `${nameOf(app)} has ${percent(weight)} until somebody resumes, promotes or aborts`;
  return done({ ...memory, manual: { since: now, by, why, weights } }, text);
}

function cannotTake(pool: PoolVerdict): string | null {
  const name = nameOf(pool.app);
  if (pool.latch !== null) return `${name} was sent back (${pool.latch.because.text}); retry it first`;
  const isUp = pool.endpoints.some((each) => each.rotation === 'in' && each.probed === 'passed');
  if (!isUp) return `${name} has no endpoint up`;
  return pool.ready || pool.weight > 0 ? null : `${name} is not ready: ${pool.because.text}`;
}

function rollback({ now, by, why, memory, verdict }: Obeying): Obedience {
  if (memory.transition !== null) return refused('a transition is under way; abort goes back');
  const { replaced } = memory;
  if (replaced === null) return refused('no version before this one is known');
  // What was only on its way when it was superseded is nothing to go back to.
  const before = verdict.pools.filter((pool) => replaced.apps.includes(pool.app) && pool.latch === null);
  const serving = before.filter((pool) => pool.endpoints.some((each) => each.probed === 'passed'));
  if (serving.length === 0) return refused(`${list(replaced.apps)} has no endpoint up any more`);
  const highest = Math.max(...serving.map((pool) => pool.priority));
  const apps = verdict.pools.filter((pool) => pool.priority > highest || replaced.by.includes(pool.app));
  const because = rolledBack(replaced.by, by, why);
  return done(
    {
      ...memory,
      manual: null,
      replaced: null,
      latches: withLatches(
        memory,
        apps.map((pool) => pool.app),
        now,
        because,
      ),
      last: { outcome: 'rolled-back', to: replaced.by, startedAt: replaced.at, endedAt: now, because },
    },
    `back to ${list(serving.map((pool) => pool.app))}`,
  );
}

function withLatches(
  { latches, pools }: ServiceMemory,
  apps: readonly AppId[],
  now: Millis,
  because: Because,
): readonly Latch[] {
  const seen = new Map(pools.map((each) => [each.app, each.seenAs]));
  const others = latches.filter((latch) => !apps.includes(latch.app));
  return [
    ...others,
    ...apps.map((app) => ({ app, configuredAt: seen.get(app) ?? '', at: now, because, by: null })),
  ];
}

function carriersOf({ pools }: ServiceVerdict): readonly PoolVerdict[] {
  return pools.filter((pool) => pool.weight > 0);
}

function topOf(pools: readonly PoolVerdict[]): readonly AppId[] {
  const highest = Math.max(...pools.map((pool) => pool.priority));
  return pools.filter((pool) => pool.priority === highest).map((pool) => pool.app);
}

/** New versions that are not ready yet. */
function waitingFor(verdict: ServiceVerdict): readonly AppId[] {
  const carried = Math.max(...carriersOf(verdict).map((pool) => pool.priority));
  return verdict.pools
    .filter((pool) => pool.state === 'waiting' && pool.weight === 0 && pool.priority > carried)
    .map((pool) => pool.app);
}

function noTransition(verdict: ServiceVerdict): string {
  const [waiting] = verdict.pools.filter((pool) => pool.state === 'waiting');
  return waiting === undefined
    ? 'no transition is under way'
    : `no transition is under way yet (${waiting.because.text})`;
}

function list(apps: readonly string[]): string {
  return apps.map(nameOf).join(' and ');
}

function done(memory: ServiceMemory, text: string): Obedience {
  return { outcome: 'done', memory, text };
}

function refused(problem: string): Obedience {
  return { outcome: 'refused', problem };
}
