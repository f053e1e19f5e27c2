/** What makes Marathon restart tasks: the comparison of two versions of an app. */
import type { AppDefinition } from './definition.ts';

/** Marathon's `AppDefinition.isUpgrade` as of 1.10; `instances`, `versionInfo` and `executorResources` are not in it. */
const upgradeFields = [
  'cmd',
  'args',
  'user',
  'env',
  'cpus',
  'mem',
  'disk',
  'gpus',
  'executor',
  'constraints',
  'fetch',
  'portDefinitions',
  'requirePorts',
  'backoffSeconds',
  'backoffFactor',
  'maxLaunchDelaySeconds',
  'container',
  'healthChecks',
  'check',
  'taskKillGracePeriodSeconds',
  'dependencies',
  'upgradeStrategy',
  'labels',
  'acceptedResourceRoles',
  'networks',
  'readinessChecks',
  'secrets',
  'unreachableStrategy',
  'killSelection',
  'tty',
  'role',
  'resourceLimits',
] as const satisfies readonly (keyof AppDefinition)[];

/** The same for pods, by `PodDefinition.isUpgrade`. */
function podUpgradeParts(pod: NonNullable<AppDefinition['pod']>): unknown {
  const { executorResources: _resources, scheduling, ...rest } = pod;
  const { backoff, upgrade, placement } = scheduling;
  return { ...rest, backoff, upgrade, placement };
}

export function isUpgrade(from: AppDefinition, to: AppDefinition): boolean {
  if (from.pod !== undefined && to.pod !== undefined)
    return !sameJson(podUpgradeParts(from.pod), podUpgradeParts(to.pod));
  return upgradeFields.some((field) => !sameJson(from[field], to[field]));
}

export function isOnlyScaleChange(from: AppDefinition, to: AppDefinition): boolean {
  return !isUpgrade(from, to) && from.instances !== to.instances;
}

export function needsRestart(from: AppDefinition, to: AppDefinition): boolean {
  return !sameJson(from.versionInfo, to.versionInfo) || isUpgrade(from, to);
}

/** Equality of JSON values; the order of keys does not matter, the order of lists does. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((value, index) => sameJson(value, b[index]))
    );
  }
  const left = Object.entries(a).filter(([, value]) => value !== undefined);
  const right = new Map(Object.entries(b).filter(([, value]) => value !== undefined));
  return (
    left.length === right.size &&
    left.every(([key, value]) => right.has(key) && sameJson(value, right.get(key)))
  );
}
