/** Endpoints: the address of a task for one port index, with its health and the check that fits its version. */
import type { App, Health, HealthCheck, Task } from './app.ts';
import { type ServerName, serverName, type TaskId } from './ids.ts';

/** How the data plane itself probes an endpoint. */
export interface EndpointCheck {
  readonly kind: 'http' | 'tcp';
  /** The path of an `http` check; `/` otherwise. */
  readonly path: string;
  /** The port to probe when it is not the endpoint's own. */
  readonly port: number | null;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Consecutive failures until the data plane takes the endpoint for dead, 1 or more. */
  readonly fall: number;
}

export interface Endpoint {
  readonly server: ServerName;
  readonly task: TaskId;
  /** An address or a host name; names are resolved before they reach the data plane. */
  readonly host: string;
  readonly port: number;
  readonly health: Health;
  /** Whether its task runs the app's current configuration. */
  readonly current: boolean;
  readonly readinessPassed: boolean;
  /** When its task began to run; null when Marathon has not said. */
  readonly startedAt: number | null;
  readonly check: EndpointCheck;
  /** Whether that check is as good as all of Marathon's together: what passes it would pass those. */
  readonly checkIsConclusive: boolean;
}

/** Marathon's own defaults are 60 s, 20 s and 3; what no check declares is probed by connecting. */
const connectCheck: EndpointCheck = {
  kind: 'tcp',
  path: '/',
  port: null,
  intervalMs: 10_000,
  timeoutMs: 5_000,
  fall: 3,
};

/**
 * States in which a task may be serving. `TASK_UNREACHABLE` only says that Mesos lost sight of its agent (a partition,
 * a restart of the agent): its health is unknown, and the data plane's own check decides.
 */
const serving: ReadonlySet<string> = new Set(['TASK_RUNNING', 'TASK_UNREACHABLE']);

/**
 * The endpoints of an app's port: its tasks that run, as far as anybody knows, and have an address for it. Tasks that
 * are being killed, are staging or have ended are none; nor are those that Marathon has given up, which list no ports.
 * Sorted by server name, so that the same cluster gives the same list.
 * @param checkIndex the port that the data plane is to probe, where it is another
 */
export function endpointsOf(
  app: App,
  portIndex: number,
  checkIndex: number = portIndex,
): readonly Endpoint[] {
  const endpoints: Endpoint[] = [];
  for (const task of app.tasks) {
    if (!serving.has(task.state)) continue;
    const address = addressOf(app, task, portIndex);
    if (address === null) continue;
    endpoints.push({
      server: serverName(task.id),
      task: task.id,
      host: address.host,
      port: address.port,
      health: task.health,
      current: task.current,
      readinessPassed: task.readinessPassed,
      startedAt: task.startedAt,
      check: checkOf(app, task.healthChecks, { portIndex, checkIndex }, task.ports),
      checkIsConclusive: checkIndex === portIndex && isConclusive(task.healthChecks, portIndex),
    });
  }
  return endpoints.sort((a, b) => (a.server < b.server ? -1 : a.server > b.server ? 1 : 0));
}

function addressOf(app: App, task: Task, portIndex: number): { host: string; port: number } | null {
  const hostPort = task.ports[portIndex];
  if (app.network === 'container') {
    const host = task.addresses[0];
    const port = app.ports[portIndex]?.containerPort ?? null;
    if (host === undefined || port === null || port === 0) return null;
    return { host, port };
  }
  if (hostPort === undefined || hostPort === 0) return null;
  return { host: task.host, port: hostPort };
}

/** How the data plane probes endpoints of the app's current configuration. */
export function currentCheckKind(
  app: App,
  portIndex: number,
  checkIndex: number = portIndex,
): EndpointCheck['kind'] {
  return checkOf(app, app.healthChecks, { portIndex, checkIndex }, []).kind;
}

interface Ports {
  readonly portIndex: number;
  /** The port to probe. */
  readonly checkIndex: number;
}

/**
 * The data plane's check for an endpoint, after the health checks of the version that its task runs: the first HTTP
 * check of this port, else a plain connect. HTTPS, TCP and command checks become a connect. A port without a check takes
 * that of the port that is probed.
 */
function checkOf(
  app: App,
  checks: readonly HealthCheck[],
  ports: Ports,
  hostPorts: readonly number[],
): EndpointCheck {
  const checksOf = (index: number): readonly HealthCheck[] =>
    checks.filter((check) => check.port !== null || (check.portIndex ?? 0) === index);
  const ofPort = checksOf(ports.portIndex);
  const own = ofPort.length > 0 ? ofPort : checksOf(ports.checkIndex);
  // A path asked for on another port than the one that it is meant for says nothing.
  const http = own.find((check) => check.protocol === 'http' && isReachable(app, check));
  const check = http ?? own.find((each) => each.protocol !== 'command') ?? own[0];
  if (check === undefined) return { ...connectCheck, port: portOf(app, ports, hostPorts) };
  return {
    kind: http === undefined ? 'tcp' : 'http',
    path: http?.path ?? '/',
    port: checkPort(app, check, ports, hostPorts),
    intervalMs: Math.max(1, check.intervalSec) * 1000,
    timeoutMs: Math.max(1, check.timeoutSec) * 1000,
    fall: Math.max(1, check.maxConsecutiveFailures),
  };
}

/** One HTTP check of this port, or connects to it, or both: nothing that Marathon probes and the data plane does not. */
function isConclusive(checks: readonly HealthCheck[], portIndex: number): boolean {
  const known = checks.every(
    ({ protocol, port, portIndex: index }) =>
      (protocol === 'http' || protocol === 'tcp') && port === null && (index ?? 0) === portIndex,
  );
  return known && checks.filter(({ protocol }) => protocol === 'http').length <= 1;
}

/** A check's `port` is the container's in bridge mode, where only mapped ports can be reached. */
function isReachable(app: App, { port }: HealthCheck): boolean {
  return port === null || app.network !== 'bridge' || mappedIndex(app, port) >= 0;
}

function mappedIndex(app: App, containerPort: number): number {
  return app.ports.findIndex((port) => port.containerPort === containerPort);
}

/** The port to probe; null for the endpoint's own, also where the check's cannot be reached. */
function checkPort(
  app: App,
  { port }: HealthCheck,
  ports: Ports,
  hostPorts: readonly number[],
): number | null {
  if (port === null) return portOf(app, ports, hostPorts);
  if (app.network !== 'bridge') return port;
  const index = mappedIndex(app, port);
  return index === ports.portIndex ? null : (hostPorts[index] ?? null);
}

/** The probed port's number; null for the endpoint's own. */
function portOf(app: App, { portIndex, checkIndex }: Ports, hostPorts: readonly number[]): number | null {
  if (checkIndex === portIndex) return null;
  const port = app.network === 'container' ? app.ports[checkIndex]?.containerPort : hostPorts[checkIndex];
  return port === 0 ? null : (port ?? null);
}
