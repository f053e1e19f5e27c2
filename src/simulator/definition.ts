/** A run spec, mostly an app definition, in the form that Marathon 1.5 and later keeps and writes, keys in wire order. */
import type { PodFields } from './pod-definition.ts';

export type Labels = Readonly<Record<string, string>>;

export interface PortMapping {
  readonly containerPort: number;
  readonly hostPort?: number;
  readonly labels: Labels;
  readonly name?: string;
  readonly networkNames?: readonly string[];
  readonly protocol: string;
  readonly servicePort: number;
}

export interface PortDefinition {
  readonly labels: Labels;
  readonly name?: string;
  readonly port: number;
  readonly protocol: string;
}

export interface Container {
  readonly type: string;
  readonly docker?: Readonly<Record<string, unknown>>;
  readonly volumes: readonly unknown[];
  readonly portMappings?: readonly PortMapping[];
}

export interface Network {
  readonly name?: string;
  readonly mode: 'host' | 'container/bridge' | 'container';
  readonly labels?: Labels;
}

export interface HealthCheckDefinition {
  readonly gracePeriodSeconds: number;
  readonly ignoreHttp1xx?: boolean;
  readonly intervalSeconds: number;
  readonly maxConsecutiveFailures: number;
  readonly path?: string;
  readonly port?: number;
  readonly portIndex?: number;
  readonly protocol: string;
  readonly ipProtocol?: string;
  readonly timeoutSeconds: number;
  readonly delaySeconds: number;
  readonly command?: Readonly<Record<string, unknown>>;
}

export interface ReadinessCheckDefinition {
  readonly name: string;
  readonly protocol: string;
  readonly path: string;
  readonly portName: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly httpStatusCodesForReady: readonly number[];
  readonly preserveLastResponse: boolean;
}

export interface UpgradeStrategy {
  readonly maximumOverCapacity: number;
  readonly minimumHealthCapacity: number;
}

export type UnreachableStrategy =
  | 'disabled'
  | { readonly inactiveAfterSeconds: number; readonly expungeAfterSeconds: number };

export interface VersionInfo {
  readonly lastScalingAt: string;
  readonly lastConfigChangeAt: string;
}

export interface AppDefinition {
  readonly id: string;
  readonly acceptedResourceRoles?: readonly string[];
  readonly args?: readonly string[];
  readonly backoffFactor: number;
  readonly backoffSeconds: number;
  readonly cmd?: string;
  readonly constraints?: readonly (readonly string[])[];
  readonly container?: Container;
  readonly cpus: number;
  readonly dependencies?: readonly string[];
  readonly disk: number;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly executor: string;
  readonly executorResources?: Readonly<Record<string, unknown>>;
  readonly fetch?: readonly unknown[];
  readonly healthChecks?: readonly HealthCheckDefinition[];
  readonly check?: Readonly<Record<string, unknown>>;
  readonly instances: number;
  readonly labels: Labels;
  readonly maxLaunchDelaySeconds: number;
  readonly mem: number;
  readonly gpus: number;
  readonly networks: readonly Network[];
  readonly portDefinitions?: readonly PortDefinition[];
  readonly readinessChecks?: readonly ReadinessCheckDefinition[];
  readonly requirePorts: boolean;
  readonly resourceLimits?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, unknown>>;
  readonly taskKillGracePeriodSeconds?: number;
  readonly upgradeStrategy: UpgradeStrategy;
  readonly user?: string;
  readonly version: string;
  readonly versionInfo: VersionInfo;
  readonly killSelection: 'YOUNGEST_FIRST' | 'OLDEST_FIRST';
  readonly unreachableStrategy: UnreachableStrategy;
  readonly tty?: boolean;
  readonly role: string;
  /** What it is a pod by; the other fields then are what running it takes. */
  readonly pod?: PodFields;
}

/** What a user may write: every field is optional, and all are in the form of {@link AppDefinition}. */
export type AppFields = Partial<Omit<AppDefinition, 'version' | 'versionInfo' | 'pod'>>;

export function isPod({ pod }: Pick<AppDefinition, 'pod'>): boolean {
  return pod !== undefined;
}

/** Whether Mesos makes this check on the agent; Marathon then hears of it by status updates. */
export function isMesosCheck({ protocol }: Pick<HealthCheckDefinition, 'protocol'>): boolean {
  return protocol === 'COMMAND' || protocol.startsWith('MESOS_');
}

/** Whether the tasks listen on the agent's own ports. */
export function isHostNetwork(app: Pick<AppDefinition, 'networks'>): boolean {
  return app.networks.every((network) => network.mode === 'host');
}

/** Ports of an app in index order, from whichever of the two lists its network mode uses. */
export function portsOf(app: AppDefinition): readonly (PortMapping | PortDefinition)[] {
  return isHostNetwork(app) ? (app.portDefinitions ?? []) : (app.container?.portMappings ?? []);
}

export function servicePortsOf(app: AppDefinition): readonly number[] {
  return portsOf(app).map((port) => ('servicePort' in port ? port.servicePort : port.port));
}

const wireOrder = [
  'id',
  'acceptedResourceRoles',
  'args',
  'backoffFactor',
  'backoffSeconds',
  'cmd',
  'constraints',
  'container',
  'cpus',
  'dependencies',
  'disk',
  'env',
  'executor',
  'executorResources',
  'fetch',
  'healthChecks',
  'check',
  'instances',
  'labels',
  'maxLaunchDelaySeconds',
  'mem',
  'gpus',
  'networks',
  'portDefinitions',
  'readinessChecks',
  'requirePorts',
  'resourceLimits',
  'secrets',
  'taskKillGracePeriodSeconds',
  'upgradeStrategy',
  'user',
  'version',
  'versionInfo',
  'killSelection',
  'unreachableStrategy',
  'tty',
  'role',
  'pod',
] as const satisfies readonly (keyof AppDefinition)[];

/** The same definition with its keys as Marathon writes them. */
export function inWireOrder(app: AppDefinition): AppDefinition {
  const entries = wireOrder.flatMap((key) => (app[key] === undefined ? [] : [[key, app[key]] as const]));
  return Object.fromEntries(entries) as unknown as AppDefinition;
}
