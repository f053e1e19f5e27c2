/** What the simulated Marathon knows: apps with their versions and instances, and the deployments that run. */
import type { BehaviourChange } from './behaviour.ts';
import type { AppDefinition } from './definition.ts';
import type { Dialect } from './dialect.ts';
import type { Groups } from './group-tree.ts';
import type { Plan, Root } from './plan.ts';
import type { RollingStrategy } from './rolling.ts';
import type { Counted } from './tally.ts';
import type { TaskHost } from './task-host.ts';
import type { Timers } from './timers.ts';

export type Condition =
  | 'Scheduled'
  | 'Provisioned'
  | 'Starting'
  | 'Running'
  | 'Unreachable'
  | 'UnreachableInactive'
  | 'Killing'
  | 'Killed'
  | 'Failed';

export interface Task {
  readonly id: string;
  readonly stagedAt: number;
  readonly behaviour: BehaviourChange;
  host: string;
  address: string;
  ports: readonly number[];
  startedAt: number | null;
}

/** The results of one health check for one instance. */
export interface CheckState {
  readonly alive: boolean;
  readonly consecutiveFailures: number;
  readonly firstSuccess: number | null;
  readonly lastSuccess: number | null;
  readonly lastFailure: number | null;
  readonly lastFailureCause: string | null;
}

export interface Instance {
  readonly id: string;
  readonly uuid: string;
  readonly appId: string;
  /** The definition that it runs, or last ran. */
  def: AppDefinition;
  condition: Condition;
  goal: 'Running' | 'Decommissioned';
  incarnation: number;
  activeSince: number;
  /** The running task, or the last one. */
  task: Task | null;
  /** By index of the health check; absent until it has reported. */
  checks: ReadonlyMap<number, CheckState>;
  healthy: boolean | null;
  /** What Mesos says of the running task, by the one check that it makes itself; null while it has said nothing. */
  mesosHealthy: boolean | null;
  /** What readiness checks answered, by name; null while no deployment asks, which is ready. */
  readiness: ReadonlyMap<string, ReadinessResult> | null;
  /** Why it is being killed although it is to run on; decides whether its relaunch is delayed. */
  killedFor: 'request' | 'health' | null;
  cancelTimer: (() => void) | null;
}

export interface ReadinessResult {
  readonly ready: boolean;
  /** Kept only where the check says so. */
  readonly lastResponse: {
    readonly status: number;
    readonly contentType: string;
    readonly body: string;
  } | null;
}

export interface TaskFailure {
  readonly appId: string;
  readonly host: string;
  readonly message: string;
  readonly state: string;
  readonly taskId: string;
  readonly timestamp: string;
  readonly version: string;
  readonly slaveId: string;
}

/** An app, or a pod. */
export interface App {
  readonly id: string;
  /** The definition that deployments work towards; null when the app is to go. */
  def: AppDefinition | null;
  /** The definition that readers see; null before it is stored and after it was deleted. */
  shown: AppDefinition | null;
  /** Newest last. */
  readonly versions: Map<string, AppDefinition>;
  readonly instances: Map<string, Instance>;
  behaviour: BehaviourChange;
  failures: number;
  /** No launch before this time (ms), because of earlier failures. */
  delayUntil: number;
  restarting: boolean;
  lastTaskFailure: TaskFailure | null;
}

/** How far one action of the running step is. */
export type ActionRun =
  | { readonly kind: 'start'; readonly app: string }
  | { readonly kind: 'scale-up'; readonly app: string }
  | { readonly kind: 'scale-down'; readonly app: string; readonly victims: ReadonlySet<string> }
  | {
      readonly kind: 'restart';
      readonly app: string;
      readonly strategy: RollingStrategy;
      readonly oldAtStart: number;
    }
  | { readonly kind: 'stop'; readonly app: string };

export interface Deployment {
  readonly plan: Plan;
  /** The definitions before, of the apps that it touches. */
  readonly original: Root;
  readonly groups: { readonly before: Groups; readonly after: Groups };
  readonly affected: readonly string[];
  /** Instance ids that a scale-down takes first. */
  readonly toKill: ReadonlySet<string>;
  /** Index of the running step; -1 before the first. */
  step: number;
  runs: readonly ActionRun[];
}

export interface HealthWatch {
  /** Begins to probe a running instance. */
  watch(instance: Instance): void;
  unwatch(instance: Instance): void;
}

export interface ReadinessWatch {
  /** Begins to ask a running instance. */
  watch(instance: Instance): void;
  /** Stops, and forgets the answers. */
  unwatch(instance: Instance): void;
}

export interface Settings {
  readonly taskHost: string;
  readonly startDelayMs: number;
  readonly killGraceMs: number;
  readonly visibilityDelayMs: number;
  readonly agentId: string;
  /** Divides what Marathon waits for a task that is unreachable. */
  readonly speed: number;
}

export type MarathonEvent = { readonly eventType: string } & Readonly<Record<string, unknown>>;

/** All definitions and groups at one time. */
export interface RootVersion {
  readonly apps: Root;
  readonly groups: Groups;
}

export interface Orphan {
  readonly instanceId: string;
  readonly appId: string;
}

export interface World {
  readonly settings: Settings;
  /** How the simulated version of Marathon speaks. */
  readonly dialect: Dialect;
  readonly apps: Map<string, App>;
  /** A group stays when its last app goes. */
  groups: Groups;
  /** Top-level groups that say whether their role is enforced. */
  readonly enforceRole: Map<string, boolean>;
  /** Newest last. */
  readonly rootVersions: Map<string, RootVersion>;
  readonly deployments: Map<string, Deployment>;
  /** Instances by the id of their running or last task. */
  readonly byTask: Map<string, Instance>;
  /** Tasks that serve on although Marathon has forgotten them, by task id. */
  readonly orphans: Map<string, Orphan>;
  readonly tasks: TaskHost;
  readonly health: HealthWatch;
  readonly readiness: ReadinessWatch;
  readonly timers: Timers;
  readonly now: () => number;
  readonly uuid: () => string;
  readonly emit: (event: MarathonEvent) => void;
  /** Counts what Marathon's metrics tell of. */
  readonly count: (what: Counted) => void;
  /** Asks for a look at the deployments, soon. */
  readonly wake: () => void;
  /** The newest version given, in ms. */
  lastVersion: number;
}

/** Marathon's timestamps: UTC with three decimals. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** A version that is newer than all before it. */
export function nextVersion(world: World): string {
  world.lastVersion = Math.max(world.now(), world.lastVersion + 1);
  return iso(world.lastVersion);
}

/** The wanted definitions of all apps and pods. */
export function rootOf(world: World): Map<string, AppDefinition> {
  const root = new Map<string, AppDefinition>();
  for (const app of world.apps.values()) if (app.def !== null) root.set(app.id, app.def);
  return root;
}

/** Instances that are meant to run on, without those that are unreachable for so long that others stand in for them. */
export function wanted(app: App): readonly Instance[] {
  return [...app.instances.values()].filter(
    ({ goal, condition }) => goal === 'Running' && condition !== 'UnreachableInactive',
  );
}

/** Running, healthy by all of its checks, and ready by those that its deployment asks; without checks, running is enough. */
export function isReady(instance: Instance): boolean {
  const checked = (instance.def.healthChecks?.length ?? 0) > 0;
  return (
    instance.condition === 'Running' && (!checked || instance.healthy === true) && passedReadiness(instance)
  );
}

function passedReadiness({ def, readiness }: Instance): boolean {
  return readiness === null || (def.readinessChecks ?? []).every(({ name }) => readiness.get(name)?.ready);
}

export function isActive(condition: Condition): boolean {
  return ['Provisioned', 'Starting', 'Running', 'Unreachable', 'Killing'].includes(condition);
}

/** Whether Mesos has lost sight of its task. */
export function isLost({ condition }: Pick<Instance, 'condition'>): boolean {
  return condition === 'Unreachable' || condition === 'UnreachableInactive';
}
