/** GET /v1/services/{id}/history. */
import { expect, test } from 'vitest';
import type { HistoryEntry } from '../../src/model/history.ts';
import { appId, millis, serviceOf } from '../../src/model/ids.ts';
import { tellingBaton, twoVersions } from '../cli/running.ts';

const app1 = serviceOf(appId('app1'));
const entries: readonly HistoryEntry[] = Array.from({ length: 60 }, (_, at) => ({
  at: millis(at * 1000),
  service: app1,
  kind: 'phase-changed',
  text: `settled ${at}`,
  facts: { at },
}));

async function get(path: string, keeps = true): Promise<readonly [number, unknown]> {
  const { services } = twoVersions().settle();
  const [service] = services;
  if (service === undefined) throw new Error('no service');
  const all = [service, { ...service, service: '/shop/history' as never }];
  const history = (of: string) => (of === '/app1' || of === '/gone/now' ? entries : []);
  const url = await tellingBaton({ services: all }, keeps ? { history } : {});
  const answer = await fetch(`${url}${path}`);
  return [answer.status, await answer.json()];
}

test('tells the newest 50, the newest last', async () => {
  const [status, body] = await get('/v1/services/app1/history');
  expect(status).toBe(200);
  const { entries: told } = body as { entries: object[] };
  expect(told).toHaveLength(50);
  expect(told.at(-1)).toEqual({
    at: '1970-01-01T00:00:59.000Z',
    kind: 'phase-changed',
    text: 'settled 59',
    facts: { at: 59 },
  });
});

test.each([
  ['/v1/services/app1/history?limit=2', 2],
  ['/v1/services/app1/history?limit=200', 60],
  ['/v1/services/%2Fapp1/history/', 50],
  ['/v1/services/gone/now/history', 50],
  ['/v1/services/shop/history/history', 0],
])('%s tells %i entries', async (path, count) => {
  expect(await get(path)).toEqual([
    200,
    expect.objectContaining({ entries: expect.objectContaining({ length: count }) }),
  ]);
});

test('a service of such a name is told of itself', async () => {
  expect(await get('/v1/services/shop/history')).toMatchObject([
    200,
    { service: '/shop/history', pools: [{}, {}] },
  ]);
});

test.each([
  ['/v1/services/other/history', 404, 'there is no service /other'],
  ['/v1/services/history', 404, 'there is no service /history'],
  ['/v1/services/app1/history?limit=0', 400, 'limit is "0"; it should be a whole number'],
  ['/v1/services/app1/history?limit=many', 400, 'limit is "many"'],
  ['/v1/services/app1/history?limit=', 400, 'limit is ""'],
])('%s: %i', async (path, status, message) => {
  expect(await get(path)).toEqual([status, { message: expect.stringContaining(message) }]);
});

test('a shadow keeps none', async () => {
  expect(await get('/v1/services/app1/history', false)).toMatchObject([
    404,
    { message: expect.stringContaining('shadow') },
  ]);
});
