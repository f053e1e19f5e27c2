/** A load of real HTTP clients that notices every failed request and who answered the others. */
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import {
  createLoadRecord,
  type FailureKind,
  type LoadFailure,
  type LoadRecord,
  type LoadSnapshot,
  type LoadSummary,
} from './load-record.ts';

export interface LoadOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly port: number;
  /** The Host header, where it differs from the address. */
  readonly hostHeader?: string;
  /** Clients that keep one connection each for all their requests. */
  readonly keepAlive: number;
  /** Clients that open a connection for every request. */
  readonly newConnection: number;
  /** Of all clients together; default 400. A client that waits for an answer does not catch up afterwards. */
  readonly ratePerSecond?: number;
  /** Default GET. */
  readonly method?: string;
  /** Asked for in turn; default `/`. */
  readonly paths?: readonly string[];
  /** Bound on each request, ms; default 10,000. */
  readonly timeoutMs?: number;
  readonly onResponse?: (answer: LoadAnswer) => void;
}

/** What a task says of itself; instants are `performance.now()`, ms. */
export interface LoadAnswer {
  readonly app: string;
  readonly version: string;
  readonly task: string;
  readonly begunAt: number;
  readonly answeredAt: number;
}

export interface Load {
  snapshot(): LoadSnapshot;
  /** Requests that begin from now on belong to a new phase of this name. */
  mark(name: string): void;
  /** Requests that began at `instant` (`performance.now()`) or later, by the app that answered. */
  begunSince(instant: number): Readonly<Record<string, number>>;
  /** Waits for what is in flight, closes every connection, and tells the whole. May be called again. */
  stop(): Promise<LoadSummary>;
}

/** Begins at once, with the clients spread evenly over time. */
export function startLoad(options: LoadOptions): Load {
  const record = createLoadRecord(performance.now());
  const stopping = new AbortController();
  const clients = options.keepAlive + options.newConnection;
  const everyMs = (1000 * clients) / (options.ratePerSecond ?? 400);
  const agents: Agent[] = [];
  const running = Array.from({ length: clients }, (_, index) => {
    const agent = index < options.keepAlive ? new Agent({ keepAlive: true, maxSockets: 1 }) : null;
    if (agent !== null) agents.push(agent);
    return runClient(
      { options, record, agent, everyMs, delayMs: (everyMs * index) / clients },
      stopping.signal,
    );
  });
  const ended = Promise.all(running).then(() => {
    for (const agent of agents) agent.destroy();
  });
  return {
    snapshot: () => record.snapshot(performance.now()),
    mark: (name) => record.mark(name, performance.now()),
    begunSince: (instant) => record.begunSince(instant),
    async stop() {
      stopping.abort();
      await ended;
      return record.summary();
    },
  };
}

interface Client {
  readonly options: LoadOptions;
  readonly record: LoadRecord;
  /** Null: a new connection for each request. */
  readonly agent: Agent | null;
  readonly everyMs: number;
  readonly delayMs: number;
}

async function runClient(client: Client, signal: AbortSignal): Promise<void> {
  const paths = client.options.paths ?? ['/'];
  let due = performance.now() + client.delayMs;
  for (let turn = 0; !signal.aborted; turn += 1) {
    await pauseUntil(due, signal);
    if (signal.aborted) return;
    await ask(client, paths[turn % paths.length] ?? '/');
    due = Math.max(due + client.everyMs, performance.now());
  }
}

async function ask(client: Client, path: string): Promise<void> {
  const { record, agent } = client;
  const phase = record.begin();
  const begunAt = performance.now();
  try {
    const said = await once(client, path);
    const answeredAt = performance.now();
    record.answered(phase, said.app, begunAt, answeredAt);
    client.options.onResponse?.({ ...said, begunAt, answeredAt });
  } catch (error) {
    const failure: Omit<LoadFailure, 'phase'> = {
      ...described(error),
      client: agent === null ? 'new-connection' : 'keep-alive',
      begunAt,
      failedAt: performance.now(),
    };
    record.failed(phase, failure);
  }
}

class RequestFailed extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, detail: string) {
    super(detail);
    this.kind = kind;
  }
}

type Said = Pick<LoadAnswer, 'app' | 'version' | 'task'>;

function once({ options, agent }: Client, path: string): Promise<Said> {
  const { promise, resolve, reject } = Promise.withResolvers<Said>();
  const request = httpRequest({
    host: options.host ?? '127.0.0.1',
    port: options.port,
    path,
    method: options.method ?? 'GET',
    agent: agent ?? false,
    headers: {
      ...(options.hostHeader === undefined ? {} : { host: options.hostHeader }),
      ...(agent === null ? { connection: 'close' } : {}),
    },
  });
  const timeoutMs = options.timeoutMs ?? 10_000;
  const timer = setTimeout(() => {
    request.destroy(new RequestFailed('timeout', `no answer within ${timeoutMs} ms`));
  }, timeoutMs);
  const fail = (error: Error & { code?: string }): void => {
    clearTimeout(timer);
    const where = request.reusedSocket ? 'on a kept connection' : 'on a new connection';
    reject(
      error instanceof RequestFailed
        ? error
        : new RequestFailed('connection', `${error.code ?? error.message} ${where}`),
    );
  };
  request.on('error', fail);
  request.on('response', (response) => {
    bodyOf(response)
      .then((body) => {
        clearTimeout(timer);
        resolve(parsed(response.statusCode ?? 0, body));
      })
      .catch(fail);
  });
  request.end();
  return promise;
}

function bodyOf(response: IncomingMessage): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let body = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    body += chunk;
  });
  response.on('end', () => resolve(body));
  response.on('error', reject);
  return promise;
}

function parsed(status: number, body: string): Said {
  if (status >= 400) throw new RequestFailed('status', `${status} ${beginning(body)}`);
  try {
    const said: Record<string, unknown> = JSON.parse(body);
    const { app, version, task } = said;
    if (typeof app === 'string' && typeof version === 'string' && typeof task === 'string')
      return { app, version, task };
  } catch {
    // Said below.
  }
  throw new RequestFailed('body', `${status} without app, version and task: ${beginning(body)}`);
}

function beginning(body: string): string {
  return body.replaceAll(/\s+/g, ' ').slice(0, 80);
}

function described(error: unknown): { readonly kind: FailureKind; readonly detail: string } {
  if (error instanceof RequestFailed) return { kind: error.kind, detail: error.message };
  return { kind: 'connection', detail: String(error) };
}

/** Ends early when the signal aborts. */
function pauseUntil(due: number, signal: AbortSignal): Promise<void> {
  const ms = due - performance.now();
  const { promise, resolve } = Promise.withResolvers<void>();
  // Without a wait, other work would never get its turn.
  if (ms <= 0) setImmediate(resolve);
  else {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  }
  return promise;
}
