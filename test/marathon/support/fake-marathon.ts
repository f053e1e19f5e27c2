/** A small fake Marathon: whatever the test put in is what it answers; its event stream is written byte by byte. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Wire } from './wire.ts';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: () => Promise<string>;
}

export interface FakeMarathon {
  readonly url: string;
  readonly apps: Map<string, Wire>;
  /** Older versions, by `id@version`. */
  readonly definitions: Map<string, Wire>;
  readonly requests: SeenRequest[];
  readonly streams: Set<Socket>;
  /** Answers instead, when it returns true. */
  intercept: (request: SeenRequest, response: ServerResponse) => boolean | Promise<boolean>;
  /** What a new stream's socket gets: by default Marathon's head. */
  onStream: (socket: Socket, request: SeenRequest) => void;
  /** How often a path was asked for. */
  count(path: string): number;
  /** Sends an event to all streams. */
  event(type: string, data: unknown): void;
  close(): Promise<void>;
}

export const streamHead = [
  'HTTP/1.1 200 OK',
  'Cache-Control: no-cache, no-store, must-revalidate',
  'Content-Type: text/event-stream;charset=utf-8',
  'Connection: close',
  '',
  '',
].join('\r\n');

export function frame(type: string, data: unknown): string {
  return `event: ${type}\r\ndata: ${JSON.stringify(data)}\r\n\r\n`;
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export function html(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/html' }).end(`<html><h1>${status}</h1></html>`);
}

/** Listens on a free port of 127.0.0.1, or of `ports`; all paths stand below `prefix`. With `tls`, by https. */
export async function startFakeMarathon(
  prefix = '',
  tls?: ServerOptions,
  ports: readonly number[] = [0],
): Promise<FakeMarathon> {
  const sockets = new Set<Socket>();
  const listener = (request: IncomingMessage, response: ServerResponse) => void answer(request, response);
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  await listenOnOneOf(server, ports);
  const fake: FakeMarathon = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    apps: new Map(),
    definitions: new Map(),
    requests: [],
    streams: new Set(),
    intercept: () => false,
    onStream: (socket) => socket.write(streamHead),
    count: (path) => fake.requests.filter((each) => each.path === path).length,
    event: (type, data) => {
      for (const socket of fake.streams) socket.write(frame(type, data));
    },
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      if (server.listening) await once(server, 'close');
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', fake.url);
    if (!url.pathname.startsWith(prefix)) return html(response, 404);
    const seen = {
      method: request.method ?? '',
      path: url.pathname.slice(prefix.length),
      query: url.searchParams,
      headers: request.headers,
      body: () => text(request),
    };
    fake.requests.push(seen);
    if (await fake.intercept(seen, response)) return undefined;
    if (seen.path === '/v2/events') {
      const { socket } = request;
      fake.streams.add(socket);
      socket.on('close', () => fake.streams.delete(socket));
      return fake.onStream(socket, seen);
    }
    if (seen.path === '/v2/apps') return json(response, 200, { apps: [...fake.apps.values()] });
    const [, id = '', version] = /^\/v2\/apps(\/.+?)(?:\/versions\/(.+))?$/.exec(seen.path) ?? [];
    const found =
      version === undefined
        ? fake.apps.get(id)
        : fake.definitions.get(`${id}@${decodeURIComponent(version)}`);
    if (found === undefined) return json(response, 404, { message: `App '${id}' does not exist` });
    return json(response, 200, version === undefined ? { app: found } : found);
  }

  return fake;
}

async function listenOnOneOf(server: Server, [port, ...others]: readonly number[]): Promise<void> {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if (others.length === 0) throw error;
    await listenOnOneOf(server, others);
  }
}
