/** From a blueprint's services to the definitions of Marathon apps. */
import { type AppId, appId } from '../../model/ids.ts';
import { sha1 } from '../../model/sha1.ts';
import type { Blueprint, BlueprintCheck, BlueprintPort, BlueprintService } from './blueprint.ts';

/** The labels by which Vamp marks the apps that it has made. */
export const stamps = {
  deployment: 'io.vamp.deployment',
  cluster: 'io.vamp.cluster',
  service: 'io.vamp.service',
} as const;

/** A digest of the definition, by which an app is known to be the one that a blueprint describes. */
export const digestLabel = 'io.baton.definition';

export interface ServiceApp {
  readonly id: AppId;
  readonly cluster: string;
  /** The name of the breed. */
  readonly service: string;
  readonly instances: number;
  readonly digest: string;
  /** As Marathon's API takes it, 1.4 and later. */
  readonly definition: Readonly<Record<string, unknown>> & { readonly id: string };
}

/** The apps of all services, in their order. */
export function appsOf({ name: deployment, clusters }: Blueprint): readonly ServiceApp[] {
  return clusters.flatMap(({ name, services }) =>
    services.map((service) => appOf(deployment, name, service)),
  );
}

/** `/DEPLOYMENT/CLUSTER/SERVICE`, in the letters that Marathon allows: `simpleservice:0.9` is `simpleservice-0.9`. */
export function appIdOf(deployment: string, cluster: string, service: string): AppId {
  return appId([...deployment.split('/'), cluster, service].map(safe).join('/'));
}

function safe(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .split('.')
    .map((part) => part.replace(/^-+|-+$/g, ''))
    .filter((part) => part !== '')
    .join('.');
}

function appOf(deployment: string, cluster: string, service: BlueprintService): ServiceApp {
  const id = appIdOf(deployment, cluster, service.name);
  const { scale, environment, deployable, healthChecks, ports } = service;
  const own = {
    cpus: scale.cpu,
    mem: scale.memoryMb,
    ...(deployable.kind === 'docker' ? dockerOf(service) : commandOf(service)),
    ...(Object.keys(environment).length > 0 && { env: environment }),
    ...(healthChecks.length > 0 && { healthChecks: healthChecks.map((each) => checkOf(each, ports)) }),
  };
  const { instances = scale.instances, ...dialect } = service.dialect;
  const labels = {
    ...(isRecord(dialect['labels']) ? dialect['labels'] : {}),
    [stamps.deployment]: deployment,
    [stamps.cluster]: cluster,
    [stamps.service]: service.name,
  };
  const whole = onHostNetwork({ ...merged(own, dialect), id, labels }, ports);
  const digest = sha1(JSON.stringify(whole)).slice(0, 16);
  const count = typeof instances === 'number' ? instances : scale.instances;
  const definition = { ...whole, id, instances: count, labels: { ...labels, [digestLabel]: digest } };
  return { id, cluster, service: service.name, instances: count, digest, definition };
}

/** Mapped ports: with port 0 the container is told its own, `$PORT0`, and listens on that. */
function dockerOf({ deployable, ports, arguments: all }: BlueprintService) {
  const isPrivileged = all.some(([key, value]) => key === 'privileged' && value === 'true');
  const parameters = all.filter(([key]) => key !== 'privileged').map(([key, value]) => ({ key, value }));
  return {
    container: {
      type: 'DOCKER',
      docker: {
        image: deployable.definition,
        network: 'BRIDGE',
        portMappings: ports.map(({ name, port }) => ({
          containerPort: port,
          hostPort: 0,
          protocol: 'tcp',
          name: portName(name),
        })),
        ...(isPrivileged && { privileged: true }),
        ...(parameters.length > 0 && { parameters }),
      },
    },
  };
}

function commandOf({ deployable, ports }: BlueprintService) {
  return { cmd: deployable.definition, portDefinitions: definitionsOf(ports) };
}

function definitionsOf(ports: readonly BlueprintPort[]) {
  return ports.map(({ name }) => ({ port: 0, protocol: 'tcp', name: portName(name) }));
}

/** What Marathon takes: lower-case letters, digits and hyphens. */
function portName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9-]+/g, '-');
}

function checkOf(check: BlueprintCheck, ports: readonly BlueprintPort[]) {
  const index = ports.findIndex(({ name }) => name === check.port);
  return {
    protocol: check.protocol,
    ...(!check.protocol.endsWith('TCP') && { path: check.path }),
    portIndex: Math.max(0, index),
    gracePeriodSeconds: check.initialDelaySec,
    timeoutSeconds: check.timeoutSec,
    intervalSeconds: check.intervalSec,
    maxConsecutiveFailures: check.failures,
  };
}

type Json = Readonly<Record<string, unknown>>;

/** A dialect may choose the agents' own network, where ports are not mapped. */
function onHostNetwork(definition: Json, ports: readonly BlueprintPort[]): Json {
  const { container } = definition;
  if (!isRecord(container) || !isRecord(container['docker']) || container['docker']['network'] !== 'HOST')
    return definition;
  const { portMappings: _, ...docker } = container['docker'];
  return { portDefinitions: definitionsOf(ports), ...definition, container: { ...container, docker } };
}

/** Objects key by key; of anything else the second. */
function merged(first: Json, second: Json): Json {
  const result: Record<string, unknown> = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const before = Object.hasOwn(result, key) ? result[key] : undefined;
    result[key] = isRecord(before) && isRecord(value) ? merged(before, value) : value;
  }
  return result;
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
