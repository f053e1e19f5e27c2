/** What a probe's result does to an instance: its health, the events of it, and the kill after too many failures. */
import { type HealthCheckDefinition, isMesosCheck } from './definition.ts';
import {
  failedHealthCheck,
  healthStatusChanged,
  instanceHealthChanged,
  statusUpdate,
  unhealthyInstanceKill,
} from './events.ts';
import { kill } from './instances.ts';
import type { CheckState, Instance, World } from './world.ts';

/** The result of one probe; a failure says why. */
export type ProbeResult = { readonly alive: true } | { readonly alive: false; readonly cause: string };

const unknownState: CheckState = {
  alive: false,
  consecutiveFailures: 0,
  firstSuccess: null,
  lastSuccess: null,
  lastFailure: null,
  lastFailureCause: null,
};

/** The state of one check after a result (Marathon's `Health.update`). */
export function afterProbe(before: CheckState | undefined, result: ProbeResult, now: number): CheckState {
  const state = before ?? unknownState;
  if (result.alive) {
    return {
      ...state,
      alive: true,
      consecutiveFailures: 0,
      firstSuccess: state.firstSuccess ?? now,
      lastSuccess: now,
    };
  }
  return {
    ...state,
    alive: false,
    consecutiveFailures: state.consecutiveFailures + 1,
    lastFailure: now,
    lastFailureCause: result.cause,
  };
}

/** Alive by every check; dead by any; null while a check has not reported and none is dead. */
export function overallHealth(checks: ReadonlyMap<number, CheckState>, expected: number): boolean | null {
  if ([...checks.values()].some((state) => !state.alive)) return false;
  return expected > 0 && checks.size >= expected ? true : null;
}

/**
 * Takes one probe's result. Failures before the first success do not count within the grace period, which is
 * `graceMs` long. With a check of Marathon's own, more than `maxConsecutiveFailures` failures in a row kill the task; 0 never does.
 */
export function takeProbe(
  world: World,
  instance: Instance,
  index: number,
  result: ProbeResult,
  graceMs: number,
): void {
  const check = instance.def.healthChecks?.[index];
  const startedAt = instance.task?.startedAt ?? null;
  if (check === undefined || instance.condition !== 'Running' || startedAt === null) return;
  const now = world.now();
  if (isMesosCheck(check))
    return takeMesosProbe(world, instance, { index, check, startedAt, result, graceMs });
  const before = instance.checks.get(index);
  if (!result.alive && (before?.firstSuccess ?? null) === null && now - startedAt < graceMs) return;

  record(world, instance, { index, check, result, base: before });
  // Marathon compares the count from before this failure, so the task goes with the one after the allowed ones.
  if (
    !result.alive &&
    check.maxConsecutiveFailures > 0 &&
    (before?.consecutiveFailures ?? 0) >= check.maxConsecutiveFailures
  ) {
    world.emit(unhealthyInstanceKill(world, instance, result.cause, now));
    kill(world, instance, 'health');
  }
}

interface MesosProbe {
  readonly index: number;
  readonly check: HealthCheckDefinition;
  readonly startedAt: number;
  readonly result: ProbeResult;
  readonly graceMs: number;
}

/**
 * Mesos tells of changes and of every failure, by an update of the task's status, which Marathon publishes when
 * anything changed. It kills by itself, with the last of the failures allowed, or with the first one.
 */
function takeMesosProbe(world: World, instance: Instance, probe: MesosProbe): void {
  const { index, check, startedAt, result, graceMs } = probe;
  const kept = instance.checks.get(index);
  const own = Math.max(kept?.lastSuccess ?? 0, kept?.lastFailure ?? 0) >= startedAt ? kept : undefined;
  if (result.alive && own?.alive === true) return;
  if (!result.alive && (own?.firstSuccess ?? null) === null && world.now() - startedAt < graceMs) return;

  if (instance.mesosHealthy !== result.alive) {
    instance.mesosHealthy = result.alive;
    world.emit(statusUpdate(world, instance, 'TASK_RUNNING', ''));
    world.emit(instanceHealthChanged(world, instance, result.alive));
  }
  const base = own ?? (kept === undefined ? undefined : { ...kept, consecutiveFailures: 0 });
  const { consecutiveFailures } = record(world, instance, { index, check, result, base });
  if (!result.alive && consecutiveFailures >= check.maxConsecutiveFailures) kill(world, instance, 'health');
}

interface Recorded {
  readonly index: number;
  readonly check: HealthCheckDefinition;
  readonly result: ProbeResult;
  /** What was known of the check before. */
  readonly base: CheckState | undefined;
}

/** Marathon's own book of results, and its events. @returns the check's state now */
function record(world: World, instance: Instance, { index, check, result, base }: Recorded): CheckState {
  const after = afterProbe(base, result, world.now());
  const flipped = after.alive !== (base?.alive ?? false);
  instance.checks = new Map(instance.checks).set(index, after);
  if (!result.alive) world.emit(failedHealthCheck(world, instance, check));
  if (flipped) world.emit(healthStatusChanged(world, instance, after.alive));
  const each = world.dialect.tellsHealthPerCheck;
  if (each && flipped) world.emit(instanceHealthChanged(world, instance, after.alive));
  const healthy = overallHealth(instance.checks, instance.def.healthChecks?.length ?? 0);
  if (healthy !== instance.healthy) {
    instance.healthy = healthy;
    if (!each) world.emit(instanceHealthChanged(world, instance, healthy));
    world.wake();
  }
  return after;
}

/** What a new leader knows of an instance's health: what Mesos said of the task, and nothing else until it has probed. */
export function forgetHealth(world: World, instance: Instance): void {
  const { mesosHealthy } = instance;
  instance.checks = new Map();
  instance.healthy = null;
  const definitions = instance.def.healthChecks ?? [];
  const index = definitions.findIndex(isMesosCheck);
  if (mesosHealthy === null || index < 0) return;
  const result: ProbeResult = mesosHealthy ? { alive: true } : { alive: false, cause: '' };
  instance.checks = new Map([[index, afterProbe(undefined, result, world.now())]]);
  instance.healthy = overallHealth(instance.checks, definitions.length);
  if (instance.healthy !== null) world.emit(instanceHealthChanged(world, instance, instance.healthy));
}
