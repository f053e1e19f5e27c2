/** Merges a partial update into a definition, and fills in Marathon's defaults. */
import { appId } from '../model/ids.ts';
import {
  type AppDefinition,
  type AppFields,
  type Container,
  type HealthCheckDefinition,
  isHostNetwork,
  type PortMapping,
} from './definition.ts';
import type { Dialect } from './dialect.ts';

/** A definition that has no version yet. */
export type Draft = Omit<AppDefinition, 'version' | 'versionInfo'>;

/**
 * Marathon's merge of a partial update: a field that is written replaces the old one whole (maps and lists too), one
 * that is not written stays. Except, in 1.10: `resourceLimits` that are not written are dropped, and
 * `executorResources` as well (since 1.6).
 */
export function merge(from: AppFields, update: AppFields): AppFields {
  const { resourceLimits: _limits, executorResources: _resources, ...kept } = from;
  return { ...kept, ...update };
}

/** Marathon's defaults, keys in wire order. */
export function complete(id: string, app: AppFields, defaults: Dialect['defaults']): Draft {
  const networks = app.networks ?? [{ mode: 'host' }];
  const host = isHostNetwork({ networks });
  const container = completeContainer(app.container, networks[0]?.mode ?? 'host');
  const ports = host
    ? (app.portDefinitions ?? [{ labels: {}, name: 'default', port: 0, protocol: 'tcp' }])
    : undefined;
  const portCount = (host ? ports : container?.portMappings)?.length ?? 0;
  return compact({
    id,
    acceptedResourceRoles: app.acceptedResourceRoles ?? defaults.acceptedResourceRoles,
    args: nonEmpty(app.args),
    backoffFactor: app.backoffFactor ?? 1.15,
    backoffSeconds: app.backoffSeconds ?? 1,
    cmd: app.cmd,
    constraints: nonEmpty(app.constraints),
    container,
    cpus: app.cpus ?? 1,
    dependencies: nonEmpty(app.dependencies?.map((each) => appId(each))),
    disk: app.disk ?? 0,
    env: app.env === undefined || Object.keys(app.env).length === 0 ? undefined : app.env,
    executor: app.executor ?? '',
    executorResources: app.executorResources,
    fetch: nonEmpty(app.fetch),
    healthChecks: nonEmpty(app.healthChecks?.map((check) => completeCheck(check, portCount))),
    check: app.check,
    instances: app.instances ?? 1,
    labels: app.labels ?? {},
    maxLaunchDelaySeconds: app.maxLaunchDelaySeconds ?? defaults.maxLaunchDelaySeconds,
    mem: app.mem ?? 128,
    gpus: app.gpus ?? 0,
    networks,
    portDefinitions: ports,
    readinessChecks: nonEmpty(app.readinessChecks),
    requirePorts: app.requirePorts ?? false,
    resourceLimits: app.resourceLimits,
    secrets: app.secrets === undefined || Object.keys(app.secrets).length === 0 ? undefined : app.secrets,
    taskKillGracePeriodSeconds: app.taskKillGracePeriodSeconds,
    upgradeStrategy: app.upgradeStrategy ?? defaultStrategy(app.labels ?? {}),
    user: app.user,
    killSelection: app.killSelection ?? 'YOUNGEST_FIRST',
    unreachableStrategy: app.unreachableStrategy ?? defaults.unreachableStrategy,
    tty: app.tty,
    role: app.role ?? '*',
  });
}

function defaultStrategy(labels: Readonly<Record<string, string>>): AppDefinition['upgradeStrategy'] {
  const capacity = labels['MARATHON_SINGLE_INSTANCE_APP'] === 'true' ? 0 : 1;
  return { maximumOverCapacity: capacity, minimumHealthCapacity: capacity };
}

function completeContainer(container: Container | undefined, mode: string): Container | undefined {
  if (mode === 'host') {
    if (container === undefined) return undefined;
    const { portMappings: _mappings, ...rest } = container;
    return rest;
  }
  const bridge = mode === 'container/bridge';
  const { portMappings, ...rest } = container ?? { type: 'MESOS', volumes: [] };
  const mappings = portMappings ?? (bridge ? [defaultMapping] : []);
  return {
    ...rest,
    portMappings: mappings.map((mapping) =>
      bridge ? { ...mapping, hostPort: mapping.hostPort ?? 0 } : mapping,
    ),
  };
}

const defaultMapping: PortMapping = {
  containerPort: 0,
  hostPort: 0,
  labels: {},
  name: 'default',
  protocol: 'tcp',
  servicePort: 0,
};

function completeCheck(check: HealthCheckDefinition, ports: number): HealthCheckDefinition {
  const http = check.protocol.includes('HTTP');
  const command = check.protocol === 'COMMAND';
  return compact({
    gracePeriodSeconds: check.gracePeriodSeconds,
    ignoreHttp1xx: http && !check.protocol.startsWith('MESOS_') ? (check.ignoreHttp1xx ?? false) : undefined,
    intervalSeconds: check.intervalSeconds,
    maxConsecutiveFailures: check.maxConsecutiveFailures,
    path: http ? (check.path ?? '/') : undefined,
    port: command ? undefined : check.port,
    portIndex: command
      ? undefined
      : (check.portIndex ?? (check.port === undefined && ports > 0 ? 0 : undefined)),
    protocol: check.protocol,
    ipProtocol: command ? undefined : (check.ipProtocol ?? 'IPv4'),
    timeoutSeconds: check.timeoutSeconds,
    delaySeconds: check.delaySeconds,
    command: check.command,
  });
}

function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}

/** Marathon 1.5 and later never write null or absent fields. */
function compact<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
