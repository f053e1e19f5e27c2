/** What a pool is judged by, through a real HAProxy: requests, errors, and how long answers take. */
import http from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { latencyBoundsMs, quantileMs } from '../../../src/model/latency.ts';
import type { ObservedSlot } from '../../../src/plan/observed.ts';
import type { ServiceTarget } from '../../../src/plan/target.ts';
import type { Farm } from '../../support/farm.ts';
import { freePorts } from '../../support/free-ports.ts';
import { request } from '../../support/load.ts';
import { endpoints, pool, service } from '../../support/targets.ts';
import { until } from '../../support/wait.ts';
import { deadline, enter, openStage, type Stage } from './stage.ts';

let stage: Stage;
let old: Farm;
let fresh: Farm;
let port: number;
let other: number;

beforeEach(async () => {
  stage = await openStage({ hardStopAfterMs: 20_000 });
  [old, fresh] = await Promise.all([stage.farm('old', 1), stage.farm('fresh', 1)]);
  [port, other] = (await freePorts(2)) as [number, number];
});
afterEach(async () => {
  await stage.dispose();
});

function target(shares: readonly [number, number]): ServiceTarget {
  return service('/app', port, [
    pool('/old', 'a', shares[0], endpoints('old', old.ports)),
    pool('/fresh', 'b', shares[1], endpoints('fresh', fresh.ports)),
  ]);
}

/** Looked at by itself, or with all others. */
async function slots(together = false): Promise<readonly ObservedSlot[]> {
  const id = target([0, 0]).service;
  const scope = together ? 'all' : new Set([id]);
  return (await stage.driver.observe(deadline(), scope)).services.get(id)?.slots ?? [];
}

async function counts(): Promise<readonly (readonly [number, number, number])[]> {
  return (await slots())
    .slice(0, 2)
    .map(({ requests, errors, durations }) => [requests, errors, durations.reduce((a, b) => a + b, 0)]);
}

test('answers are counted in the buckets of how long they took, and stay counted over reloads', async () => {
  const { driver } = stage;
  await enter(driver, [target([0, 10_000])]);
  for (const wait of [0, 0, 0, 120]) await request(port, { path: `/?wait=${wait}` });
  const [a, b] = await slots();
  expect([a?.requests, a?.durations.reduce((x, y) => x + y, 0), b?.requests]).toEqual([0, 0, 4]);
  expect(quantileMs(b?.durations ?? [], 0.5)).toBeLessThan(120);
  expect(quantileMs(b?.durations ?? [], 1)).toBeGreaterThan(120);
  // They end in the worker that the reload replaces; with the last of them it is gone, and its last count with it.
  const slow = [request(port, { path: '/?wait=1600' }), request(port, { path: '/?wait=4000' })];
  await until('they are in flight', async () => (await slots())[1]?.sessions === 2);
  const more = service('/more', other, []);
  expect((await driver.apply([target([0, 10_000]), more], deadline())).reloads).toBe(1);
  expect((await slots())[1]?.durations).toEqual(b?.durations);
  await request(port, { path: '/?wait=60' });
  await until('the first is counted', async () => (await counts())[1]?.[2] === 6);
  const after = (await slots())[1]?.durations ?? [];
  expect((await slots(true))[1]?.durations).toEqual(after);
  expect(after.slice(latencyBoundsMs.indexOf(1_500) + 1).reduce((x, y) => x + y, 0)).toBe(1);
  for (const [index, count] of after.entries()) {
    expect(count).toBeGreaterThanOrEqual(b?.durations[index] ?? 0);
  }
  expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([200, 200]);
});

test('errors are answers with 5xx and requests without one, not what the client gave up', async () => {
  await enter(stage.driver, [target([0, 10_000])]);
  for (const status of [200, 404, 500, 503]) await request(port, { path: `/?status=${status}` });
  expect(await counts()).toEqual([
    [0, 0, 0],
    [4, 2, 4],
  ]);
  const given = http.get({ host: '127.0.0.1', port, path: '/?wait=1500' });
  given.on('error', () => undefined);
  await until('it is in flight', async () => (await slots())[1]?.sessions === 1);
  given.destroy();
  await until('it is over', async () => (await slots())[1]?.sessions === 0);
  expect((await counts())[1]?.[1]).toBe(2);
  const before = (await counts())[1];
  // Not one that could be tried again.
  const broken = request(port, { method: 'POST', path: '/?wait=15000' });
  await until('it is in flight', async () => (await slots())[1]?.sessions === 1);
  await fresh.kill();
  expect((await broken).status).toBe(502);
  expect((await counts())[1]).toEqual([(before?.[0] ?? 0) + 1, 3, before?.[2]]);
});

test('who has gone on to another pool is counted there alone', async () => {
  await enter(stage.driver, [target([0, 10_000])]);
  await fresh.kill();
  for (let n = 0; n < 5; n++) expect((await request(port, { path: '/?status=500' })).status).toBe(500);
  expect(await counts()).toEqual([
    [5, 5, 5],
    [0, 0, 0],
  ]);
});
