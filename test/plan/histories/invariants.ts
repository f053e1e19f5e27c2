/** What holds after every turn of every history: the invariants of the design, one function each. */
import type { DeclaredService } from '../../../src/declared/types.ts';
import type { ServiceId } from '../../../src/model/ids.ts';
import type { ObservedService, ObservedSlot } from '../../../src/plan/observed.ts';
import { isPassedAtOnce, stepsOf } from '../../../src/plan/transition/steps.ts';
import type { TransitionMemory } from '../../../src/plan/transition/types.ts';
import type { PoolVerdict, ServiceMemory, ServiceVerdict } from '../../../src/plan/verdict.ts';
import type { Cluster } from '../../../src/model/app.ts';
import type { Turned } from './stage.ts';

/** One service in one turn. */
interface Seen {
  readonly now: number;
  readonly declared: DeclaredService;
  readonly cluster: Cluster;
  readonly observed: ObservedService | undefined;
  readonly before: ServiceMemory | undefined;
  readonly after: ServiceMemory;
  readonly verdict: ServiceVerdict;
  readonly ranMs: number;
}

type Invariant = (seen: Seen) => string | null;

/** The first that does not hold is thrown, with what it was about. */
export function checkServices({ input, verdict, ranMs }: Turned): void {
  for (const each of verdict.services) {
    const isIt = ({ service }: { readonly service: ServiceId }) => service === each.service;
    const declared = input.services.find(({ id }) => id === each.service);
    const after = verdict.memory.services.find(isIt);
    if (declared === undefined || after === undefined) throw new Error(`a verdict about ${each.service}`);
    const seen: Seen = {
      now: input.now,
      declared,
      cluster: input.cluster,
      observed: input.observed.services.get(each.service),
      before: input.memory.services.find(isIt),
      after,
      verdict: each,
      ranMs: ranMs.get(each.service) ?? 0,
    };
    for (const [name, invariant] of Object.entries(invariants)) {
      const problem = invariant(seen);
      if (problem !== null) throw new Error(`${name}: ${each.service}: ${problem}\n${told(seen)}`);
    }
  }
}

function told({ before, after, verdict, observed }: Seen): string {
  const slots = observed?.slots
    .filter(({ app }) => app !== null)
    .map((slot) => ({ ...slot, durations: undefined, endpoints: [...slot.endpoints] }));
  const pools = verdict.pools.map(({ app, weight, state, because, ready, endpoints, latch }) => ({
    app,
    weight,
    state,
    because: because.text,
    ready,
    latch: latch?.because.text,
    endpoints: endpoints.map(
      (e) => `${e.server} ${e.health} ${e.probed} ${e.rotation}${e.current ? '' : ' old'}`,
    ),
  }));
  return JSON.stringify(
    { slots, before, after, phase: verdict.phase, because: verdict.because, pools, wishes: verdict.wishes },
    null,
    1,
  );
}

export const invariants: Readonly<Record<string, Invariant>> = {
  'I1: weights sum to 100, or nobody is up and it says so': weightsSum,
  'I2: nobody who is down or was never checked takes requests': onlyTheUpServe,
  'no dead pool carries beside a living one': theLivingCarry,
  'nobody is kept out while nobody serves': nobodyIsKeptOut,
  'I3: a pool rises only when it is ready, enters again, or as the last resort': onlyTheReadyRise,
  'what was sent back carries nothing': theSentBackCarryNothing,
  'I6: it wishes for each app one thing at a time, of a service that it is a pool of': wishesAreFew,
  'killed is who is idle and out of rotation': theKilledAreIdle,
  'scaled away and deleted is what is drained, and never the listener app': theRetiredAreDrained,
  'rolling: no old instance leaves before a new one is up': rollingKeepsCapacity,
  'I7: no step is skipped, and each lasts as long as it declares': stepsLast,
  'I7: no hold starts over, and none begins in the future': holdsGoOn,
  'the share is that of the step': shareIsOfStep,
  'it wakes later than now': wakesLater,
};

function slotOf({ observed }: Seen, app: string): ObservedSlot | undefined {
  return observed?.slots.find((slot) => slot.app === app);
}

function weightBefore(seen: Seen, app: string): number {
  return slotOf(seen, app)?.weight ?? 0;
}

function isServing({ endpoints }: PoolVerdict): boolean {
  return endpoints.some((each) => each.rotation === 'in' && each.probed === 'passed');
}

function weightsSum({ verdict }: Seen): string | null {
  const weights = verdict.pools.map((pool) => pool.weight);
  const sum = weights.reduce((a, b) => a + b, 0);
  if (weights.some((weight) => !Number.isInteger(weight) || weight < 0))
    return `weights ${weights.join(', ')}`;
  const isStated = verdict.phase === 'down' || verdict.phase === 'waiting';
  return sum === 10_000 || (sum === 0 && isStated && !verdict.pools.some(isServing))
    ? null
    : `they sum to ${sum}`;
}

function onlyTheUpServe(seen: Seen): string | null {
  for (const pool of seen.verdict.pools) {
    for (const { server, rotation, health, probed } of pool.endpoints) {
      if (rotation !== 'in') continue;
      if (health === 'down') return `${server} is down at Marathon and in rotation`;
      const wasIn = slotOf(seen, pool.app)?.endpoints.get(server)?.inRotation ?? false;
      if (probed !== 'passed' && !wasIn) return `${server} enters, and its check is ${probed}`;
    }
  }
  return null;
}

function theLivingCarry({ verdict }: Seen): string | null {
  if (!verdict.pools.some(isServing) || verdict.because.code === 'no-fail-over') return null;
  const dead = verdict.pools.find((pool) => pool.weight > 0 && !isServing(pool));
  return dead === undefined ? null : `${dead.app} carries ${dead.weight} and has nobody up`;
}

/** Who could serve and is kept out of rotation is so because others serve. */
function nobodyIsKeptOut({ verdict, declared, before }: Seen): string | null {
  if (verdict.pools.some((pool) => pool.weight > 0 && isServing(pool))) return null;
  if (verdict.because.code === 'no-fail-over') return null;
  for (const pool of verdict.pools) {
    const could = pool.endpoints.find(
      (each) => each.rotation === 'hold' && each.probed === 'passed' && each.health === 'up',
    );
    const hasWeight = declared.pools.find(({ app }) => app === pool.app)?.weight !== 0;
    if (could !== undefined && hasWeight && before !== undefined)
      return `nobody serves, and ${could.server} could`;
  }
  return null;
}

function onlyTheReadyRise(seen: Seen): string | null {
  for (const { app, weight, ready } of seen.verdict.pools) {
    if (weight === 0 || weightBefore(seen, app) > 0 || ready) continue;
    const hasEntered =
      seen.before?.pools.find((each) => each.app === app)?.enteredAs ===
      seen.cluster.apps.get(app)?.lastConfigChangeAt;
    if (!hasEntered && !isLastResort(seen) && !isAlone(seen, app))
      return `${app} rises and has never been ready`;
  }
  return null;
}

/** A weight of 0 says that a pool is to have nothing. */
function isAlone({ verdict, declared }: Seen, app: string): boolean {
  const isWanted = (pool: PoolVerdict) => declared.pools.find((each) => each.app === pool.app)?.weight !== 0;
  return !verdict.pools.some(
    (pool) => pool.app !== app && pool.latch === null && isWanted(pool) && isServing(pool),
  );
}

/** Nobody else could have it. */
function isLastResort({ verdict }: Seen): boolean {
  return (
    ['last-resort', 'down', 'waiting'].includes(verdict.phase) ||
    verdict.pools.filter((pool) => pool.weight > 0).every((pool) => pool.because.code === 'last-resort')
  );
}

function theSentBackCarryNothing(seen: Seen): string | null {
  for (const { app, weight, latch } of seen.verdict.pools) {
    if (latch === null || weight === 0 || isLastResort(seen) || isAlone(seen, app)) continue;
    // Who was superseded keeps its part of what the newer one does not have yet.
    if (latch.by !== null && seen.after.transition?.from?.some((each) => each.app === app) === true) continue;
    if (seen.after.restoring === null || weightBefore(seen, app) === 0) return `${app} carries ${weight}`;
  }
  return null;
}

function wishesAreFew({ verdict }: Seen): string | null {
  const apps = verdict.wishes.map((wish) => wish.app);
  const odd = apps.find(
    (app, index) => apps.indexOf(app) !== index || !verdict.pools.some((pool) => pool.app === app),
  );
  return odd === undefined ? null : `${odd}: ${apps.join(' ')}`;
}

function theKilledAreIdle(seen: Seen): string | null {
  for (const wish of seen.verdict.wishes) {
    if (wish.kind !== 'kill') continue;
    const pool = seen.verdict.pools.find((each) => each.app === wish.app);
    for (const task of wish.tasks) {
      const endpoint = pool?.endpoints.find((each) => each.task === task);
      const observed =
        endpoint === undefined ? undefined : slotOf(seen, wish.app)?.endpoints.get(endpoint.server);
      if (endpoint?.rotation === 'in' || observed === undefined) return `${task} is in rotation, or unknown`;
      if (observed.inRotation || observed.sessions > 0) return `${task} is in use`;
    }
  }
  return null;
}

function theRetiredAreDrained(seen: Seen): string | null {
  const { verdict, declared, cluster } = seen;
  for (const { kind, app, ...wish } of verdict.wishes) {
    const instances = cluster.apps.get(app)?.instances ?? 0;
    const to = 'instances' in wish ? wish.instances : 0;
    if (kind === 'kill' || to >= instances) {
      if (kind !== 'delete') continue;
      if (app === declared.listenerApp) return `${app} declares the listener`;
      if (instances > 0 || cluster.apps.get(app)?.tasks.length !== 0) return `${app} still has instances`;
    }
    if (to > 0) return `${app} is scaled from ${instances} to ${to} without saying whom to stop`;
    const weight = verdict.pools.find((pool) => pool.app === app)?.weight ?? 0;
    const slot = slotOf(seen, app);
    if (weight > 0 || (slot?.weight ?? 0) > 0) return `${app} carries traffic`;
    if ((slot?.sessions ?? 0) > 0) return `${app} has sessions`;
  }
  return null;
}

/** Who leaves is not needed: as many as the old version had are up without them. */
function rollingKeepsCapacity({ before, after, verdict }: Seen): string | null {
  const { transition } = after;
  if (transition?.strategy !== 'rolling') return null;
  const known = new Set(before?.transition?.leaving.map(({ task }) => task));
  if (transition.leaving.every(({ task }) => known.has(task))) return null;
  const leaving = new Set(transition.leaving.map(({ task }) => task));
  const old = [...transition.stable, ...(transition.from ?? [])].map(({ app }) => app);
  const apps = new Set([...(verdict.transition?.to ?? []), ...old]);
  const up = verdict.pools
    .filter((pool) => apps.has(pool.app))
    .flatMap((pool) => pool.endpoints)
    .filter(({ task, rotation, probed }) => rotation === 'in' && probed === 'passed' && !leaving.has(task));
  const total = transition.instances
    .filter(({ app }) => transition.stable.some((each) => each.app === app))
    .reduce((sum, { count }) => sum + count, 0);
  return up.length >= total ? null : `${up.length} stay up, of ${total}`;
}

function isSameTransition(a: TransitionMemory | null, b: TransitionMemory | null): boolean {
  return (
    a !== null && b !== null && a.startedAt === b.startedAt && JSON.stringify(a.to) === JSON.stringify(b.to)
  );
}

/** Where several take over together their declarations mix; a history has enough of those with one. */
function stepsLast(seen: Seen): string | null {
  const { before, after, declared, ranMs } = seen;
  const was = before?.transition ?? null;
  const app = was?.to[0]?.app;
  const pool = declared.pools.find((each) => each.app === app);
  if (was === null || was.strategy !== 'switch' || was.to.length > 1 || pool === undefined) return null;
  const steps = stepsOf(pool.rollout);
  const { last } = after;
  const isComplete =
    after.transition === null &&
    last?.outcome === 'complete' &&
    last.startedAt === was.startedAt &&
    last.to.includes(pool.app);
  if (!isComplete && !isSameTransition(was, after.transition)) return null;
  if (declared.pools.some((each) => each !== pool && each.priority === pool.priority)) return null;
  const reached = isComplete ? steps.length : (after.transition?.step ?? 0);
  if (reached < was.step) return `from step ${was.step + 1} back to ${reached + 1}`;
  for (let index = was.step; index < reached; index += 1) {
    const step = steps[index];
    const isLast = index === steps.length - 1;
    if (step === undefined || (isPassedAtOnce(step) && !isLast)) continue;
    if (before?.manual != null || was.paused !== null || step.pause)
      return `step ${index + 1} ended though it is paused`;
    if (weightBefore(seen, pool.app) !== step.weight && slotOf(seen, pool.app)?.endpoints.size !== 0) {
      const others = seen.observed?.slots.some((slot) => slot.weight > 0 && slot.app !== pool.app) ?? false;
      if (others) return `step ${index + 1} ended before its weight was seen`;
    }
    if (index > was.step && step.holdMs > 0) return `step ${index + 1} was skipped`;
    if (ranMs < step.holdMs) return `step ${index + 1} lasted ${ranMs} of ${step.holdMs} ms`;
    const made = (after.transition?.judgement.made ?? Infinity) > was.judgement.made;
    const isJudged = index === was.step && (was.judgement.inStep > 0 || made);
    if (step.analysis && pool.rollout.analysis !== null && !isJudged)
      return `step ${index + 1} was not judged`;
  }
  return null;
}

function holdsGoOn({ now, before, after }: Seen): string | null {
  const [was, is] = [before?.transition ?? null, after.transition];
  if ((is?.stepSince ?? 0) > now) return 'it begins in the future';
  if (!isSameTransition(was, is) || was?.step !== is?.step || was?.stepSince == null) return null;
  return was.stepSince === is?.stepSince ? null : `begun ${was.stepSince}, now ${is?.stepSince}`;
}

function shareIsOfStep({ after, verdict, declared }: Seen): string | null {
  const { transition } = verdict;
  if (transition === null || after.manual !== null || verdict.because.code === 'no-fail-over') return null;
  const isNew = (pool: PoolVerdict) => transition.to.includes(pool.app);
  const [fresh, old] = [verdict.pools.filter(isNew), verdict.pools.filter((pool) => !isNew(pool))];
  const canTake = (pool: PoolVerdict) =>
    isServing(pool) && declared.pools.find(({ app }) => app === pool.app)?.weight !== 0;
  if (!fresh.some(canTake) || !old.some((pool) => canTake(pool) && pool.weight > 0)) return null;
  const share = fresh.reduce((sum, pool) => sum + pool.weight, 0);
  return share === transition.weight ? null : `${share} instead of ${transition.weight}`;
}

function wakesLater({ now, verdict }: Seen): string | null {
  return verdict.wakeAt === null || verdict.wakeAt > now ? null : `at ${verdict.wakeAt}, and it is ${now}`;
}
