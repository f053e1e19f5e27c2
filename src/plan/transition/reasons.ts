/** The sentences of transitions: one function a reason, so that the same case always reads the same. */
import { percent } from '../../model/weights.ts';
import type { AssessedPool } from '../assess.ts';
import type { Measurement } from '../asks.ts';
import type { Because, ReasonCode } from '../because.ts';
import { nameOf } from '../reasons.ts';
import type { Held } from './types.ts';

export function because(code: ReasonCode, text: string, facts: Because['facts'] = {}): Because {
  return { code, text, facts };
}

export function names(pools: readonly AssessedPool[]): string {
  return pools.map((each) => nameOf(each.pool.app)).join(' and ');
}

/** The step as people count it: from 1. */
export interface At {
  readonly step: number;
  readonly steps: number;
  readonly weight: number;
}

function inStep({ step, steps, weight }: At): string {
  return `step ${step} of ${steps}, ${percent(weight)}`;
}

export function shifting(at: At): Because {
  return because('shifting', `${inStep(at)}: HAProxy is being told`, { ...at });
}

export function holding(at: At, remainingMs: number): Because {
  return because('holding', `${inStep(at)}: for another ${duration(remainingMs)}`, { ...at, remainingMs });
}

export function ramping(at: At, step: number, remainingMs: number): Because {
  const text = `by ${percent(step)} at a time, for another ${duration(remainingMs)}`;
  return because('ramping', `${inStep(at)}: ${text}`, { ...at, remainingMs });
}

export function rampWaits(at: At, missing: readonly AssessedPool[]): Because {
  const text = missing.length === 0 ? 'waits for a pool' : `waits until ${names(missing)} can serve again`;
  return because('ramping', `${inStep(at)}: ${text}`, { ...at });
}

export function rampComplete(goal: readonly { readonly app: string; readonly weight: number }[]): Because {
  const parts = goal.map(({ app, weight }) => `${nameOf(app)} has ${percent(weight)}`);
  return because('complete', parts.join(', '));
}

export function judging(at: At, last: string | null): Because {
  const text = last === null ? 'a judgement is awaited' : `no good judgement yet: ${last}`;
  return because('judging', `${inStep(at)}: ${text}`, { ...at });
}

export function pauseStep(at: At): Because {
  return because('pause-step', `${inStep(at)}: waits for a person to promote or abort it`, { ...at });
}

export function paused(at: At, { by, why }: Held): Because {
  return because('paused', `${inStep(at)}: paused by ${by}${reasonOf(why)}`, { ...at, by });
}

export function growing(at: At, up: number, wanted: number): Because {
  return because('growing', `${inStep(at)}: ${up} of ${wanted} instances are up`, { ...at, up, wanted });
}

export function leaving(at: At, tasks: number, sessions: number): Because {
  const what = `${tasks} old ${tasks === 1 ? 'instance finishes' : 'instances finish'}`;
  const open = `${sessions} ${sessions === 1 ? 'request' : 'requests'} in progress`;
  return because('leaving', `${inStep(at)}: ${what} (${open})`, { ...at, tasks, sessions });
}

export function keepsShare(to: readonly string[], share: number): Because {
  const others = to.map(nameOf).join(' and ');
  return because('keeps-share', `keeps ${percent(share)} while ${others} takes over`, { share: share / 100 });
}

export function complete(pools: readonly AssessedPool[]): Because {
  return because('complete', `${names(pools)} carries everything`);
}

export function superseded(by: readonly AssessedPool[]): Because {
  return because('superseded', `${names(by)} is newer, and ready`, {
    by: by.map((each) => each.pool.app).join(' '),
  });
}

export function changed(app: string): Because {
  return because('superseded', `${nameOf(app)} was changed before it was complete`, { by: app });
}

export function versionGone(apps: readonly string[]): Because {
  return because('version-gone', `${apps.map(nameOf).join(' and ')} was deleted or scaled to 0`);
}

export function notReadyInTime(each: AssessedPool, withinMs: number): Because {
  const up = Math.min(each.healthy, each.passed);
  return because(
    'not-ready-in-time',
    `${nameOf(each.pool.app)} had ${up} of ${each.needed ?? 0} instances up after ${duration(withinMs)}`,
    { up, needed: each.needed ?? 0, withinMs },
  );
}

export function fallsBelowKeep(each: AssessedPool, kept: number, remainingMs: number): Because {
  return because(
    'falls-below-keep',
    `${nameOf(each.pool.app)} has ${each.up} of the ${kept} endpoints up that it must keep; it is sent back in ${duration(remainingMs)}`,
    { up: each.up, kept, remainingMs },
  );
}

export function fellBelowKeep(each: AssessedPool, kept: number, graceMs: number): Because {
  return because(
    'fell-below-keep',
    `${nameOf(each.pool.app)} had ${each.up} endpoints up, fewer than ${kept}, for ${duration(graceMs)}`,
    { up: each.up, kept, graceMs },
  );
}

export function analysisFailed(pools: readonly AssessedPool[], failures: number, by: Measurement): Because {
  const times = failures === 1 ? '' : `, ${failures} times in a row`;
  const facts = { what: by.what, failures, ...(by.value === null ? {} : { value: by.value }) };
  return because('analysis-failed', `${names(pools)}: ${by.what}: ${by.text}${times}`, facts);
}

export function capacityRefused(app: string, problem: string): Because {
  return because('capacity-refused', `Marathon does not scale ${nameOf(app)}: ${problem}`, { app });
}

export function capacityLate(each: AssessedPool, wanted: number, withinMs: number): Because {
  return because(
    'capacity-late',
    `${nameOf(each.pool.app)} had ${each.up} of ${wanted} instances up after ${duration(withinMs)}`,
    { up: each.up, wanted, withinMs },
  );
}

export function abortedByHand(pools: readonly string[], by: string, why: string | null): Because {
  return because(
    'aborted-by-hand',
    `${pools.map(nameOf).join(' and ')} was sent back by ${by}${reasonOf(why)}`,
    { by },
  );
}

export function rolledBack(pools: readonly string[], by: string, why: string | null): Because {
  return because('rolled-back', `${by} went back from ${pools.map(nameOf).join(' and ')}${reasonOf(why)}`, {
    by,
  });
}

export function restoring(up: number, wanted: number): Because {
  return because('restoring', `the old version has ${up} of ${wanted} instances back`, { up, wanted });
}

export function manualWeight({ by, why }: Held): Because {
  return because('manual-weight', `weights set by ${by}${reasonOf(why)}`, { by });
}

/** Weights that cannot be kept to: where nobody is `missing`, there is nobody else for what they leave. */
export function cannotBeKept(weights: Because, missing: readonly string[]): Because {
  const who = missing.length === 0 ? 'nobody else' : missing.map(nameOf).join(' and ');
  const facts = { ...weights.facts, missing: missing.join(' ') };
  return because(
    weights.code,
    `${weights.text}; ${who} can${missing.length === 0 ? '' : 'not'} serve`,
    facts,
  );
}

export function memoryLost(): Because {
  return because('memory-lost', 'what was known of the transition is lost; promote, abort or resume decides');
}

export function forgotten(each: AssessedPool): Because {
  const text = `what was known of ${nameOf(each.pool.app)} is lost, and whether it was sent back; retry or abort decides`;
  return because('memory-lost', text, { app: each.pool.app });
}

export function scaledForShare(weight: number, wanted: number): Because {
  return because('growing', `${wanted} instances for ${percent(weight)} of the traffic`, { wanted });
}

export function retiring(by: string): Because {
  return because('retiring', `${nameOf(by)} has replaced it`, { by });
}

export function reasonOf(why: string | null): string {
  return why === null ? '' : ` (${why})`;
}

/** As people say it: `45 s`, `2 min`, `1 h 30 min`. */
export function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}
