/** The arithmetic of a rolling upgrade, and the order in which instances are given up. */
import type { UpgradeStrategy } from './definition.ts';
import { type Instance, isReady } from './world.ts';

export interface RollingStrategy {
  /** Old instances that may go before any new one is ready. */
  readonly killNow: number;
  /** Old and new instances together, those that still end included. */
  readonly maxCapacity: number;
}

/**
 * Marathon's `TaskReplaceActor.computeRestartStrategy`, with the number of *running* instances as before 1.10: in 1.10
 * it counts what Mesos calls healthy, which is nobody when the checks are Marathon's own.
 */
export function rollingStrategy(now: {
  readonly instances: number;
  readonly current: number;
  readonly running: number;
  readonly strategy: UpgradeStrategy;
}): RollingStrategy {
  const minHealthy = Math.ceil(now.instances * now.strategy.minimumHealthCapacity);
  let maxCapacity = Math.trunc(now.instances * (1 + now.strategy.maximumOverCapacity));
  let killNow = Math.max(0, now.running - minHealthy);
  if (minHealthy === maxCapacity && maxCapacity <= now.running) maxCapacity += 1;
  if (now.instances < now.current) killNow = Math.max(now.current - now.instances, killNow);
  return { killNow, maxCapacity };
}

export interface RollingState {
  readonly instances: number;
  /** Old instances when the step began. */
  readonly oldAtStart: number;
  /** Old instances that are meant to run on. */
  readonly old: number;
  /** Old instances that are being killed and still hold their place. */
  readonly oldEnding: number;
  /** New instances, in whatever condition. */
  readonly fresh: number;
  /** New instances that are healthy and ready. */
  readonly freshReady: number;
}

export interface RollingMove {
  readonly kill: number;
  readonly launch: number;
  readonly done: boolean;
}

/** What to do now: each new instance that is ready lets one old one go, each old one that ended makes room. */
export function rollingMove(strategy: RollingStrategy, state: RollingState): RollingMove {
  const gone = state.oldAtStart - state.old;
  const kill = Math.max(0, Math.min(state.old, strategy.killNow + state.freshReady - gone));
  const room = strategy.maxCapacity - state.old - state.oldEnding - state.fresh;
  const launch = Math.max(0, Math.min(room, state.instances - state.fresh));
  const done =
    state.old === 0 &&
    state.oldEnding === 0 &&
    state.fresh >= state.instances &&
    state.freshReady >= state.instances;
  return { kill, launch, done };
}

export interface Candidate {
  readonly condition: string;
  /** When it became active, in ms. */
  readonly activeSince: number;
  readonly healthy: boolean;
}

/** An instance as a candidate. */
export function candidate(instance: Instance): Candidate & { readonly instance: Instance } {
  const { condition, activeSince } = instance;
  return { condition, activeSince, healthy: isReady(instance), instance };
}

const weights: Readonly<Record<string, number>> = {
  Scheduled: 0,
  Unreachable: 1,
  Provisioned: 2,
  Staging: 2,
  Starting: 3,
  Running: 4,
};

/** Orders candidates for a scale-down: what does not run yet goes first, then by age. Health does not count. */
export function byKillSelection<T extends Candidate>(
  candidates: readonly T[],
  selection: 'YOUNGEST_FIRST' | 'OLDEST_FIRST',
): readonly T[] {
  const sign = selection === 'YOUNGEST_FIRST' ? -1 : 1;
  return [...candidates].sort(
    (a, b) =>
      (weights[a.condition] ?? 0) - (weights[b.condition] ?? 0) || sign * (a.activeSince - b.activeSince),
  );
}

/** Orders old instances for an upgrade: unhealthy ones first (Marathon's `TaskReplaceActor`). */
export function forReplacement<T extends Candidate>(candidates: readonly T[]): readonly T[] {
  return [...candidates].sort(
    (a, b) => Number(a.healthy) - Number(b.healthy) || a.activeSince - b.activeSince,
  );
}
