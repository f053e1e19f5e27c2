/** Marathon's events with exactly the keys that the simulated version writes, in wire order. */
import type { AppDefinition, HealthCheckDefinition } from './definition.ts';
import type { Plan, Step } from './plan.ts';
import type { MesosTask } from './pod-tasks.ts';
import { type Instance, iso, type MarathonEvent, type Orphan, type World } from './world.ts';

/** Event bodies are built here and nowhere else. Each function gives one event, stamped with the world's time. */
type Stamp = Pick<World, 'now' | 'settings' | 'dialect'>;

export function streamAttached(now: number, remoteAddress: string): MarathonEvent {
  return { remoteAddress, eventType: 'event_stream_attached', timestamp: iso(now) };
}

export function streamDetached(now: number, remoteAddress: string): MarathonEvent {
  return { remoteAddress, eventType: 'event_stream_detached', timestamp: iso(now) };
}

export function apiPost(world: Stamp, clientIp: string, uri: string, app: AppDefinition): MarathonEvent {
  const appDefinition = world.dialect.app(app);
  return { clientIp, uri, appDefinition, eventType: 'api_post_event', timestamp: iso(world.now()) };
}

export type PodEventType = 'pod_created_event' | 'pod_updated_event' | 'pod_deleted_event';

/** It does not say which pod; `uri` does, where that names one. */
export function podEvent(
  world: Stamp,
  eventType: PodEventType,
  clientIp: string,
  uri: string,
): MarathonEvent {
  return { clientIp, uri, eventType, timestamp: iso(world.now()) };
}

export function groupChangeSuccess(world: Stamp, groupId: string, version: string): MarathonEvent {
  return { groupId, version, eventType: 'group_change_success', timestamp: iso(world.now()) };
}

export function groupChangeFailed(
  world: Stamp,
  groupId: string,
  version: string,
  reason: string,
): MarathonEvent {
  return { groupId, version, reason, eventType: 'group_change_failed', timestamp: iso(world.now()) };
}

export function deploymentInfo(world: Stamp, plan: Plan, currentStep: Step): MarathonEvent {
  return { plan, currentStep, eventType: 'deployment_info', timestamp: iso(world.now()) };
}

export function deploymentStepSuccess(world: Stamp, plan: Plan, currentStep: Step): MarathonEvent {
  return { plan, currentStep, eventType: 'deployment_step_success', timestamp: iso(world.now()) };
}

export function deploymentSuccess(world: Stamp, plan: Plan): MarathonEvent {
  return { id: plan.id, plan, eventType: 'deployment_success', timestamp: iso(world.now()) };
}

export function deploymentFailed(world: Stamp, plan: Plan, reason: string): MarathonEvent {
  const event = { id: plan.id, plan, eventType: 'deployment_failed', timestamp: iso(world.now()) };
  return world.dialect.tellsFailureReason ? { ...event, reason } : event;
}

export function addHealthCheck(
  world: Stamp,
  appId: string,
  healthCheck: HealthCheckDefinition,
  version: string,
): MarathonEvent {
  return inOrder('add_health_check_event', world.dialect.addHealthCheckKeys, {
    appId,
    healthCheck: world.dialect.healthCheck(healthCheck),
    timestamp: iso(world.now()),
    version,
  });
}

export function removeHealthCheck(world: Stamp, appId: string): MarathonEvent {
  return { appId, eventType: 'remove_health_check_event', timestamp: iso(world.now()) };
}

/** Both of the names that versions have for it hold an instance id. */
export function failedHealthCheck(
  world: Stamp,
  of: Instance,
  healthCheck: HealthCheckDefinition,
): MarathonEvent {
  return inOrder('failed_health_check_event', world.dialect.failedHealthCheckKeys, {
    appId: of.appId,
    healthCheck: world.dialect.healthCheck(healthCheck),
    taskId: of.id,
    instanceId: of.id,
    timestamp: iso(world.now()),
  });
}

export function healthStatusChanged(world: Stamp, of: Instance, alive: boolean): MarathonEvent {
  return {
    appId: of.appId,
    instanceId: of.id,
    version: of.def.version,
    alive,
    eventType: 'health_status_changed_event',
    timestamp: iso(world.now()),
  };
}

export function instanceHealthChanged(world: Stamp, of: Instance, healthy: boolean | null): MarathonEvent {
  return {
    instanceId: of.id,
    runSpecId: of.appId,
    healthy,
    runSpecVersion: of.def.version,
    timestamp: iso(world.now()),
    eventType: 'instance_health_changed_event',
  };
}

/** `failedAt`: the time of the last failure, in ms; the event is stamped with that. */
export function unhealthyInstanceKill(
  world: Stamp,
  of: Instance,
  reason: string,
  failedAt: number,
): MarathonEvent {
  return {
    appId: of.appId,
    taskId: of.task?.id ?? '',
    instanceId: of.id,
    version: of.def.version,
    reason,
    host: of.task?.host ?? 'unknown',
    slaveId: world.settings.agentId,
    eventType: 'unhealthy_instance_kill_event',
    timestamp: iso(failedAt),
  };
}

/** `task` is one of a pod's containers, or an app's only one. */
export function statusUpdate(
  world: Stamp,
  of: Instance,
  taskStatus: string,
  message: string,
  task: MesosTask | null = of.task,
): MarathonEvent {
  const address = of.task?.address ?? '';
  return {
    slaveId: world.settings.agentId,
    taskId: task?.id ?? '',
    taskStatus,
    message,
    appId: of.appId,
    host: of.task?.host ?? 'unknown',
    ipAddresses: address === '' ? [] : [{ ipAddress: address, protocol: 'IPv4' }],
    ports: task?.ports ?? [],
    version: of.def.version,
    eventType: 'status_update_event',
    timestamp: iso(world.now()),
  };
}

/** `condition` is the version's own name for it. */
export function instanceChanged(world: Stamp, of: Instance, condition: string): MarathonEvent {
  const placed = of.condition !== 'Scheduled';
  return {
    instanceId: of.id,
    condition,
    runSpecId: of.appId,
    agentId: placed ? world.settings.agentId : null,
    host: placed ? (of.task?.host ?? world.settings.taskHost) : null,
    runSpecVersion: of.def.version,
    timestamp: iso(world.now()),
    eventType: 'instance_changed_event',
  };
}

/** A task that Marathon had forgotten has ended. */
export function unknownInstanceTerminated(world: Stamp, of: Orphan, condition: string): MarathonEvent {
  return {
    instanceId: of.instanceId,
    runSpecId: of.appId,
    condition,
    timestamp: iso(world.now()),
    eventType: 'unknown_instance_terminated_event',
  };
}

/** What an executor sends to its framework. Play writes Marathon's `Array[Byte]` as a list of signed numbers. */
export function frameworkMessage(world: Stamp, executorId: string, message: Uint8Array): MarathonEvent {
  return {
    executorId,
    slaveId: world.settings.agentId,
    message: [...Int8Array.from(message)],
    eventType: 'framework_message_event',
    timestamp: iso(world.now()),
  };
}

export function schedulerReregistered(world: Stamp): MarathonEvent {
  return {
    master: world.settings.taskHost,
    eventType: 'scheduler_reregistered_event',
    timestamp: iso(world.now()),
  };
}

export function appTerminated(world: Stamp, appId: string): MarathonEvent {
  return { appId, eventType: 'app_terminated_event', timestamp: iso(world.now()) };
}

function inOrder(
  eventType: string,
  keys: readonly string[],
  values: Readonly<Record<string, unknown>>,
): MarathonEvent {
  const all: Readonly<Record<string, unknown>> = { ...values, eventType };
  return { ...Object.fromEntries(keys.map((key) => [key, all[key]])), eventType };
}
