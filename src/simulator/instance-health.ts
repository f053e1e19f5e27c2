/** What a probe's result does to an instance: its health, the events of it, and the kill after too many failures. */
import {
  failedHealthCheck,
  healthStatusChanged,
  instanceHealthChanged,
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
 * `graceMs` long. More than `maxConsecutiveFailures` failures in a row kill the task; 0 never does.
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
  const before = instance.checks.get(index);
  if (!result.alive && (before?.firstSuccess ?? null) === null && now - startedAt < graceMs) return;

  const after = afterProbe(before, result, now);
  instance.checks = new Map(instance.checks).set(index, after);
  if (!result.alive) world.emit(failedHealthCheck(world, instance, check));
  if (after.alive !== (before?.alive ?? false)) world.emit(healthStatusChanged(world, instance, after.alive));
  const healthy = overallHealth(instance.checks, instance.def.healthChecks?.length ?? 0);
  if (healthy !== instance.healthy) {
    instance.healthy = healthy;
    world.emit(instanceHealthChanged(world, instance));
    world.wake();
  }
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
