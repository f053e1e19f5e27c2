/** Small worlds for planner tests: apps, what the data plane shows of them, and the planner's memory. */
import {
  type DeclaredPool,
  type DeclaredService,
  plainListener,
  plainReady,
  plainRules,
  type ReadyRule,
  type SendProxy,
} from '../../src/declared/types.ts';
import { plainRollout, type Rollout } from '../../src/declared/rollout.ts';
import { noDurations } from '../../src/model/latency.ts';
import type { App, Cluster, Health, Task } from '../../src/model/app.ts';
import {
  type AppId,
  appId,
  millis,
  serviceOf,
  type SlotName,
  slotIndex,
  slotName,
  taskId,
} from '../../src/model/ids.ts';
import { endpointsOf } from '../../src/model/endpoint.ts';
import type { Observed, ObservedEndpoint, ObservedSlot } from '../../src/plan/observed.ts';
import type { Command } from '../../src/plan/command.ts';
import { obey, type Obedience } from '../../src/plan/obey.ts';
import { plan, type PlanInput } from '../../src/plan/plan.ts';
import { emptyMemory, type Memory, type Verdict } from '../../src/plan/verdict.ts';

export interface TestTask {
  readonly name: string;
  readonly health: Health;
  readonly probe: ObservedEndpoint['check'];
  readonly old?: boolean;
  readonly notReady?: boolean;
  /** Mesos's state; running unless said otherwise. */
  readonly state?: string;
}

export interface TestApp {
  readonly id: string;
  readonly priority: number;
  readonly weight?: number | null;
  readonly instances?: number;
  readonly configuredAt?: string;
  readonly failover?: boolean;
  readonly readyForMs?: number;
  readonly readyCount?: number;
  readonly joins?: number;
  readonly sendProxy?: SendProxy;
  readonly ready?: Partial<ReadyRule>;
  readonly rollout?: Partial<Rollout>;
  readonly drainTimeoutMs?: number;
  readonly drainThen?: 'close' | 'keep';
  readonly tasks: readonly TestTask[];
  readonly sessions?: number;
  /** What the data plane has counted so far. */
  readonly requests?: number;
  readonly errors?: number;
}

/** A data plane in miniature: it holds what the last verdict asked for, and shows it back. */
export class World {
  now = 1_000_000;
  memory: Memory = emptyMemory;
  verdict: Verdict | null = null;
  answers: PlanInput['answers'] = new Map();
  wishStates: PlanInput['wishStates'] = new Map();
  /** What gateways say beyond labels. */
  gateway: Pick<DeclaredService, 'conditions' | 'ramp'> = {};
  private readonly held = new Map<SlotName, { app: AppId; weight: number; servers: Set<string> }>();

  apps: readonly TestApp[];
  readonly listenerApp: string;

  constructor(apps: readonly TestApp[], listenerApp = 'app1') {
    this.apps = apps;
    this.listenerApp = listenerApp;
  }

  /** One turn: plan on what is there, then put it into effect. */
  turn(): Verdict {
    const verdict = this.planOnly();
    this.memory = verdict.memory;
    this.verdict = verdict;
    this.apply(verdict);
    return verdict;
  }

  planOnly(): Verdict {
    return plan({
      now: millis(this.now),
      services: this.services(),
      cluster: this.cluster(),
      observed: this.observed(),
      memory: this.memory,
      answers: this.answers,
      wishStates: this.wishStates,
    });
  }

  /** Carries out a command as the controller does. */
  order(command: Command, by = 'anna', why: string | null = null): Obedience {
    const verdict = this.verdict?.services[0];
    const memory = this.memory.services[0];
    if (verdict === undefined || memory === undefined) throw new Error('there is no service yet');
    const obeyed = obey({ now: millis(this.now), command, by, why, verdict, memory });
    if (obeyed.outcome === 'done') this.memory = { services: [obeyed.memory] };
    return obeyed;
  }

  /** Turns until the same verdict comes twice. */
  settle(limit = 12): Verdict {
    let last = '';
    for (let turn = 0; turn < limit; turn += 1) {
      const verdict = this.turn();
      const text = JSON.stringify(verdict.services);
      if (text === last) return verdict;
      last = text;
    }
    throw new Error(`not settled after ${limit} turns`);
  }

  weights(verdict = this.verdict): Readonly<Record<string, number>> {
    const pools = verdict?.services[0]?.pools ?? [];
    return Object.fromEntries(pools.filter((pool) => pool.weight > 0).map((pool) => [pool.app, pool.weight]));
  }

  private apply(verdict: Verdict): void {
    this.held.clear();
    for (const pool of verdict.services[0]?.pools ?? []) {
      const servers = new Set(
        pool.endpoints.filter((each) => each.rotation === 'in').map((each) => String(each.server)),
      );
      this.held.set(pool.slot, { app: pool.app, weight: pool.weight, servers });
    }
  }

  services(): readonly DeclaredService[] {
    const pools = this.apps
      .map(
        (app): DeclaredPool => ({
          app: appId(app.id),
          portIndex: 0,
          role: app.id === this.listenerApp ? 'listener' : 'member',
          priority: app.priority,
          weight: app.weight ?? null,
          balance: 'roundrobin',
          ready: {
            ...plainReady,
            ...app.ready,
            instances: app.readyCount === undefined ? { percent: 100 } : { count: app.readyCount },
            forMs: app.readyForMs ?? 0,
          },
          rollout: { ...plainRollout, ...app.rollout },
          failover: app.failover ?? true,
          ...(app.sendProxy && { sendProxy: app.sendProxy }),
          drain: { timeoutMs: app.drainTimeoutMs ?? 600_000, then: app.drainThen ?? 'close' },
          ...(app.joins === undefined ? {} : { joins: app.joins }),
        }),
      )
      .sort((a, b) => b.priority - a.priority || (a.app < b.app ? -1 : 1));
    const listener = appId(this.listenerApp);
    return [
      {
        id: serviceOf(listener),
        listenerApp: listener,
        listenerGone: !pools.some((pool) => pool.app === listener),
        listeners: [plainListener(80, 80)],
        rules: plainRules,
        pools,
        ...this.gateway,
      },
    ];
  }

  cluster(): Cluster {
    return { apps: new Map(this.apps.map((app) => [appId(app.id), appOf(app)])) };
  }

  observed(): Observed {
    const service = serviceOf(appId(this.listenerApp));
    const count = Math.max(4, ...[...this.held.keys()].map((slot) => slotIndex(slot) + 3));
    const slots = Array.from({ length: count }, (_, index) => this.slot(slotName(index)));
    return { services: new Map([[service, { service, slots }]]) };
  }

  private slot(slot: SlotName): ObservedSlot {
    const held = this.held.get(slot);
    const app = this.apps.find((each) => appId(each.id) === held?.app);
    const endpoints = new Map(
      app === undefined || held === undefined
        ? []
        : endpointsOf(appOf(app), 0).map((endpoint) => {
            const task = app.tasks.find((each) => endpoint.server === each.name);
            const inRotation = held.servers.has(endpoint.server);
            return [endpoint.server, { check: task?.probe ?? 'pending', inRotation, sessions: 0 }] as const;
          }),
    );
    return {
      slot,
      app: app === undefined ? null : appId(app.id),
      balance: 'roundrobin',
      checkKind: 'http',
      weight: app === undefined ? 0 : (held?.weight ?? 0),
      sessions: app?.sessions ?? 0,
      endpoints,
      requests: app?.requests ?? 0,
      errors: app?.errors ?? 0,
      durations: noDurations,
    };
  }
}

function appOf(app: TestApp): App {
  const id = appId(app.id);
  const configuredAt = app.configuredAt ?? '2026-01-01T00:00:00.000Z';
  const healthChecks = [
    {
      protocol: 'http',
      path: '/',
      portIndex: 0,
      port: null,
      intervalSec: 20,
      timeoutSec: 20,
      graceSec: 5,
      maxConsecutiveFailures: 3,
    },
  ] as const;
  return {
    id,
    version: configuredAt,
    lastConfigChangeAt: configuredAt,
    instances: app.instances ?? app.tasks.length,
    labels: {},
    network: 'bridge',
    ports: [{ index: 0, name: null, protocol: 'tcp', servicePort: 10_000, containerPort: 80, labels: {} }],
    healthChecks,
    tasks: app.tasks.map(
      (task, index): Task => ({
        id: taskId(`${app.id}.${task.name}`),
        app: id,
        state: task.state ?? 'TASK_RUNNING',
        host: '10.0.0.1',
        addresses: [],
        ports: [31_000 + index],
        version: task.old === true ? '2025-01-01T00:00:00.000Z' : configuredAt,
        startedAt: millis(0),
        health: task.health,
        silentSince: null,
        readinessPassed: task.notReady !== true,
        healthChecks,
        current: task.old !== true,
      }),
    ),
  };
}

/** n tasks that are up and passed. */
export function up(app: string, n: number): readonly TestTask[] {
  return tasks(app, n, 'up', 'passed');
}

export function tasks(
  app: string,
  n: number,
  health: Health,
  probe: ObservedEndpoint['check'],
): readonly TestTask[] {
  return Array.from({ length: n }, (_, index) => ({ name: `${app}-t${index}`, health, probe }));
}
