/** The load of the demo and of the end-to-end tests: what it counts, keeps and closes. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createLatencyHistogram } from '../../src/cli/demo/latency.ts';
import { startLoad } from '../../src/cli/demo/load.ts';
import { createLoadRecord } from '../../src/cli/demo/load-record.ts';
import { until } from '../support/wait.ts';

interface Target {
  readonly port: number;
  readonly sockets: ReadonlySet<Socket>;
  /** Connections so far. */
  connections(): number;
}

async function target(answer: (response: ServerResponse) => void): Promise<Target> {
  const sockets = new Set<Socket>();
  let connections = 0;
  // The clients are to close their connections, not the server.
  const server: Server = createServer({ keepAliveTimeout: 0 }, (_, response) => answer(response));
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, sockets, connections: () => connections };
}

function says(response: ServerResponse, app: string, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ app, version: 'v', task: `${app}.1` }));
}

test('kept connections are kept, the others are new for each request, and none is left at the end', async () => {
  const server = await target((response) => says(response, '/app1'));
  const load = startLoad({ port: server.port, keepAlive: 3, newConnection: 2, ratePerSecond: 2000 });
  await until('200 answers', () => load.snapshot().requests >= 200);
  const summary = await load.stop();
  expect(summary.failures).toBe(0);
  expect(summary.apps['/app1']?.answers).toBe(summary.requests);
  expect(server.connections()).toBeGreaterThan(3 + 2);
  expect(server.connections()).toBeLessThan(summary.requests);
  await until('all connections to be closed', () => server.sockets.size === 0);
});

test('keep-alive clients alone open one connection each', async () => {
  const server = await target((response) => says(response, '/app1'));
  const load = startLoad({ port: server.port, keepAlive: 3, newConnection: 0, ratePerSecond: 3000 });
  await until('100 answers', () => load.snapshot().requests >= 100);
  await load.stop();
  expect(server.connections()).toBe(3);
});

test('says which app answered what began after an instant', async () => {
  let app = '/app1';
  const server = await target((response) => says(response, app));
  const load = startLoad({ port: server.port, keepAlive: 2, newConnection: 2, ratePerSecond: 1000 });
  await until('answers of app1', () => (load.snapshot().apps['/app1']?.answers ?? 0) > 20);
  app = '/app2';
  const switched = performance.now();
  load.mark('after');
  await until('answers of app2', () => (load.snapshot().apps['/app2']?.answers ?? 0) > 20);
  const summary = await load.stop();
  expect(Object.keys(load.begunSince(switched))).toEqual(['/app2']);
  expect(summary.phases.map((phase) => [phase.name, Object.keys(phase.apps).includes('/app1')])).toEqual([
    ['start', true],
    ['after', false],
  ]);
  const [before, after] = summary.phases;
  expect(after?.apps['/app2']?.answers).toBe(after?.requests);
  expect((before?.requests ?? 0) + (after?.requests ?? 0)).toBe(summary.requests);
  expect(summary.apps['/app1']?.lastBegunAt).toBeLessThan(switched);
  expect(summary.apps['/app2']?.lastBegunAt).toBeGreaterThan(switched);
});

test('every kind of failure is told apart and counted', async () => {
  let turn = 0;
  const server = await target((response) => {
    turn += 1;
    if (turn === 1) says(response, '/app1', 503);
    else if (turn === 2) response.destroy();
    else if (turn === 3) response.end('hello');
    else if (turn > 4) says(response, '/app1');
  });
  const load = startLoad({
    port: server.port,
    keepAlive: 1,
    newConnection: 0,
    ratePerSecond: 1000,
    timeoutMs: 200,
  });
  await until('an answer after the failures', () => load.snapshot().apps['/app1'] !== undefined);
  const { failures, failuresByKind, failed } = await load.stop();
  expect(failures).toBe(4);
  expect(failuresByKind).toEqual({ status: 1, body: 1, connection: 1, timeout: 1 });
  expect(failed.map(({ kind, client, phase }) => [kind, client, phase])).toEqual(
    ['status', 'connection', 'body', 'timeout'].map((kind) => [kind, 'keep-alive', 'start']),
  );
  expect(failed[1]?.detail).toMatch(/ECONNRESET on a (kept|new) connection/);
});

test('nobody there: refused connections are failures, and it stops all the same', async () => {
  const server = await target(() => {});
  const load = startLoad({ port: server.port, host: '127.0.0.2', keepAlive: 1, newConnection: 1 });
  await until('failures', () => load.snapshot().failures > 3);
  const summary = await load.stop();
  expect(summary.failuresByKind.connection).toBe(summary.requests);
  expect(await load.stop()).toEqual(summary);
});

test('remembers a bounded number of answers and failures, and says when it was asked for more', () => {
  const record = createLoadRecord(0);
  for (let n = 0; n < 300_000; n += 1) record.answered(record.begin(), '/app1', n, n + 1);
  for (let n = 0; n < 1000; n += 1) {
    record.failed(record.begin(), {
      kind: 'status',
      detail: '503',
      client: 'keep-alive',
      begunAt: n,
      failedAt: n,
    });
  }
  expect(record.begunSince(299_990)).toEqual({ '/app1': 10 });
  expect(() => record.begunSince(0)).toThrow(RangeError);
  expect(record.summary()).toMatchObject({ requests: 301_000, failures: 1000 });
  expect(record.summary().failed).toHaveLength(100);
  expect(record.snapshot(300_000).lastSecond).toEqual({ '/app1': 1001 });
});

test('percentiles are within 2 %', () => {
  const histogram = createLatencyHistogram();
  expect(histogram.summary()).toEqual({ p50: 0, p99: 0, max: 0 });
  for (let ms = 1; ms <= 1000; ms += 1) histogram.add(ms);
  const { p50, p99, max } = histogram.summary();
  expect(p50 / 500).toBeCloseTo(1, 1);
  expect(p99 / 990).toBeCloseTo(1, 1);
  expect(max).toBe(1000);
});
