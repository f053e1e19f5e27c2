/** Somebody to ask in tests: an HTTP server that notes what it was asked and answers as it is told. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Ask } from '../../src/plan/asks.ts';
import { appId, type ServiceId } from '../../src/model/ids.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Other {
  readonly url: string;
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

export async function startOther(answer: (asked: Asked, response: ServerResponse) => void): Promise<Other> {
  const asked: Asked[] = [];
  const server = createServer((incoming, response) => {
    let body = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (part: string) => {
      body += part;
    });
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://here');
      const { method = '', headers } = incoming;
      const each = { method, path: url.pathname, query: url.searchParams, headers, body };
      asked.push(each);
      answer(each, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** An ask about /app1-100 in /app1, with /app1 as its old pool. */
export function askWith(parts: Partial<Ask>): Ask {
  return {
    id: '/app1 1 0 1',
    service: '/app1' as ServiceId,
    judged: { app: appId('/app1-100'), backend: 'app1_b', slot: 'b' },
    old: { app: appId('/app1'), backend: 'app1_a', slot: 'a' },
    prometheus: [],
    webhook: null,
    told: { service: '/app1', step: 1 },
    ...parts,
  };
}

/** Nothing is cancelled. */
export const forever: AbortSignal = new AbortController().signal;
