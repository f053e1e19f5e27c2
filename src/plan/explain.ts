/** Explanations: the state of each pool and of the service, and why. */
import type { AssessedPool } from './assess.ts';
import type { Because } from './because.ts';
import type { Drain } from './drain.ts';
import * as reason from './reasons.ts';
import type { Course } from './transition/course.ts';
import { isForgotten } from './transition/latches.ts';
import { isFound } from './transition/manual.ts';
import { cannotBeKept, keepsShare, manualWeight, memoryLost, restoring } from './transition/reasons.ts';
import type { Latch, Manual } from './transition/types.ts';
import type { PoolState, ServicePhase } from './verdict.ts';

interface Explained {
  readonly each: AssessedPool;
  readonly share: number;
  readonly drain: Drain;
  readonly latch: Latch | null;
}

export function explainPool(
  now: number,
  pool: Explained,
  all: readonly Explained[],
  way: Course,
): { readonly state: PoolState; readonly because: Because } {
  const { each, share, drain, latch } = pool;
  if (share > 0) return { state: 'active', because: whyActive(pool, all, way) };
  if (latch !== null) return { state: isForgotten(latch) ? 'waiting' : 'aborted', because: latch.because };
  if (drain.isBusy) {
    return { state: 'draining', because: reason.draining(each, drain.timedOut) };
  }
  if (each.app.instances === 0) return { state: 'empty', because: reason.scaledToZero(each) };
  if (each.pool.weight === 0) return { state: 'standby', because: reason.weightZero(each.pool) };
  if (isNew(pool, way) && way.view !== null) return { state: 'waiting', because: way.view.because };
  const sentBack = way.memory.ramp?.way?.aborted;
  if (sentBack != null) return { state: 'waiting', because: sentBack.because };
  const carrier = all.find((other) => other.share > 0);
  if (carrier !== undefined && each.priority < carrier.each.priority) {
    return { state: 'standby', because: reason.lowerPriority(each, carrier.each) };
  }
  const { manual } = way.memory;
  if (manual !== null && each.ready) return { state: 'waiting', because: whyManual(manual, all) };
  return { state: 'waiting', because: reason.waiting(now, each) };
}

function isNew({ each }: Explained, { view }: Course): boolean {
  return view?.to.includes(each.pool.app) ?? false;
}

function whyActive(pool: Explained, all: readonly Explained[], way: Course): Because {
  const { each, share } = pool;
  const { choice, view, memory } = way;
  if (choice.rule === 'nobody') return reason.noEndpointUp(each);
  if (choice.rule === 'no-fail-over') return reason.noFailOver(each);
  if (memory.manual !== null) {
    const missing = missingFrom(memory.manual, all);
    if (missing.length === 0) return whyManual(memory.manual, all);
    const isSet = memory.manual.weights.some(({ app, weight }) => weight > 0 && shareOf(all, app) > 0);
    // Who was set and cannot serve leaves it to others; where that is everybody, the weights are those of before.
    const failed = all.find((other) => other.each.pool.app === missing[0]);
    if (isSet && failed !== undefined) return reason.failOver(each, failed.each);
  }
  if (choice.rule === 'last-resort') return reason.lastResort(each);
  if (view !== null && isNew(pool, way)) {
    const old = all.find((other) => view.from.includes(other.each.pool.app));
    const isLeftAlone = share === 10_000 && view.weight < share && old !== undefined;
    return isLeftAlone ? reason.failOver(each, old.each) : view.because;
  }
  if (view !== null && all.some((other) => other.share > 0 && isNew(other, way))) {
    return keepsShare(view.to, share);
  }
  if (memory.ramp?.way?.aborted != null) return memory.ramp.way.aborted.because;
  if (pool.latch !== null) return whyRestoring(all, way) ?? pool.latch.because;
  if (all.length === 1) return reason.onlyPool(each.pool);
  const failed = failedAbove(each, all);
  if (failed !== undefined) return reason.failOver(each, failed.each);
  const members = all.filter((other) => other.each.priority === each.priority);
  if (members.filter((other) => other.share > 0).length > 1) {
    return reason.sharesPriority(
      each,
      share,
      members.every((other) => other.each.pool.weight === null),
    );
  }
  return reason.highestPriority(each);
}

function whyManual(manual: Manual, all: readonly Explained[]): Because {
  const because = isFound(manual) ? memoryLost() : manualWeight(manual);
  const isKept = manual.weights.every(({ app, weight }) => shareOf(all, app) === weight);
  return isKept ? because : cannotBeKept(because, missingFrom(manual, all));
}

/** Who is to have a weight that was set, and cannot. */
function missingFrom({ weights }: Manual, all: readonly Explained[]): readonly string[] {
  return weights.filter(({ app, weight }) => weight > 0 && shareOf(all, app) === 0).map(({ app }) => app);
}

function shareOf(all: readonly Explained[], app: string): number {
  return all.find(({ each }) => each.pool.app === app)?.share ?? 0;
}

function whyRestoring(all: readonly Explained[], { memory }: Course): Because | null {
  if (memory.restoring === null) return null;
  const theirs = new Set(memory.restoring.instances.map(({ app }) => app));
  // Behind a newer version they come back, too, but that is not why somebody has what he has.
  if (all.some(({ each, share, latch }) => share > 0 && latch === null && !theirs.has(each.pool.app)))
    return null;
  const counts = new Map(memory.restoring.instances.map(({ app, count }) => [app, count]));
  const up = all.reduce((sum, { each }) => sum + Math.min(each.up, counts.get(each.pool.app) ?? 0), 0);
  const wanted = [...counts.values()].reduce((a, b) => a + b, 0);
  return up >= wanted ? null : restoring(up, wanted);
}

/** A pool of higher priority that carried the traffic and no longer can. One that is scaled to 0 left on purpose. */
function failedAbove(each: AssessedPool, all: readonly Explained[]): Explained | undefined {
  return all
    .filter((other) => other.each.priority > each.priority && other.each.app.instances > 0)
    .filter((other) => other.each.entered && other.each.pool.weight !== 0 && other.latch === null)
    .sort((a, b) => b.each.priority - a.each.priority)[0];
}

export function explainService(
  now: number,
  assessed: readonly AssessedPool[],
  way: Course,
  pools: readonly Explained[],
): { readonly phase: ServicePhase; readonly because: Because } {
  const { choice, view, memory } = way;
  const carrier = pools.filter((pool) => pool.share > 0).sort((a, b) => b.share - a.share)[0];
  if (assessed.length === 0) return { phase: 'down', because: reason.noPools() };
  if (carrier === undefined && choice.rule === 'nobody') {
    const coming = pools
      .filter(({ each }) => each.app.instances > 0)
      .sort((a, b) => b.each.priority - a.each.priority)[0];
    if (coming !== undefined) return { phase: 'waiting', because: reason.waiting(now, coming.each) };
  }
  if (choice.rule === 'nobody' || choice.rule === 'no-fail-over' || carrier === undefined) {
    const worst = carrier ?? pools[0];
    if (worst === undefined) return { phase: 'down', because: reason.noPools() };
    const because =
      choice.rule === 'no-fail-over' ? reason.noFailOver(worst.each) : reason.noEndpointUp(worst.each);
    return { phase: 'down', because };
  }
  const why = whyActive(carrier, pools, way);
  if (memory.manual !== null) return { phase: 'manual', because: whyManual(memory.manual, pools) };
  if (choice.rule === 'last-resort') return { phase: 'last-resort', because: why };
  if (view !== null) return { phase: 'transition', because: view.because };
  if (memory.ramp?.way?.aborted != null)
    return { phase: 'aborted', because: memory.ramp.way.aborted.because };
  const back = whyRestoring(pools, way);
  if (back !== null) return { phase: 'aborted', because: back };
  if (failedAbove(carrier.each, pools) !== undefined) return { phase: 'failed-over', because: why };
  const waiting = pools
    .filter((pool) => pool.each.joins || wouldCarry(pool, carrier))
    .sort((a, b) => b.each.priority - a.each.priority)[0];
  if (waiting !== undefined) return { phase: 'waiting', because: reason.waiting(now, waiting.each) };
  const draining = pools.find((pool) => pool.drain.isBusy);
  if (draining !== undefined)
    return { phase: 'draining', because: reason.draining(draining.each, draining.drain.timedOut) };
  const aborted = pools
    .filter(
      ({ each, latch, share }) => latch !== null && share === 0 && each.priority >= carrier.each.priority,
    )
    .sort((a, b) => (b.latch?.at ?? 0) - (a.latch?.at ?? 0) || b.each.priority - a.each.priority)[0];
  if (aborted?.latch != null)
    return { phase: isForgotten(aborted.latch) ? 'waiting' : 'aborted', because: aborted.latch.because };
  return { phase: 'settled', because: why };
}

/** Whether the pool stands at or above the carrier's priority, wants traffic and has none yet. */
function wouldCarry(pool: Explained, carrier: Explained): boolean {
  const { each, share, latch } = pool;
  return (
    share === 0 &&
    latch === null &&
    each.app.instances > 0 &&
    each.pool.weight !== 0 &&
    each.priority >= carrier.each.priority
  );
}
