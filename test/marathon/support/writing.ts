/** A writer under test before a simulated Marathon, with every request that it made. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { createMarathonWriter } from '../../../src/marathon/create-writer.ts';
import { MarathonError } from '../../../src/marathon/errors.ts';
import type { MarathonWriter, Written } from '../../../src/marathon/writer.ts';
import { type AppId, appId, type TaskId, taskId } from '../../../src/model/ids.ts';
import type { SimulatorOptions } from '../../../src/simulator/simulator.ts';
import { appOf, type Rig, rig } from '../../simulator/support.ts';

export interface Asking {
  readonly writer: MarathonWriter;
  /** `route outcome` of each request, in order. */
  readonly asked: string[];
  /** How many of them changed something, or were to. */
  changes(): number;
  /** A deadline that passes as soon as the requests from now on are so. */
  until(enough: (asked: readonly string[]) => boolean): AbortSignal;
}

export interface Writing extends Asking {
  readonly it: Rig;
  /** Creates an app, and waits until it runs. */
  deploy(id: string, fields?: Readonly<Record<string, unknown>>): Promise<AppId>;
  /** Ids of the tasks that run, sorted. */
  tasks(app: string): Promise<readonly TaskId[]>;
  instances(app: string): Promise<number>;
  /** Awaits a change and the end of its deployment. */
  done(change: Promise<Written>): Promise<Written>;
  stop(): Promise<void>;
}

export const inTime = (): AbortSignal => AbortSignal.timeout(20_000);

export function startAsking(urls: readonly string[], requestTimeoutMs = 5_000): Asking {
  const asked: string[] = [];
  const deadlines: (() => void)[] = [];
  const writer = createMarathonWriter(
    {
      urls,
      requestTimeoutMs,
      notify: ({ route, outcome }) => {
        asked.push(`${route} ${outcome}`);
        for (const look of deadlines) look();
      },
    },
    { backoff: { firstMs: 20, maxMs: 100 }, lookMs: 20 },
  );
  return {
    writer,
    asked,
    changes: () => asked.filter((each) => !each.startsWith('GET') && !each.includes('dryRun')).length,
    until: (enough) => {
      const end = new AbortController();
      const from = asked.length;
      deadlines.push(() => {
        if (enough(asked.slice(from))) end.abort();
      });
      return AbortSignal.any([end.signal, inTime()]);
    },
  };
}

export async function startWriting(
  options: SimulatorOptions = {},
  requestTimeoutMs?: number,
): Promise<Writing> {
  const it = await rig({ tasks: 'addresses', killGraceMs: 20, ...options });
  const asking = startAsking([it.sim.url], requestTimeoutMs);
  return {
    ...asking,
    it,
    deploy: async (id, fields = {}) => {
      const answer = await it.deploy('POST', '/v2/apps', appOf(id, fields));
      if (answer.status !== 201) throw new Error(answer.text);
      it.fresh();
      return appId(id);
    },
    tasks: async (app) =>
      (await it.app(app)).tasks
        .filter(({ state }) => state === 'TASK_RUNNING')
        .map(({ id }) => taskId(id))
        .toSorted(),
    instances: async (app) => (await it.app(app)).instances,
    done: async (change) => {
      const written = await change;
      await asking.writer.ended(written, inTime());
      return written;
    },
    stop: async () => {
      await asking.writer.close();
      await it.sim.close();
    },
  };
}

/**
 * What stands in front of a Marathon and delivers changes of a path late, whether or not the client still waits for the
 * answer.
 */
export async function startLate(
  target: string,
  late: { readonly path: string; readonly ms: number },
): Promise<{ url: string; arrived(): number; delivered(): number; close(): Promise<void> }> {
  let arrived = 0;
  let delivered = 0;
  const open = new Set<Promise<void>>();
  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const isLate = request.method !== 'GET' && request.url?.startsWith(late.path) === true;
    if (isLate) arrived += 1;
    if (isLate) await setTimeout(late.ms);
    const answer = await fetch(`${target}${request.url}`, {
      method: request.method ?? 'GET',
      headers: { 'content-type': 'application/json' },
      ...(body === '' ? {} : { body }),
    });
    const said = await answer.text();
    if (isLate) delivered += 1;
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(said);
  }
  const server = createServer((request, response) => {
    const passing = pass(request, response).finally(() => open.delete(passing));
    open.add(passing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived: () => arrived,
    delivered: () => delivered,
    close: async () => {
      await Promise.allSettled(open);
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The error that it fails with. */
export async function failureOf(change: Promise<unknown>): Promise<MarathonError> {
  const error: unknown = await change.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof MarathonError) return error;
  throw new Error('it did not fail as expected', { cause: error });
}
