/** Tasks as the API writes them, in the form of 1.10; the dialect makes older forms of it. */
import { servicePortsOf } from './definition.ts';
import { type App, type Condition, type Instance, isActive, iso, type World } from './world.ts';

const states: Readonly<Record<Condition, string>> = {
  Scheduled: 'TASK_STAGING',
  Provisioned: 'TASK_STAGING',
  Starting: 'TASK_STARTING',
  Running: 'TASK_RUNNING',
  Unreachable: 'TASK_UNREACHABLE',
  UnreachableInactive: 'TASK_UNREACHABLE',
  Killing: 'TASK_KILLING',
  Killed: 'TASK_KILLED',
  Failed: 'TASK_FAILED',
};

export function stateOf(instance: Instance): string {
  return states[instance.condition];
}

/** The app's tasks; an instance that was never provisioned, or waits for it, has none. */
export function tasksOf(world: World, app: App, withServicePorts: boolean): readonly object[] {
  return [...app.instances.values()]
    .filter((instance) => instance.task !== null)
    .map((instance) => taskView(world, instance, withServicePorts));
}

export interface HealthResultView {
  readonly alive: boolean;
  readonly consecutiveFailures: number;
  readonly firstSuccess: string | null;
  readonly lastFailure: string | null;
  readonly lastSuccess: string | null;
  readonly lastFailureCause: string | null;
  readonly instanceId: string;
}

export interface TaskView {
  readonly appId: string;
  readonly healthCheckResults: readonly object[];
  readonly host: string;
  readonly id: string;
  readonly ipAddresses: readonly { readonly ipAddress: string; readonly protocol: string }[];
  readonly ports: readonly number[];
  readonly servicePorts: readonly number[];
  readonly slaveId: string;
  readonly state: string;
  readonly stagedAt?: string;
  readonly startedAt?: string;
  readonly version?: string;
  readonly localVolumes: readonly never[];
  readonly role: string;
}

export function taskView(world: World, instance: Instance, withServicePorts: boolean): object {
  const task = instance.task;
  const active = isActive(instance.condition);
  return world.dialect.task({
    appId: instance.appId,
    healthCheckResults: active ? healthResults(world, instance) : [],
    host: task?.host ?? '',
    id: task?.id ?? '',
    ipAddresses: task === null || task.address === '' ? [] : [{ ipAddress: task.address, protocol: 'IPv4' }],
    ports: active ? (task?.ports ?? []) : [],
    servicePorts: withServicePorts ? servicePortsOf(instance.def) : [],
    slaveId: world.settings.agentId,
    state: stateOf(instance),
    ...(active && task !== null ? times(task.stagedAt, task.startedAt, instance.def.version) : {}),
    localVolumes: [],
    role: instance.def.role,
  });
}

function times(
  stagedAt: number,
  startedAt: number | null,
  version: string,
): Pick<TaskView, 'stagedAt' | 'startedAt' | 'version'> {
  return { stagedAt: iso(stagedAt), ...(startedAt === null ? {} : { startedAt: iso(startedAt) }), version };
}

/** One entry for each check that has reported. */
function healthResults(world: World, instance: Instance): readonly object[] {
  return [...instance.checks.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, state]) =>
      world.dialect.healthResult({
        alive: state.alive,
        consecutiveFailures: state.consecutiveFailures,
        firstSuccess: isoOrNull(state.firstSuccess),
        lastFailure: isoOrNull(state.lastFailure),
        lastSuccess: isoOrNull(state.lastSuccess),
        lastFailureCause: state.lastFailureCause,
        instanceId: instance.id,
      }),
    );
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
}
