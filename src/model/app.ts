/** Marathon's nouns as Baton keeps them: apps, their ports and health checks, their tasks. */
import type { AppId, Millis, TaskId } from './ids.ts';

/**
 * What is known of an endpoint's health. `unknown` is not `down`: after a Marathon leader change every result is gone
 * until the new leader has probed by itself.
 */
export type Health = 'up' | 'down' | 'unknown';

/** One port of an app, in index order. */
export interface AppPort {
  readonly index: number;
  readonly name: string | null;
  readonly protocol: string;
  /** The port Marathon assigned or the user wrote for load balancers; 0 or null when there is none. */
  readonly servicePort: number | null;
  readonly containerPort: number | null;
  readonly labels: Readonly<Record<string, string>>;
}

/** A health check as the app's definition declares it, times in seconds as Marathon's are. */
export interface HealthCheck {
  readonly protocol: 'http' | 'https' | 'tcp' | 'command';
  /** Said of Marathon's `MESOS_*` checks, which Mesos performs on the agent. */
  readonly byMesos?: true;
  readonly path: string | null;
  /** Index into the app's ports, or null when `port` names a port by number (or neither is said: index 0). */
  readonly portIndex: number | null;
  readonly port: number | null;
  readonly intervalSec: number;
  readonly timeoutSec: number;
  readonly graceSec: number;
  readonly maxConsecutiveFailures: number;
}

/** `host`: tasks listen on the agent's ports. `bridge`: mapped ports. `container`: an address per task. */
export type NetworkMode = 'host' | 'bridge' | 'container';

export interface Task {
  readonly id: TaskId;
  readonly app: AppId;
  /** Mesos's state, e.g. `TASK_RUNNING`. Unknown strings are to be read as "not running". */
  readonly state: string;
  /** The agent's host name or address. */
  readonly host: string;
  /** The task's own addresses; used instead of `host` in network mode `container`. */
  readonly addresses: readonly string[];
  /** Host ports by port index. */
  readonly ports: readonly number[];
  /** The app version that this task was launched with; null for a task that is no longer active. */
  readonly version: string | null;
  /** When Mesos said that it runs (Marathon's clock); null before that. */
  readonly startedAt: Millis | null;
  /**
   * Marathon's word over all of the app's health checks, for a time also its last one. An app without checks is `up`
   * when it runs.
   */
  readonly health: Health;
  /** Since when Marathon has had no word on its health, as far as it was asked; null while it has one. */
  readonly silentSince: Millis | null;
  /** False while one of the app's readiness checks has not passed. True when the app has none. */
  readonly readinessPassed: boolean;
  /** The health checks of the version that this task runs, which may be older than the app's. */
  readonly healthChecks: readonly HealthCheck[];
  /** Whether the task runs the app's current configuration: `version >= lastConfigChangeAt`. */
  readonly current: boolean;
}

export interface App {
  readonly id: AppId;
  /** Marathon's version, an ISO time: changes on every change, scaling too. */
  readonly version: string;
  /** The version that last changed more than the instance count. */
  readonly lastConfigChangeAt: string;
  /** The declared instance count. */
  readonly instances: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly network: NetworkMode;
  readonly ports: readonly AppPort[];
  readonly healthChecks: readonly HealthCheck[];
  readonly tasks: readonly Task[];
}

/** Everything Baton knows of one Marathon, as of its last good read. */
export interface Cluster {
  readonly apps: ReadonlyMap<AppId, App>;
}

export const emptyCluster: Cluster = { apps: new Map() };
