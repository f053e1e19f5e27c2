/** Load for tests: many requests over few kept connections, and single requests of every kind. */
import http, { type IncomingHttpHeaders } from 'node:http';
import { createConnection } from 'node:net';
import type { LoadFailure } from '../../src/cli/demo/load-record.ts';
import { startLoad as startClients } from '../../src/cli/demo/load.ts';

export interface Tally {
  /** Good answers by the app that gave them. */
  readonly apps: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
}

const ahead = 16;

/** GETs on one connection, a few sent ahead, and the `<app>` bodies (or those of simulated tasks) counted: fast enough for 10,000 in a test. */
export async function pipeline(port: number, requests: number, host = 'x'): Promise<Tally> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = createConnection({ host: '127.0.0.1', port, noDelay: true });
  const line = `GET /plain HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const apps: Record<string, number> = {};
  const failures: string[] = [];
  let sent = 0;
  let got = 0;
  let rest = '';
  function send(): void {
    const count = Math.min(requests, got + ahead) - sent;
    if (count > 0) socket.write(line.repeat(count));
    sent += Math.max(0, count);
  }
  socket.setEncoding('latin1');
  socket.on('connect', send);
  socket.on('error', reject);
  socket.on('close', () => resolve());
  socket.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('HTTP/1.1 ');
    rest = '';
    for (const [index, part] of parts.entries()) {
      const app = /(?:<|"app":"\/)([\w./-]+)[>"]/.exec(part)?.[1];
      if (app !== undefined) apps[app] = (apps[app] ?? 0) + 1;
      else if (index === parts.length - 1 && (part === '' || part.startsWith('200'))) {
        rest = part === '' ? '' : `HTTP/1.1 ${part}`;
        continue;
      } else if (part === '') continue;
      else failures.push(part.slice(0, 60));
      got++;
    }
    if (got >= requests) socket.end();
    else send();
  });
  await promise;
  return { apps, failures };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Request {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: http.Agent;
}

/** One request; rejects when the connection breaks or nothing comes for 20 s. */
export function request(port: number, options: Request = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { path = '/', method = 'GET', headers = {}, agent } = options;
  const sent = http.request(
    { host: '127.0.0.1', port, path, method, headers, timeout: 20_000, agent: agent ?? false },
    (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
      response.on('error', reject);
    },
  );
  sent.on('timeout', () => sent.destroy(new Error('timeout')));
  sent.on('error', reject);
  sent.end();
  return promise;
}

export interface Load {
  readonly stop: () => Promise<Tally>;
  /** Answers so far. */
  readonly count: () => number;
  /** What has failed so far. */
  readonly failures: () => readonly string[];
}

/** GETs from so many clients with kept connections and so many with a new one for each request: enough to be in every gap, and little enough to leave the machine to whom it is about. */
export function startLoad(
  port: number,
  clients: { readonly kept: number; readonly fresh: number },
  ratePerSecond = 400,
): Load {
  const load = startClients({
    port,
    keepAlive: clients.kept,
    newConnection: clients.fresh,
    ratePerSecond,
    timeoutMs: 20_000,
  });
  return {
    count: () => {
      const { requests, inFlight } = load.snapshot();
      return requests - inFlight;
    },
    failures: () => load.snapshot().failed.map(described),
    async stop() {
      const { apps, failed } = await load.stop();
      return {
        apps: Object.fromEntries(Object.entries(apps).map(([app, { answers }]) => [app, answers])),
        failures: failed.map(described),
      };
    },
  };
}

function described({ kind, detail, client }: LoadFailure): string {
  return `${client}: ${kind} ${detail}`;
}
