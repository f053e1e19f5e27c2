/** Apps and tasks as Marathon 1.4 writes them: keys that are always there, nulls, ports and networks in the old forms. */
import {
  type AppDefinition,
  type HealthCheckDefinition,
  isHostNetwork,
  type PortDefinition,
  type PortMapping,
  portsOf,
  servicePortsOf,
} from './definition.ts';
import type { TaskView } from './task-view.ts';

/** After Marathon 1.4.13's `AppDefWrites`. */
export function app14(app: AppDefinition): object {
  const own = app.networks.some((network) => network.mode === 'container');
  return {
    id: app.id,
    cmd: app.cmd ?? null,
    args: app.args ?? null,
    user: app.user ?? null,
    env: app.env ?? {},
    instances: app.instances,
    cpus: app.cpus,
    mem: app.mem,
    disk: app.disk,
    gpus: app.gpus,
    executor: app.executor,
    constraints: app.constraints ?? [],
    uris: (app.fetch ?? []).map(uriOf),
    fetch: app.fetch ?? [],
    storeUrls: [],
    backoffSeconds: app.backoffSeconds,
    backoffFactor: app.backoffFactor,
    maxLaunchDelaySeconds: app.maxLaunchDelaySeconds,
    container: containerOf(app),
    healthChecks: (app.healthChecks ?? []).map(healthCheck14),
    readinessChecks: app.readinessChecks ?? [],
    dependencies: app.dependencies ?? [],
    upgradeStrategy: {
      minimumHealthCapacity: app.upgradeStrategy.minimumHealthCapacity,
      maximumOverCapacity: app.upgradeStrategy.maximumOverCapacity,
    },
    labels: app.labels,
    ipAddress: own ? ipAddressOf(app) : null,
    version: app.version,
    residency: null,
    secrets: app.secrets ?? {},
    taskKillGracePeriodSeconds: app.taskKillGracePeriodSeconds ?? null,
    unreachableStrategy: app.unreachableStrategy,
    killSelection: app.killSelection,
    ...(app.acceptedResourceRoles === undefined ? {} : { acceptedResourceRoles: app.acceptedResourceRoles }),
    ...(own
      ? {}
      : {
          ports: servicePortsOf(app),
          portDefinitions: portsOf(app).map(definitionOf),
          requirePorts: app.requirePorts,
        }),
    versionInfo: app.versionInfo,
  };
}

export function healthCheck14(check: HealthCheckDefinition): object {
  return given({
    gracePeriodSeconds: check.gracePeriodSeconds,
    intervalSeconds: check.intervalSeconds,
    timeoutSeconds: check.timeoutSeconds,
    maxConsecutiveFailures: check.maxConsecutiveFailures,
    portIndex: check.portIndex,
    port: check.port,
    path: check.path,
    command: check.command,
    protocol: check.protocol,
    ignoreHttp1xx: check.ignoreHttp1xx,
  });
}

/** Lists without an element are left out, but for `ports`. */
export function task14(task: TaskView): object {
  const some = <T>(list: readonly T[]): readonly T[] | undefined => (list.length === 0 ? undefined : list);
  return given({
    ipAddresses: some(task.ipAddresses),
    stagedAt: task.stagedAt,
    state: task.state,
    ports: task.ports,
    startedAt: task.startedAt,
    version: task.version,
    id: task.id,
    appId: task.appId,
    slaveId: task.slaveId,
    host: task.host,
    servicePorts: some(task.servicePorts),
    healthCheckResults: some(task.healthCheckResults),
  });
}

function containerOf(app: AppDefinition): object | null {
  const { container } = app;
  if (container === undefined) return null;
  const { docker, type, volumes } = container;
  if (docker === undefined) return { type, volumes };
  const { image, privileged, parameters, forcePullImage, ...rest } = docker;
  const network = isHostNetwork(app) ? 'HOST' : app.networks[0]?.mode === 'container' ? 'USER' : 'BRIDGE';
  const mappings = network === 'HOST' ? [] : (container.portMappings ?? []).map(mappingOf);
  return {
    type,
    volumes,
    docker: { image, network, portMappings: mappings, privileged, parameters, forcePullImage, ...rest },
  };
}

function mappingOf(mapping: PortMapping): object {
  return given({
    containerPort: mapping.containerPort,
    hostPort: mapping.hostPort,
    servicePort: mapping.servicePort,
    protocol: mapping.protocol,
    name: mapping.name,
    labels: mapping.labels,
  });
}

/** In bridge mode there is one for each mapping, with its service port. */
function definitionOf(port: PortMapping | PortDefinition): object {
  const mapped = 'servicePort' in port;
  return given({
    port: mapped ? port.servicePort : port.port,
    protocol: port.protocol,
    name: mapped ? undefined : port.name,
    labels: mapped ? {} : port.labels,
  });
}

function ipAddressOf(app: AppDefinition): object {
  const [network] = app.networks;
  const mappings = app.container?.docker === undefined ? (app.container?.portMappings ?? []) : [];
  return given({
    groups: [],
    labels: network?.labels ?? {},
    discovery: {
      ports: mappings.map(({ containerPort, name, protocol }) =>
        given({ number: containerPort, name, protocol }),
      ),
    },
    networkName: network?.name,
  });
}

function uriOf(artifact: unknown): unknown {
  return typeof artifact === 'object' && artifact !== null && 'uri' in artifact ? artifact.uri : artifact;
}

function given(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
