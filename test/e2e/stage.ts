/** The stage of the end-to-end tests: a simulated Marathon with real tasks, a Baton process, real HAProxy, real load. */
import { expect, onTestFinished } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';
import { type BatonOptions, type BatonProcess, startBaton, stateDirectory } from '../support/baton.ts';
import { freePort } from '../support/free-ports.ts';
import { type Load, startLoad } from '../support/load.ts';
import { until } from '../support/wait.ts';

export interface Stage {
  readonly simulator: Simulator;
  readonly stateDir: string;
  /** Where the service that declares port 80 is to be reached. */
  readonly port: number;
  /** The Baton that was started last. */
  baton(): BatonProcess;
  /** Starts one and waits until it is ready. */
  startBaton(options?: Partial<BatonOptions>): Promise<BatonProcess>;
  /** Starts one that may never be ready. */
  launchBaton(options?: Partial<BatonOptions>): Promise<BatonProcess>;
  post(app: Readonly<Record<string, unknown>>): Promise<void>;
  /** Waits until no deployment locks the app, then changes it. */
  put(id: string, change: Readonly<Record<string, unknown>>): Promise<void>;
  remove(id: string): Promise<void>;
  /** Waits until these are the effective weights of the service, in percent by app. */
  carried(weights: Readonly<Record<string, number>>, service?: string): Promise<void>;
  /** Load that is stopped at the end of the test at the latest. */
  load(ratePerSecond?: number): Load;
}

/**
 * For clients that keep a connection over long waits: one that is closed at the moment when a request is sent on it loses that
 * request, as HAProxy closes idle ones after 10 s.
 */
export const keptOpen: readonly string[] = ['--haproxy-timeout', 'http-keep-alive=10m'];

export interface StageOptions {
  readonly healthSpeed?: number;
  readonly simulator?: SimulatorOptions;
  readonly flags?: readonly string[];
}

export async function setStage(options: StageOptions = {}): Promise<Stage> {
  const simulator = await startSimulator({ healthSpeed: options.healthSpeed ?? 40, ...options.simulator });
  onTestFinished(() => simulator.close());
  const stateDir = await stateDirectory();
  const port = await freePort();
  let baton: BatonProcess | null = null;

  function current(): BatonProcess {
    if (baton === null) throw new Error('no Baton was started');
    return baton;
  }

  function launch(more: Partial<BatonOptions> = {}): Promise<BatonProcess> {
    const others = simulator.urls.slice(1).flatMap((url) => ['--marathon', url]);
    const flags = [...(options.flags ?? []), ...others];
    return startBaton({ marathon: simulator.url, stateDir, mapPorts: { 80: port }, flags, ...more });
  }

  async function request(method: string, path: string, body?: unknown): Promise<void> {
    const answer = await fetch(`${simulator.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  }

  return {
    simulator,
    stateDir,
    port,
    baton: current,
    async startBaton(more = {}) {
      baton = await launch(more);
      await baton.ready();
      return baton;
    },
    launchBaton: launch,
    post: (app) => request('POST', '/v2/apps', app),
    async put(id, change) {
      await until('no deployment to be under way', async () => {
        const answer = await fetch(`${simulator.url}/v2/deployments`, {
          signal: AbortSignal.timeout(20_000),
        });
        return ((await answer.json()) as unknown[]).length === 0;
      });
      await request('PUT', `/v2/apps/${id}`, change);
    },
    remove: (id) => request('DELETE', `/v2/apps/${id}?force=false`),
    async carried(weights, service = '/app1') {
      let last: unknown;
      await until(
        `${service} to be carried by ${JSON.stringify(weights)}`,
        async () => {
          const { pools } = await current().service(service);
          const carriers = pools.filter((pool) => pool.weight > 0);
          last = pools.map((pool) => [pool.app, pool.weight, pool.because.text]);
          return (
            sorted(Object.fromEntries(carriers.map((pool) => [pool.app.slice(1), pool.weight]))) ===
            sorted(weights)
          );
        },
        { everyMs: 50, detail: () => last },
      );
    },
    load(ratePerSecond) {
      const load = startLoad(port, { kept: 4, fresh: 2 }, ratePerSecond);
      onTestFinished(async () => {
        await load.stop();
      });
      return load;
    },
  };
}

/** Waits until so many more requests were answered. */
export async function answered(load: Load, more: number): Promise<void> {
  const goal = load.count() + more;
  await until(`${more} more answers`, () => load.count() >= goal, {
    detail: () => load.count(),
  });
}

export async function expectNoFailure(load: Load): Promise<Readonly<Record<string, number>>> {
  const { apps, failures } = await load.stop();
  expect(failures.slice(0, 5)).toEqual([]);
  return apps;
}

/** Which version answers `count` new requests now, each on a connection of its own. */
export async function answering(port: number, count: number): Promise<Readonly<Record<string, number>>> {
  const apps: Record<string, number> = {};
  for (let n = 0; n < count; n += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
    const { app } = (await answer.json()) as { app: string };
    apps[app] = (apps[app] ?? 0) + 1;
  }
  return apps;
}

function sorted(record: Readonly<Record<string, number>>): string {
  return JSON.stringify(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
