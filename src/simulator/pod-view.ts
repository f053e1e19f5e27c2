/** The status of pods and of their instances, after Marathon's `PodStatusConversion` and `AppInfoBaseData.podStatus`. */
import { isPod } from './definition.ts';
import { hostPortsOf, type PodContainer, type PodFields } from './pod-definition.ts';
import { type MesosTask, mesosTasks } from './pod-tasks.ts';
import { stateOf } from './task-view.ts';
import { type App, type Condition, type Instance, isActive, iso, type World } from './world.ts';

export type ShownPod = App & { readonly shown: NonNullable<App['shown']> & { readonly pod: PodFields } };

/** An instance in the form of 1.10; the dialect leaves out what older versions do not tell. */
export interface PodInstanceView {
  readonly id: string;
  readonly status: string;
  readonly statusSince: string;
  readonly conditions: readonly never[];
  readonly agentHostname?: string;
  readonly agentId?: string;
  readonly resources: object;
  readonly networks: readonly object[];
  readonly containers: readonly object[];
  readonly message?: string;
  readonly specReference: string;
  readonly localVolumes: readonly never[];
  readonly lastUpdated: string;
  readonly lastChanged: string;
  readonly role: string;
}

/** All pods that can be read, by id. */
export function shownPods(world: World): readonly ShownPod[] {
  return [...world.apps.values()]
    .filter((app): app is ShownPod => app.shown !== null && isPod(app.shown))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

export function podStatus(world: World, pod: ShownPod): object {
  // Before there were goals, an instance began with the offer that it took.
  const instances = [...pod.instances.values()].filter(
    ({ condition }) => world.dialect.condition(condition) !== null,
  );
  const stable = instances.filter(({ condition }) => stateIn(condition) === 'STABLE').length;
  const since = instances.length === 0 ? world.now() : Math.max(...instances.map(sinceOf));
  const state = pod.def === null ? 'TERMINAL' : stable >= pod.shown.instances ? 'STABLE' : 'DEGRADED';
  return {
    id: pod.id,
    spec: world.dialect.pod(pod.shown),
    status: state,
    statusSince: iso(since),
    instances: instances.map((instance) => world.dialect.podInstance(instanceStatus(world, instance))),
    terminationHistory: [],
    lastUpdated: iso(world.now()),
    lastChanged: iso(since),
  };
}

/** What Marathon answers of an instance that it was told to kill (its `InstanceConversion`). */
export function instanceView(world: World, instance: Instance): object {
  const { condition, activeSince, task, def, goal } = instance;
  return {
    instanceId: instance.id,
    state: {
      condition: world.dialect.condition(condition) ?? condition,
      since: iso(sinceOf(instance)),
      ...(task?.startedAt == null ? {} : { activeSince: iso(activeSince) }),
      ...(world.dialect.stableInstances ? { goal } : {}),
    },
    ...(task === null
      ? {}
      : { agentInfo: { host: task.host, agentId: world.settings.agentId, attributes: [] } }),
    runSpecVersion: def.version,
    unreachableStrategy: def.unreachableStrategy,
  };
}

function instanceStatus(world: World, instance: Instance): PodInstanceView {
  const { task, condition, def } = instance;
  const since = iso(sinceOf(instance));
  const { containers = [], executorResources } = def.pod ?? {};
  const tasks = mesosTasks(world, instance);
  const placed = isActive(condition) ? containers : [];
  const sum = (of: 'cpus' | 'mem' | 'disk'): number =>
    placed.reduce((all, { resources }) => all + resources[of], executorResources?.[of] ?? 0);
  return {
    id: instance.id,
    status: stateIn(condition),
    statusSince: since,
    conditions: [],
    ...(task === null ? {} : { agentHostname: task.host, agentId: world.settings.agentId }),
    resources: {
      cpus: sum('cpus'),
      mem: sum('mem'),
      disk: sum('disk'),
      gpus: placed.reduce((all, { resources }) => all + resources.gpus, 0),
    },
    networks: task === null || task.address === '' ? [] : [{ addresses: [task.address] }],
    containers: tasks.map((each, index) => containerStatus(instance, containers[index], each)),
    ...(stateIn(condition) === 'DEGRADED' ? { message: 'pod instance has become unreachable' } : {}),
    specReference: `/v2/pods${instance.appId}::versions/${def.version}`,
    localVolumes: [],
    lastUpdated: since,
    lastChanged: since,
    role: def.role,
  };
}

function containerStatus(instance: Instance, container: PodContainer | undefined, task: MesosTask): object {
  const active = isActive(instance.condition);
  const since = iso(instance.task?.startedAt ?? instance.task?.stagedAt ?? instance.activeSince);
  return {
    name: container?.name ?? task.id,
    status: stateOf(instance),
    statusSince: since,
    conditions: [],
    containerId: task.id,
    endpoints: active && container !== undefined ? endpointsOf(container, task) : [],
    ...(active ? { resources: container?.resources } : {}),
    lastUpdated: since,
    lastChanged: since,
  };
}

/** Those with a port of the agent first, as Marathon writes them. */
function endpointsOf(container: PodContainer, { ports }: MesosTask): readonly object[] {
  const allocated = hostPortsOf(container).flatMap(({ name }, index) => {
    const port = ports[index];
    return port === undefined ? [] : [{ name, allocatedHostPort: port }];
  });
  const others = container.endpoints.filter(({ hostPort }) => hostPort === undefined);
  return [...allocated, ...others.map(({ name }) => ({ name }))];
}

function stateIn(condition: Condition): string {
  switch (condition) {
    case 'Scheduled':
    case 'Provisioned':
      return 'PENDING';
    case 'Starting':
      return 'STAGING';
    case 'Running':
      return 'STABLE';
    case 'Unreachable':
    case 'UnreachableInactive':
      return 'DEGRADED';
    default:
      return 'TERMINAL';
  }
}

/** Since when it runs; of what does not run, since when it was scheduled or provisioned. */
function sinceOf({ condition, task, activeSince }: Instance): number {
  return condition === 'Running' ? (task?.startedAt ?? activeSince) : activeSince;
}
