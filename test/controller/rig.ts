/** A controller on the memory driver, with a Marathon that the test holds in its hand. */
import { setImmediate as breathe } from 'node:timers/promises';
import { plainOptions } from '../../src/declared/types.ts';
import { onTestFinished } from 'vitest';
import { type Controller, createController } from '../../src/controller/controller.ts';
import { idle } from '../../src/controller/idle.ts';
import type { Remembered } from '../../src/controller/memory.ts';
import type { Driver, Scope } from '../../src/dataplane/driver.ts';
import { createMemoryDriver, type MemoryDriver } from '../../src/dataplane/memory/driver.ts';
import type { MarathonStatus } from '../../src/marathon/watch.ts';
import type { App, Task } from '../../src/model/app.ts';
import { appId, type Millis, millis, taskId } from '../../src/model/ids.ts';
import type { Fact } from '../../src/observe/facts.ts';
import { emptyMemory } from '../../src/plan/verdict.ts';
import { createNoStore } from '../../src/store/nothing.ts';
import type { Store, StoredDocument } from '../../src/store/store.ts';
import { until } from '../support/wait.ts';

type Method = 'observe' | 'apply' | 'verify' | 'withdraw';

export type Call = { readonly look: Scope } | 'leaving' | 'left';

export interface Rig {
  readonly controller: Controller;
  readonly driver: MemoryDriver;
  readonly facts: readonly Fact[];
  readonly saved: () => StoredDocument | null;
  /** What Marathon says from now on; null: it has never been read. */
  setApps(apps: readonly App[] | null): void;
  /** The next calls of the driver's method fail with this. */
  fail(method: Method, error: Error | null): void;
  /** Called whenever the memory is saved: in the middle of a turn, between its picture and what it applies. */
  onSave(action: () => void): void;
  /** Every look at the data plane, and when an event's endpoints begin to leave and have left, in order. */
  readonly calls: readonly Call[];
  /** How often the controller asked for the whole list again. */
  rereads(): number;
  /** When Marathon was last heard of, and since when reads fail. */
  hear(at: Millis, failing?: Millis): void;
  weights(): Readonly<Record<string, number>>;
  carried(weights: Readonly<Record<string, number>>): Promise<void>;
}

export function startRig(
  remembered: Remembered = { apps: [], plan: emptyMemory, gateways: [] },
  memory: MemoryDriver = createMemoryDriver({}, { notify: () => {} }),
  /** Before that the controller does not run: the data plane is not there yet. */
  begins: Promise<void> | null = null,
): Rig {
  const calls: Call[] = [];
  const failures = new Map<string, Error | null>();
  const driver: Driver = {
    ...memory,
    observe: (signal, scope = 'all') => {
      calls.push({ look: scope });
      return orFail('observe', () => memory.observe(signal, scope));
    },
    apply: (target, signal, scope) => orFail('apply', () => memory.apply(target, signal, scope)),
    verify: (target, signal, scope) => orFail('verify', () => memory.verify(target, signal, scope)),
    withdraw: async (servers, signal, scope) => {
      calls.push('leaving');
      // As long as HAProxy takes to answer, at least.
      await breathe();
      const count = await orFail('withdraw', () => memory.withdraw(servers, signal, scope));
      calls.push('left');
      return count;
    },
  };
  async function orFail<T>(method: string, call: () => Promise<T>): Promise<T> {
    const error = failures.get(method);
    if (error != null) throw error;
    return call();
  }
  let apps: readonly App[] | null = null;
  let rereads = 0;
  let syncedAt = 0;
  let heardAt: Millis | null = null;
  let failingSince: Millis | null = null;
  const status = (): MarathonStatus => ({
    connected: apps !== null,
    syncedAt: apps === null ? null : millis(syncedAt),
    heardAt,
    failingSince,
    trouble: apps === null ? 'no Marathon answered' : null,
    pending: 0,
  });
  let document: StoredDocument | null = null;
  let saving = (): void => {};
  const store: Store = {
    ...createNoStore(),
    load: async () => document,
    save: async (next) => {
      document = next;
      saving();
    },
  };
  const facts: Fact[] = [];
  const controller = createController({
    ...idle,
    watch: {
      reread: () => {
        rereads += 1;
        // The answer comes after the question, and is what the test holds in its hand by then.
        syncedAt = Date.now() + 1;
        controller.wake();
      },
      snapshot: () => ({ apps: new Map((apps ?? []).map((app) => [app.id, app])) }),
      status,
      run: async () => {},
    },
    driver,
    store,
    clock: () => millis(Date.now()),
    publish: (fact) => facts.push(fact),
    declareOptions: plainOptions,
    remembered,
  });
  const stop = new AbortController();
  const run = () => controller.run(stop.signal);
  const running = begins === null ? run() : begins.then(run);
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  const rig: Rig = {
    controller,
    driver: memory,
    facts,
    calls,
    saved: () => document,
    setApps(next) {
      apps = next;
      syncedAt = Date.now();
      controller.wake();
    },
    fail(method, error) {
      failures.set(method, error);
      controller.wake();
    },
    onSave(action) {
      saving = action;
    },
    rereads: () => rereads,
    hear(at, failing) {
      heardAt = at;
      failingSince = failing ?? null;
    },
    weights() {
      const pools = controller.state().services.flatMap((service) => service.pools);
      return Object.fromEntries(
        pools.filter((pool) => pool.weight > 0).map((pool) => [pool.app, pool.weight]),
      );
    },
    async carried(weights) {
      await until(
        `weights ${JSON.stringify(weights)}`,
        () => JSON.stringify(rig.weights()) === JSON.stringify(weights),
        {
          detail: () => rig.weights(),
        },
      );
    },
  };
  return rig;
}

export function appOf(id: string, labels: Readonly<Record<string, string>>, tasks = 2): App {
  const version = '2026-01-01T00:00:00.000Z';
  return {
    id: appId(id),
    version,
    lastConfigChangeAt: version,
    instances: tasks,
    labels,
    network: 'bridge',
    ports: [{ index: 0, name: null, protocol: 'tcp', servicePort: 10_000, containerPort: 80, labels: {} }],
    healthChecks: [
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
    ],
    tasks: Array.from({ length: tasks }, (_, index) => taskOf(id, index, version)),
  };
}

function taskOf(id: string, index: number, version: string): Task {
  return {
    id: taskId(`${id}.${id}-t${index}`),
    app: appId(id),
    state: 'TASK_RUNNING',
    host: '127.0.0.1',
    addresses: [],
    ports: [31_000 + index],
    version,
    startedAt: millis(0),
    health: 'up',
    silentSince: null,
    readinessPassed: true,
    healthChecks: [],
    current: true,
  };
}

export const listenerLabels = {
  'FE-Proxy': 'yes',
  avi_proxy:
    '{"virtualservice": {"services": [{"port": 80}]}, "pool": {"lb_algorithm": "LB_ALGORITHM_ROUND_ROBIN"}}',
};

export function memberLabels(priority: number): Readonly<Record<string, string>> {
  return {
    proxy_listener: 'no',
    ab_config: JSON.stringify({ service: 'app1', priority }),
    avi_proxy: '{"pool": {"lb_algorithm": "LB_ALGORITHM_ROUND_ROBIN"}}',
  };
}
