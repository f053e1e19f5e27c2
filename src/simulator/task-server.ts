/** One simulated task: an HTTP server per port that says who answered, and behaves as it is told. */
import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Behaviour } from './behaviour.ts';
import { probeAgent } from './probe.ts';
import type { TaskCounters, TaskSpec } from './task-host.ts';

/** By these the load balancer's checks are told from requests. */
const checkAgent = 'baton-check';
const checkHeader = 'x-baton-check';

/** RFC 6455, section 1.3. */
const handshakeSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** How long a stopping task waits for the first byte on a connection that it had already accepted, in ms. */
const lingerMs = 100;

export interface TaskServer {
  readonly address: string;
  readonly ports: readonly number[];
  behave(behaviour: Behaviour): void;
  counters(): TaskCounters;
  /** Takes no new connection, finishes what is in flight, and resets what is left after `graceMs`. */
  stop(graceMs: number): Promise<void>;
  /** Resets every connection at once. */
  crash(): void;
}

/** @throws Error when a port cannot be had; then nothing listens */
export async function startTask(spec: TaskSpec, address: string): Promise<TaskServer> {
  const sockets = new Set<Socket>();
  const counts = { requests: 0, failed: 0, probes: 0, inFlight: 0 };
  let behaviour = spec.behaviour;
  let stopping = false;
  /** Failures that the error rate still owes: spreads them evenly. */
  let owed = 0;

  function statusFor(request: http.IncomingMessage): number {
    if (isProbe(request)) {
      counts.probes += 1;
      if (behaviour.unhealthy) return 503;
      const path = request.url ?? '/';
      const asksReadiness = spec.readinessPaths.includes(path);
      if (behaviour.unready && asksReadiness) return 503;
      return spec.strictPath && !asksReadiness && !spec.checkPaths.includes(path) ? 404 : 200;
    }
    counts.requests += 1;
    if (behaviour.requests === 'fail') return failed(503);
    owed += behaviour.errorRate;
    if (owed < 1 - 1e-9) return 200;
    owed -= 1;
    return failed(500);
  }

  function failed(status: number): number {
    counts.failed += 1;
    return status;
  }

  function answer(request: http.IncomingMessage, response: http.ServerResponse, port: number): void {
    const status = statusFor(request);
    const delay = isProbe(request) ? 0 : behaviour.latencyMs;
    counts.inFlight += 1;
    response.on('close', () => void (counts.inFlight -= 1));
    const send = (): void => {
      if (response.destroyed) return;
      const body = JSON.stringify({
        app: spec.app,
        version: spec.version,
        task: spec.id,
        port,
        method: request.method,
        path: request.url,
        proto: request.headers['x-forwarded-proto'],
        status,
      });
      response.shouldKeepAlive &&= !stopping;
      response.writeHead(status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'x-app': spec.app,
        'x-task': spec.id,
      });
      response.end(body);
    };
    request.resume();
    request.on('end', () => void (delay > 0 ? setTimeout(send, delay) : send()));
  }

  const servers: http.Server[] = [];
  try {
    for (const port of spec.ports) {
      const server: http.Server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) =>
        answer(request, response, (server.address() as AddressInfo | null)?.port ?? port),
      );
      server.on('upgrade', speak);
      server.on('connection', (socket) => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
      });
      await listen(server, port, address);
      servers.push(server);
    }
  } catch (error) {
    for (const server of servers) server.close();
    throw error;
  }

  const reset = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    address,
    ports: servers.map((server) => (server.address() as AddressInfo).port),
    behave: (next) => void (behaviour = next),
    counters: () => ({ ...counts, sessions: sockets.size }),
    async stop(graceMs) {
      stopping = true;
      // A connection that has not said anything is not idle to Node, and would hold the task up until the grace ends.
      const silent = setTimeout(() => {
        for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      }, lingerMs);
      const timer = setTimeout(reset, graceMs);
      await Promise.all(servers.map(close));
      clearTimeout(silent);
      clearTimeout(timer);
    },
    crash() {
      for (const server of servers) server.close();
      reset();
    },
  };
}

/** A websocket's handshake is taken, and whatever comes is sent back: a connection that ends when somebody ends it. */
function speak({ headers }: http.IncomingMessage, socket: Duplex): void {
  const key = createHash('sha1').update(`${headers['sec-websocket-key'] ?? ''}${handshakeSuffix}`);
  const lines = ['HTTP/1.1 101 Switching Protocols', 'upgrade: websocket', 'connection: upgrade'];
  socket.on('error', () => socket.destroy());
  socket.write(`${lines.join('\r\n')}\r\nsec-websocket-accept: ${key.digest('base64')}\r\n\r\n`);
  socket.pipe(socket);
}

function isProbe(request: http.IncomingMessage): boolean {
  const agent = request.headers['user-agent'] ?? '';
  return agent === probeAgent || agent === checkAgent || request.headers[checkHeader] !== undefined;
}

function listen(server: http.Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: 1024 }, () => {
      server.off('error', reject);
      // A connection that cannot be accepted concerns that one client only.
      server.on('error', () => {});
      resolve();
    });
  });
}

/** Also ends idle keep-alive connections. */
function close(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
