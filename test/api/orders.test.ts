/** Orders by people over HTTP: what is taken, what is refused, and who may give them. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { Obeyed, Order } from '../../src/plan/command.ts';
import { tellingBaton } from '../cli/running.ts';

const asJson = { 'content-type': 'application/json' };

interface Stage {
  readonly url: string;
  readonly orders: Order[];
  readonly post: (
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<[number, unknown]>;
}

async function stage(obeyed: Obeyed = { outcome: 'done', text: 'paused in step 2' }): Promise<Stage> {
  const orders: Order[] = [];
  const url = await tellingBaton(
    {},
    {
      order: async (order) => {
        orders.push(order);
        return obeyed;
      },
    },
  );
  return {
    url,
    orders,
    async post(path, body, headers = asJson) {
      const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      const answer = await fetch(`${url}${path}`, {
        method: 'POST',
        headers,
        ...(text === undefined ? {} : { body: text }),
      });
      return [answer.status, await answer.json()];
    },
  };
}

const from = 'somebody at 127.0.0.1';

test.each<[string, unknown, Partial<Order>]>([
  ['/v1/services/app1/pause', undefined, { command: { verb: 'pause' }, by: from, why: null }],
  [
    '/v1/services/app1/pause',
    { by: 'anna', why: ' it is slow ' },
    { command: { verb: 'pause' }, by: 'anna', why: 'it is slow' },
  ],
  ['/v1/services/app1/promote', {}, { command: { verb: 'promote', full: false } }],
  ['/v1/services/app1/promote/', { full: true }, { command: { verb: 'promote', full: true } }],
  ['/v1/services/app1/resume', { why: null }, { command: { verb: 'resume' }, why: null }],
  ['/v1/services/app1/abort', {}, { command: { verb: 'abort' } }],
  ['/v1/services/app1/retry', {}, { command: { verb: 'retry' } }],
  ['/v1/services/app1/rollback', {}, { command: { verb: 'rollback' } }],
  [
    '/v1/services/app1/weight',
    { pool: 'app1-100', percent: 0.07 },
    { command: { verb: 'weight', app: '/app1-100' as never, percent: 0.07 } },
  ],
  ['/v1/services/shop/web/pause', {}, { service: '/shop/web' as never }],
  ['/v1/services/%2Fshop%2Fweb/pause', {}, { service: '/shop/web' as never }],
  ['/v1/services//shop/web//pause', {}, { service: '/shop/web' as never }],
  ['/v1/services/shop/pause/pause', {}, { service: '/shop/pause' as never }],
])('POST %s %j', async (path, body, order) => {
  const { post, orders } = await stage();
  expect(await post(path, body)).toEqual([200, { done: 'paused in step 2' }]);
  expect(orders).toMatchObject([order]);
});

test.each<[unknown, string]>([
  ['{', 'the body is not JSON'],
  [[], 'the body should be a JSON object'],
  [{ ful: true }, 'there is no key "ful"; did you mean "full"?'],
  [{ pool: 'x' }, 'there is no key "pool"; there are full, by, why'],
  [{ full: 'yes' }, '"full" is not right: it should be true or false'],
  [{ by: '' }, '"by" is not right: it should be a text of 1 to 100 characters, on one line'],
  [{ by: 'anna\u001b[2J' }, '"by" is not right'],
  [{ why: 'a\nb' }, '"why" is not right'],
  [{ why: 'x'.repeat(501) }, '"why" is not right'],
  [{ why: 7 }, '"why" is not right'],
])('promote with %j is refused with 400', async (body, message) => {
  const { post, orders } = await stage();
  expect(await post('/v1/services/app1/promote', body)).toEqual([
    400,
    { message: expect.stringContaining(message) },
  ]);
  expect(orders).toEqual([]);
});

test.each<[unknown, string]>([
  [{ percent: 20 }, '"pool" is not right'],
  [{ pool: 'app1' }, '"percent" is not right: it should be a number from 0 to 100'],
  [{ pool: 'app1', percent: '20' }, '"percent" is not right: it should be a number from 0 to 100'],
  [{ pool: 'app1', percent: 100.5 }, '"percent" is not right: it should be 100 or less'],
  [{ pool: 'app1', percent: -1 }, '"percent" is not right: it should be 0 or more'],
  [{ pool: 'app1', percent: 0.001 }, '"percent" is not right: it should have at most two decimals'],
])('weight with %j is refused with 400', async (body, message) => {
  const { post } = await stage();
  expect(await post('/v1/services/app1/weight', body)).toEqual([
    400,
    { message: expect.stringContaining(message) },
  ]);
});

test.each<[string, Readonly<Record<string, string>>, number, string]>([
  ['another type', { 'content-type': 'text/plain' }, 415, 'send application/json'],
  ['one that looks alike', { 'content-type': 'application/jsonp' }, 415, 'send application/json'],
  ['a page of another site', { ...asJson, origin: 'http://evil.example' }, 403, 'http://evil.example'],
  ['a page of nobody', { ...asJson, origin: 'null' }, 403, 'null'],
])('%s is refused', async (_, headers, status, message) => {
  const { post, orders } = await stage();
  expect(await post('/v1/services/app1/pause', '{}', headers)).toEqual([
    status,
    { message: expect.stringContaining(message) },
  ]);
  expect(orders).toEqual([]);
});

test('a page that Baton itself serves, and a type with its charset, are taken', async () => {
  const { url, post } = await stage();
  const headers = { 'content-type': 'application/json; charset=utf-8', origin: url };
  expect(await post('/v1/services/app1/pause', '{}', headers)).toMatchObject([200, {}]);
});

test('no browser is told that it may order from elsewhere', async () => {
  const { url } = await stage();
  const asked = await fetch(`${url}/v1/services/app1/pause`, {
    method: 'OPTIONS',
    headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
  });
  expect(asked.status).toBe(405);
  expect([...asked.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
});

test('a body without end is refused at 64 kB, and the connection ends', async () => {
  const { url, orders } = await stage();
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write(
    'POST /v1/services/app1/pause HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9000000\r\n\r\n',
  );
  socket.write(' '.repeat(70_000));
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 413 [^]*connection: close[^]*larger than 64 kB/i);
  expect(orders).toEqual([]);
});

test.each<[Obeyed, number, object]>([
  [
    { outcome: 'refused', problem: 'no transition is under way' },
    409,
    { message: 'no transition is under way' },
  ],
  [{ outcome: 'unknown' }, 404, { message: 'there is no service /app1; GET /v1/services lists them' }],
])('%j is answered with %i', async (obeyed, status, body) => {
  const { post } = await stage(obeyed);
  expect(await post('/v1/services/app1/pause', {})).toEqual([status, body]);
});

test.each([
  ['/v1/services/app1', 404, 'where VERB is promote, pause'],
  ['/v1/services/app1/explode', 404, 'is no order'],
  ['/v1/services/pause', 404, 'is no order'],
  ['/v1/services/%zz/pause', 400, 'is no valid path'],
  ['/v1/status', 405, 'only GET is'],
])('POST %s is answered with %i', async (path, status, message) => {
  const { post, orders } = await stage();
  expect(await post(path, {})).toEqual([status, { message: expect.stringContaining(message) }]);
  expect(orders).toEqual([]);
});

test('a shadow takes no orders', async () => {
  const url = await tellingBaton({});
  const answer = await fetch(`${url}/v1/services/app1/pause`, {
    method: 'POST',
    headers: asJson,
    body: '{}',
  });
  expect([answer.status, await answer.json()]).toEqual([409, { message: expect.stringContaining('shadow') }]);
});

test('what fails while it obeys is told as such', async () => {
  const url = await tellingBaton({}, { order: () => Promise.reject(new Error('HAProxy is away')) });
  const answer = await fetch(`${url}/v1/services/app1/abort`, {
    method: 'POST',
    headers: asJson,
    body: '{}',
  });
  expect([answer.status, await answer.json()]).toEqual([500, { message: 'HAProxy is away' }]);
});
