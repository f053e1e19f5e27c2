/** Tasks as the API writes them since 1.6. */
import { servicePortsOf } from './definition.ts';
import { type App, type Condition, type Instance, isActive, iso, type World } from './world.ts';

const states: Readonly<Record<Condition, string>> = {
  Scheduled: 'TASK_STAGING',
  Provisioned: 'TASK_STAGING',
  Starting: 'TASK_STARTING',
  Running: 'TASK_RUNNING',
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

export function taskView(world: World, instance: Instance, withServicePorts: boolean): object {
  const task = instance.task;
  const active = isActive(instance.condition);
  return {
    appId: instance.appId,
    healthCheckResults: active ? healthResults(instance) : [],
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
  };
}

function times(stagedAt: number, startedAt: number | null, version: string): object {
  return { stagedAt: iso(stagedAt), ...(startedAt === null ? {} : { startedAt: iso(startedAt) }), version };
}

/** One entry for each check that has reported. */
function healthResults(instance: Instance): readonly object[] {
  return [...instance.checks.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, state]) => ({
      alive: state.alive,
      consecutiveFailures: state.consecutiveFailures,
      ...(state.firstSuccess === null ? {} : { firstSuccess: iso(state.firstSuccess) }),
      ...(state.lastFailure === null ? {} : { lastFailure: iso(state.lastFailure) }),
      ...(state.lastSuccess === null ? {} : { lastSuccess: iso(state.lastSuccess) }),
      ...(state.lastFailureCause === null ? {} : { lastFailureCause: state.lastFailureCause }),
      instanceId: instance.id,
    }));
}
