/** A Marathon in miniature under a simulated clock: tasks take a while to come up, and what is killed is replaced. */
import { plainRollout, type Rollout } from '../../../src/declared/rollout.ts';
import { type DeclaredPool, plainReady } from '../../../src/declared/types.ts';
import type { App, Cluster, Health, Task } from '../../../src/model/app.ts';
import { type AppId, appId, millis, type TaskId, taskId } from '../../../src/model/ids.ts';

/** What an app's labels say of its pool, and how fast its tasks come up, ms. */
export interface Spec extends Omit<DeclaredPool, 'app' | 'portIndex' | 'role' | 'balance'> {
  readonly startMs: number;
}

/** Of which nothing is said but the priority. */
export function plainSpec(priority: number, rollout: Partial<Rollout> = {}, startMs = 2000): Spec {
  const drain = { timeoutMs: 600_000, then: 'close' as const };
  return {
    priority,
    weight: null,
    ready: plainReady,
    rollout: { ...plainRollout, ...rollout },
    failover: true,
    drain,
    startMs,
  };
}

export interface SimTask {
  readonly id: TaskId;
  readonly version: string;
  readonly upAt: number;
  /** What Marathon says instead of the truth; null: the truth. */
  said: Health | null;
  /** Whether it refuses connections although it runs. */
  broken: boolean;
}

export interface SimApp {
  readonly id: AppId;
  spec: Spec;
  configuredAt: string;
  instances: number;
  tasks: readonly SimTask[];
}

const healthChecks: App['healthChecks'] = [
  {
    protocol: 'http',
    path: '/',
    portIndex: 0,
    port: null,
    intervalSec: 5,
    timeoutSec: 5,
    graceSec: 5,
    maxConsecutiveFailures: 3,
  },
];

export class SimMarathon {
  readonly apps = new Map<AppId, SimApp>();
  /** A change of leader: nothing is known of anybody's health until it is over. */
  silent = false;
  private versions = 0;
  private launched = 0;

  /** Creates the app, or changes it in place. */
  post(name: string, spec: Spec, instances: number): void {
    const id = appId(name);
    this.versions += 1;
    const configuredAt = new Date(Date.UTC(2026, 0, 1) + this.versions * 1000).toISOString();
    const known = this.apps.get(id);
    if (known === undefined) this.apps.set(id, { id, spec, configuredAt, instances, tasks: [] });
    else Object.assign(known, { spec, configuredAt, instances });
  }

  scale(id: AppId, instances: number): void {
    const app = this.apps.get(id);
    if (app !== undefined) app.instances = instances;
  }

  /** `scale=true`: they are not replaced. */
  kill(id: AppId, tasks: readonly TaskId[]): void {
    const app = this.apps.get(id);
    if (app === undefined) return;
    const left = app.tasks.filter((task) => !tasks.includes(task.id));
    app.instances = Math.max(0, app.instances - (app.tasks.length - left.length));
    app.tasks = left;
  }

  /** They are replaced. */
  lose(id: AppId, task: TaskId): void {
    const app = this.apps.get(id);
    if (app !== undefined) app.tasks = app.tasks.filter((each) => each.id !== task);
  }

  task(id: TaskId): SimTask | undefined {
    return [...this.apps.values()].flatMap((app) => app.tasks).find((each) => each.id === id);
  }

  isReachable(id: TaskId, now: number): boolean {
    const task = this.task(id);
    return task !== undefined && now >= task.upAt && !task.broken;
  }

  /** Starts what is missing and stops what is too much; a new configuration takes over task by task. */
  step(now: number): void {
    for (const app of this.apps.values()) {
      const isCurrent = (task: SimTask) => task.version === app.configuredAt;
      const current = app.tasks.filter(isCurrent).slice(0, app.instances);
      while (current.length < app.instances) {
        this.launched += 1;
        const id = taskId(`${app.id.slice(1)}.t${this.launched}`);
        current.push({
          id,
          version: app.configuredAt,
          upAt: now + app.spec.startMs,
          said: null,
          broken: false,
        });
      }
      const come = current.filter((task) => now >= task.upAt).length;
      const old = app.tasks.filter((task) => !isCurrent(task)).slice(0, app.instances - come);
      app.tasks = [...old, ...current];
    }
  }

  /** When a task comes up next; Infinity: none is on its way. */
  nextAt(now: number): number {
    const times = [...this.apps.values()].flatMap((app) => app.tasks.map((task) => task.upAt));
    return Math.min(...times.filter((at) => at > now), Number.POSITIVE_INFINITY);
  }

  cluster(now: number): Cluster {
    return { apps: new Map([...this.apps.values()].map((app) => [app.id, this.appOf(app, now)])) };
  }

  private appOf(app: SimApp, now: number): App {
    return {
      id: app.id,
      version: app.configuredAt,
      lastConfigChangeAt: app.configuredAt,
      instances: app.instances,
      labels: {},
      network: 'bridge',
      ports: [{ index: 0, name: null, protocol: 'tcp', servicePort: 10_000, containerPort: 80, labels: {} }],
      healthChecks,
      tasks: app.tasks.map(
        (task, index): Task => ({
          id: task.id,
          app: app.id,
          state: 'TASK_RUNNING',
          host: '10.0.0.1',
          addresses: [],
          ports: [31_000 + index],
          version: task.version,
          startedAt: millis(task.upAt),
          health: this.healthOf(task, now),
          silentSince: null,
          readinessPassed: true,
          healthChecks,
          current: task.version === app.configuredAt,
        }),
      ),
    };
  }

  private healthOf(task: SimTask, now: number): Health {
    // What it last said of one that is down holds, as it does for the one who asks.
    if (now < task.upAt || (this.silent && task.said !== 'down')) return 'unknown';
    return task.said ?? 'up';
  }
}
