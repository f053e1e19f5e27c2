/** The HTTP API: routes, readiness, and errors that say what to do. */
import { expect, it, onTestFinished } from 'vitest';
import { hostLines } from '../../src/api/map-lines.ts';
import { type Api, startApi } from '../../src/api/server.ts';
import type { ControllerState } from '../../src/controller/state.ts';
import { appId, millis } from '../../src/model/ids.ts';
import { up, World } from '../plan/world.ts';

const world = new World([
  { id: 'app1', priority: 0, tasks: up('app1', 2) },
  { id: 'app1-100', priority: 10, tasks: up('app1-100', 2) },
]);
const services = world.settle().services;
const state: ControllerState = {
  marathon: {
    connected: true,
    syncedAt: 0 as never,
    heardAt: null,
    failingSince: 1000 as never,
    trouble: null,
    pending: 0,
  },
  services,
  realised: new Map(
    services.map(({ service, pools }) => [
      service,
      { since: 0 as never, requests: new Map(pools.map(({ app, weight }) => [app, weight / 100])) },
    ]),
  ),
  diagnostics: [],
  notReady: null,
};

async function start(notReady: string | null = null): Promise<Api> {
  const api = await startApi(
    { host: '127.0.0.1', port: 0 },
    {
      state: () => state,
      metrics: async () => ({ contentType: 'text/plain', text: 'm 1\n' }),
      notReady: () => notReady,
      configuration: async () => '# global.cfg\n',
    },
  );
  onTestFinished(() => api.close());
  return api;
}

async function get(api: Api, path: string, method = 'GET') {
  const answer = await fetch(`http://${api.address}${path}`, { method });
  return { status: answer.status, body: await answer.text() };
}

it('lists services with pools, weights, slots, sides and reasons', async () => {
  const api = await start();
  const list = JSON.parse((await get(api, '/v1/services')).body) as { services: unknown[] };
  const one: unknown = JSON.parse((await get(api, '/v1/services/app1')).body);
  expect(list.services).toEqual([one]);
  expect(one).toMatchObject({
    service: '/app1',
    phase: 'settled',
    ratio: 100,
    listener: {
      app: '/app1',
      gone: false,
      binds: [
        {
          address: null,
          port: 80,
          declaredPort: 80,
          mode: 'http',
          hosts: [],
          paths: [],
          tls: false,
          only: null,
        },
      ],
    },
    pools: [
      {
        app: '/app1-100',
        weight: 100,
        realised: 100,
        requests: 100,
        slot: 'b',
        side: 'B',
        backend: 'app1:b',
        state: 'active',
        because: { code: 'highest-priority' },
      },
      {
        app: '/app1',
        weight: 0,
        realised: 0,
        slot: 'a',
        side: 'A',
        state: 'standby',
        because: { code: 'lower-priority' },
      },
    ],
  });
});

it.each([
  ['/healthz', 200, 'alive\n'],
  ['/readyz', 200, 'ready\n'],
  ['/metrics', 200, 'm 1\n'],
  ['/v1/haproxy/config', 200, '# global.cfg\n'],
  ['/v1/services/app2', 404, 'there is no service /app2'],
  ['/v1/service', 404, 'nothing is served at /v1/service'],
  ['/v1/services/%zz', 400, 'is no valid path'],
])('%s answers %i', async (path, status, body) => {
  const answer = await get(await start(), path);
  expect(answer.status).toBe(status);
  expect(answer.body).toContain(body);
});

it('says which name and which app lead where, as marathon-lb did', async () => {
  const api = await start();
  expect(await get(api, '/v1/haproxy/vhostmap')).toEqual({ status: 200, body: '' });
  expect(await get(api, '/v1/haproxy/appmap')).toEqual({
    status: 200,
    body: '/app1 app1:a\n/app1-100 app1:b\n',
  });
  const [service] = state.services;
  const [listener] = service?.listeners ?? [];
  if (service === undefined || listener === undefined) throw new Error('there is one');
  const shared = { ...listener, hosts: ['b.example', 'a.example'] };
  const paths = [{ prefix: '/x', ignoresCase: false }];
  const listeners = [shared, { ...shared, port: 443 }, { ...listener, hosts: ['c.example'], paths }];
  expect(hostLines([{ ...service, listeners }])).toBe('a.example app1\nb.example app1\nc.example/x app1\n');
});

it('is alive but not ready while it is out of step, and says why', async () => {
  const api = await start('no Marathon answered');
  expect(await get(api, '/readyz')).toEqual({ status: 503, body: 'not ready: no Marathon answered\n' });
  expect((await get(api, '/healthz')).status).toBe(200);
});

it('refuses what would change something', async () => {
  expect((await get(await start(), '/v1/services', 'DELETE')).status).toBe(405);
});

it('says which address it cannot have', async () => {
  const api = await start();
  const port = Number(api.address.split(':')[1]);
  const again = startApi(
    { host: '127.0.0.1', port },
    { state: () => state, metrics: async () => ({ contentType: '', text: '' }), notReady: () => null },
  );
  await expect(again).rejects.toMatchObject({
    code: 'listen-failed',
    message: expect.stringContaining('the port is taken'),
  });
});

it('tells times as ISO 8601, and null for never', async () => {
  const { body } = await get(await start(), '/v1/status');
  expect(JSON.parse(body)).toMatchObject({
    marathon: {
      syncedAt: '1970-01-01T00:00:00.000Z',
      heardAt: null,
      failingSince: '1970-01-01T00:00:01.000Z',
    },
  });
});

it('tells what a shadow has found, and that another Baton is none', async () => {
  const difference = {
    kind: 'server-health',
    backend: 'shop_10000',
    server: '10_0_0_1_31000',
    app: appId('shop'),
    text: 'HAProxy says DOWN; Baton would send it requests.',
  } as const;
  const api = await startApi(
    { host: '127.0.0.1', port: 0 },
    {
      state: () => state,
      metrics: async () => ({ contentType: '', text: '' }),
      notReady: () => null,
      shadow: () => ({
        of: 'http://lb:9090/haproxy?stats;csv',
        comparedAt: millis(1000),
        trouble: null,
        differences: [{ ...difference, since: millis(0) }],
      }),
    },
  );
  onTestFinished(() => api.close());
  expect(JSON.parse((await get(api, '/v1/shadow')).body)).toEqual({
    of: 'http://lb:9090/haproxy?stats;csv',
    comparedAt: '1970-01-01T00:00:01.000Z',
    trouble: null,
    differences: [{ ...difference, since: '1970-01-01T00:00:00.000Z' }],
  });
  const none = await get(await start(), '/v1/shadow');
  expect([none.status, none.body]).toEqual([404, expect.stringContaining('start one with --shadow')]);
});
