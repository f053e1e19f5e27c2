/** From Marathon's JSON to the model: the only way in. */
import type { App, HealthCheck, Task } from '../model/app.ts';
import { appId, type Millis, taskId } from '../model/ids.ts';
import { healthOf, heldHealth, toHealthCheck } from './health.ts';
import { networkOf, portsOf } from './network.ts';
import type { WireApp, WireDefinition, WireTask } from './schema.ts';
import { instant, isAtLeast } from './versions.ts';

/** What one answer about an app cannot say. */
export interface Background {
  /** The health checks of an older version; null when they could not be found. */
  readonly checksOf: (version: string) => readonly HealthCheck[] | null;
  /** The app as it was read before; null when it is new. */
  readonly previous: App | null;
  readonly now: Millis;
}

/** The version that last changed more than the count. Marathon leaves `versionInfo` out where that is the version itself. */
export function configVersion(wire: WireDefinition): string {
  return wire.versionInfo?.lastConfigChangeAt ?? wire.version;
}

/** Versions of tasks that run an older definition than the app's, each once. */
export function olderVersions(wire: WireApp): readonly string[] {
  const config = configVersion(wire);
  const older = (wire.tasks ?? []).flatMap(({ version }) =>
    version !== null && !isAtLeast(version, config) ? [version] : [],
  );
  return [...new Set(older)];
}

/** The model of an app. Tasks are sorted by id, so that the same app gives the same value. */
export function toApp(wire: WireApp, background: Background): App {
  const healthChecks = wire.healthChecks.map(toHealthCheck);
  const tasks = (wire.tasks ?? []).map((task) => toTask(task, wire, healthChecks, background));
  return {
    id: appId(wire.id),
    version: wire.version,
    lastConfigChangeAt: configVersion(wire),
    instances: wire.instances,
    labels: wire.labels,
    network: networkOf(wire),
    ports: portsOf(wire),
    healthChecks,
    tasks: tasks.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)),
  };
}

function toTask(
  wire: WireTask,
  app: WireApp,
  appChecks: readonly HealthCheck[],
  background: Background,
): Task {
  const current = wire.version !== null && isAtLeast(wire.version, configVersion(app));
  const own = current || wire.version === null ? appChecks : background.checksOf(wire.version);
  // Of a version that cannot be found it is not known how many results to expect.
  const reported = healthOf(wire, own === null ? Math.min(1, appChecks.length) : own.length);
  const before = background.previous?.tasks.find(({ id }) => id === wire.id) ?? null;
  return {
    id: taskId(wire.id),
    app: appId(app.id),
    state: wire.state,
    host: wire.host,
    addresses: wire.ipAddresses.map(({ ipAddress }) => ipAddress),
    ports: wire.ports,
    version: wire.version,
    startedAt: instant(wire.startedAt),
    ...heldHealth(reported, wire.state, before, own ?? appChecks, background.now),
    readinessPassed: readinessPassed(wire, app, before),
    healthChecks: own ?? appChecks,
    current,
  };
}

/**
 * Marathon runs readiness checks only for what a running deployment starts, until they pass once, and only that
 * deployment holds their results. Tasks launched before the app's latest version were not started by it.
 */
function readinessPassed(task: WireTask, app: WireApp, before: Task | null): boolean {
  if (app.readinessChecks.length === 0 || app.deployments.length === 0) return true;
  if (task.version === null || !isAtLeast(task.version, app.version)) return true;
  if (before?.state === 'TASK_RUNNING' && before.readinessPassed) return true;
  const results = app.readinessCheckResults.filter(
    ({ taskId: id }) => id === task.id || task.id.startsWith(`${id}.`),
  );
  return results.length >= app.readinessChecks.length && results.every(({ ready }) => ready);
}
