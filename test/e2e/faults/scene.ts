/** The scene of one case: a service with an old and a new version under load, and what can be asked and ordered of it. */
import { type Load, startLoad } from '../../../src/cli/demo/load.ts';
import { listenerApp, versionApp } from '../../support/apps.ts';
import type { ServiceView } from '../../support/baton.ts';
import { until } from '../../support/wait.ts';
import { order } from '../order.ts';
import type { Lane } from './lane.ts';
import { type LongRequests, openLong } from './long-requests.ts';

/** Percent by role; who has nothing is left out. */
export type Weights = Readonly<Record<string, number>>;

export interface Scene {
  readonly lane: Lane;
  /** The app ids by their roles; the old one declares the service and gives it its name. */
  readonly ids: { readonly old: string; readonly new: string; readonly newest: string };
  readonly load: Load;
  /** In progress on two of the old version's tasks; null when the case needs none. */
  readonly long: LongRequests | null;
  view(): Promise<ServiceView>;
  weightsIn(view: Pick<ServiceView, 'pools'>): Weights;
  /** Waits for these weights. */
  carried(weights: Weights): Promise<void>;
  /** Waits until the service looks so. */
  looks(what: string, so: (view: ServiceView) => boolean): Promise<void>;
  /** Resolves to the status of the answer. */
  order(verb: string, more?: Readonly<Record<string, unknown>>): Promise<number>;
  postNew(abConfig: Readonly<Record<string, unknown>>, options?: NewOptions): Promise<void>;
  postNewest(): Promise<void>;
  scale(id: string, instances: number): Promise<void>;
  remove(id: string): Promise<void>;
  instances(id: string): Promise<number | null>;
  /** Ends all requests. */
  end(): Promise<void>;
  /** Deletes the apps. */
  takeAway(): Promise<void>;
}

interface NewOptions {
  readonly instances?: number;
  readonly unhealthy?: boolean;
}

export interface Setting {
  readonly oldInstances: number;
  readonly long: boolean;
}

/** Few enough for a busy machine, often enough to meet every moment. */
const ratePerSecond = 60;
const waitMs = 45_000;

export async function setScene(lane: Lane, name: string, setting: Setting): Promise<Scene> {
  const { stage } = lane;
  const ids = { old: name, new: `${name}-1`, newest: `${name}-2` };
  const roles: Readonly<Record<string, string>> = Object.fromEntries(
    Object.entries(ids).map(([role, id]) => [`/${id}`, role]),
  );

  const view = () => stage.baton().service(`/${name}`);
  const marathon = (method: string, id: string, body?: unknown) =>
    fetch(`${stage.simulator.url}/v2/apps/${id}?force=true`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
  const weightsIn = ({ pools }: Pick<ServiceView, 'pools'>): Weights =>
    Object.fromEntries(
      pools
        .filter(({ weight }) => weight > 0)
        .map(({ app, weight }) => [roles[app] ?? app, weight] as const)
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );

  async function looks(what: string, so: (view: ServiceView) => boolean): Promise<void> {
    let last: unknown;
    await until(
      what,
      async () => {
        const found = await view();
        last = [found.phase, found.because.text, found.transition?.because.text, weightsIn(found)];
        return so(found);
      },
      { deadlineMs: waitMs, everyMs: 50, detail: () => last },
    );
  }

  const wanted = (weights: Weights) =>
    JSON.stringify(Object.entries(weights).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const carried = (weights: Weights) =>
    looks(`weights of ${wanted(weights)}`, (found) => wanted(weightsIn(found)) === wanted(weights));
  async function remove(id: string): Promise<void> {
    const { status } = await marathon('DELETE', id);
    if (status !== 200 && status !== 404) throw new Error(`DELETE ${id}: ${status}`);
  }

  await stage.post(listenerApp(name, { instances: setting.oldInstances }));
  await looks('the old version to carry everything, with all instances', ({ pools }) => {
    const up = pools[0]?.endpoints.filter(({ probed }) => probed === 'passed') ?? [];
    return pools[0]?.weight === 100 && up.length === setting.oldInstances;
  });
  await until('the listener', async () => (await fetch(`http://127.0.0.1:${stage.port}/`)).ok);
  const long = setting.long ? await openLong(stage, `/${name}`) : null;
  const load = startLoad({
    port: stage.port,
    keepAlive: 3,
    newConnection: 1,
    ratePerSecond,
    timeoutMs: 20_000,
  });
  return {
    lane,
    ids,
    load,
    long,
    view,
    weightsIn,
    carried,
    looks,
    order: (verb, more) => order(stage.baton(), name, verb, more),
    async postNew(abConfig, { instances = 2, unhealthy = false } = {}) {
      await stage.post(
        versionApp(
          ids.new,
          { service: name, priority: 10, ...abConfig },
          { instances, ...(unhealthy ? { env: { SIM_UNHEALTHY: 'true' } } : {}) },
        ),
      );
    },
    postNewest: () => stage.post(versionApp(ids.newest, { service: name, priority: 20 })),
    async scale(id, instances) {
      const { status } = await marathon('PUT', id, { instances });
      if (status !== 200) throw new Error(`scaling ${id}: ${status}`);
    },
    remove,
    async instances(id) {
      const answer = await marathon('GET', id);
      if (!answer.ok) return null;
      return ((await answer.json()) as { app: { instances: number } }).app.instances;
    },
    async end() {
      long?.end();
      await load.stop();
    },
    async takeAway() {
      for (const id of [ids.newest, ids.new, ids.old]) await remove(id);
      // What Marathon names no more at once is doubted for a minute at most, when no request finds out.
      await until(
        'the service to be gone',
        async () => {
          const services = await stage.baton().services();
          return services.every(({ service }) => service !== `/${name}`);
        },
        { deadlineMs: 90_000 },
      );
    },
  };
}
