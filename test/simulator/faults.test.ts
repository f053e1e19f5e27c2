/** Bad days on the wire: the control API, answers, lists and the server; what a client sees, and that it ends. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { faultKinds } from '../../src/simulator/faults-schema.ts';
import { until } from '../support/wait.ts';
import { rawClient } from './raw.ts';
import { appOf, httpCheck, type Rig, rig, type SeenApp } from './support.ts';

let it: Rig;
const client = rawClient(() => it.sim.url);
beforeEach(async () => {
  it = await rig({ heartbeatMs: 30, tasks: 'addresses' });
});
afterEach(async () => {
  client.close();
  await it.sim.close();
});

const ids = async (): Promise<readonly string[]> =>
  (await it.call<{ apps: SeenApp[] }>('GET', '/v2/apps')).body.apps.map(({ id }) => id);

describe('the control API', () => {
  test('sets, lists and clears; one of the same name takes the place of the other', async () => {
    const first = await it.call('PUT', '/_sim/faults', { kind: 'slow', ms: 1, route: '/v2/apps*' });
    expect(first.body).toEqual({
      faults: [{ id: 'slow', kind: 'slow', ms: 1, route: '/v2/apps*', probability: 1, seed: 1 }],
    });
    await it.call('PUT', '/_sim/faults/proxy', { kind: 'error', status: 502, forMs: 60_000, seed: 7 });
    await it.call('PUT', '/_sim/faults', { kind: 'slow', ms: 2 });
    const { faults } = (await it.call<{ faults: { id: string; endsInMs?: number }[] }>('GET', '/_sim/faults'))
      .body;
    expect(faults.map(({ id }) => id)).toEqual(['proxy', 'slow']);
    expect(faults[0]).toMatchObject({ kind: 'error', status: 502, seed: 7 });
    expect(faults[0]?.endsInMs).toBeGreaterThan(0);
    expect((await it.call('DELETE', '/_sim/faults/proxy')).status).toBe(200);
    expect((await it.call('DELETE', '/_sim/faults/proxy')).status).toBe(404);
    expect((await it.call('DELETE', '/_sim/faults')).body).toEqual({ faults: [] });
  });

  test.each([
    [{ kind: 'no-such-fault' }, '/kind', /'drop-stream' \| 'hang-stream'/],
    [{ kind: 'slow', mss: 5 }, '', /"mss"/],
    [{ kind: 'lose-events', probability: 2 }, '/probability', /<=1/],
    [{ kind: 'wrong-clock' }, '/minutes', /expected number/],
  ])('refuses %j, and says what would be right', async (order, path, error) => {
    const answer = await it.call('PUT', '/_sim/faults', order);
    expect([answer.status, answer.body['details']]).toEqual([
      400,
      [{ path, errors: [expect.stringMatching(error)] }],
    ]);
    expect(it.sim.faults.list()).toEqual([]);
  });

  test('every kind is in the documentation', () => {
    const page = readFileSync(new URL('../../docs/simulator.md', import.meta.url), 'utf8');
    const named = [...page.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(
      ([, cell = '']) => cell.match(/[\w-]+/g) ?? [],
    );
    expect(faultKinds.filter((kind) => !named.includes(kind))).toEqual([]);
    expect(faultKinds.length).toBe(20);
  });

  test('a fault with a duration ends by itself', async () => {
    it.sim.faults.set({ kind: 'error', status: 504, forMs: 50 });
    expect(it.sim.faults.list()).toHaveLength(1);
    await until('the end of it', async () => (await it.call('GET', '/v2/apps')).status === 200);
    expect(it.sim.faults.list()).toEqual([]);
  });
});

describe('answers', () => {
  test('are slow where they are told to be', async () => {
    it.sim.faults.set({ kind: 'slow', ms: 60_000, route: '/v2/apps/*' });
    const late = client.request('GET /v2/apps/web HTTP/1.1');
    expect((await it.call('GET', '/v2/apps')).status).toBe(200);
    expect((await it.call('GET', '/v2/deployments')).status).toBe(200);
    expect(late.text()).toBe('');
    it.sim.faults.set({ kind: 'slow', ms: 1 });
    expect((await it.call('GET', '/v2/apps/web')).status).toBe(404);
  });

  test.each([
    [502, 'Bad Gateway'],
    [503, 'Service Temporarily Unavailable'],
    [504, 'Gateway Time-out'],
  ])('are %i with a page of a proxy', async (status, reason) => {
    it.sim.faults.set({ kind: 'error', status, method: 'GET' });
    const answer = await it.call('GET', '/v2/apps');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/html']);
    expect(answer.text).toContain(`<h1>${status} ${reason}</h1>`);
    expect(answer.headers.get('x-marathon-leader')).toBeNull();
    expect((await it.call('POST', '/v2/apps', appOf('/web'))).status).toBe(201);
    expect((await it.call('GET', '/_sim/faults')).status).toBe(200);
    const stream = client.stream();
    await until('an answer', () => stream.text().startsWith(`HTTP/1.1 ${status} `));
  });

  test('are errors by chance, the same ones for the same seed', async () => {
    const runs: string[] = [];
    for (let run = 0; run < 2; run += 1) {
      it.sim.faults.set({ kind: 'error', probability: 0.5, seed: 5 });
      const codes: number[] = [];
      for (let n = 0; n < 20; n += 1) codes.push((await it.call('GET', '/v2/apps')).status);
      runs.push(codes.join(' '));
    }
    expect(new Set(runs[0]?.split(' '))).toEqual(new Set(['200', '503']));
    expect(runs[1]).toBe(runs[0]);
  });

  test('409 and 403 for changes, and nothing is changed', async () => {
    it.sim.faults.set({ kind: 'conflict' });
    const conflict = await it.call('POST', '/v2/apps', appOf('/web'));
    expect([conflict.status, Object.keys(conflict.body)]).toEqual([409, ['message', 'deployments']]);
    it.sim.faults.clear('conflict');
    it.sim.faults.set({ kind: 'too-many-deployments' });
    const tooMany = await it.call('POST', '/v2/apps', appOf('/web'));
    expect(tooMany.status).toBe(403);
    expect(tooMany.body['message']).toMatch(/^Max number \(100\) of running deployments is achieved\. Wait/);
    expect(await ids()).toEqual([]);
  });

  test.each(['fin', 'reset'] as const)('break off in the middle, with %s', async (how) => {
    await it.deploy('POST', '/v2/apps', appOf('/web'));
    it.sim.faults.set({ kind: 'cut-answer', route: '/v2/apps', how, at: 0.25 });
    await expect(it.call('GET', '/v2/apps')).rejects.toThrow(/terminated|fetch failed/);
    const cut = client.request('GET /v2/apps HTTP/1.1');
    await until('the end', () => cut.ended() === how);
    const [head = '', body = ''] = cut.text().split('\r\n\r\n');
    const announced = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    expect(announced).toBeGreaterThan(100);
    // A reset throws away what the client has not read yet.
    expect(body.length).toBeLessThanOrEqual(Math.floor(announced / 4));
    expect((await it.call('GET', '/v2/apps/web')).status).toBe(200);
  });
});

describe('lists', () => {
  beforeEach(async () => {
    const apps = Array.from({ length: 10 }, (_, n) => appOf(`/many/app${n}`, { instances: 4 }));
    await it.deploy('PUT', '/v2/apps', apps);
  });

  test('are those of the last time, until that is over', async () => {
    const before = await ids();
    it.sim.faults.set({ kind: 'stale-list' });
    await it.deploy('POST', '/v2/apps', appOf('/new'));
    expect(await ids()).toEqual(before);
    expect((await it.call('GET', '/v2/apps/new')).status).toBe(200);
    it.sim.faults.clear();
    expect(await ids()).toEqual([...before, '/new'].toSorted());
  });

  test('are empty', async () => {
    it.sim.faults.set({ kind: 'empty-list' });
    const answer = await it.call('GET', '/v2/apps?embed=apps.tasks');
    expect([answer.status, answer.text]).toEqual([200, '{"apps":[]}']);
    expect((await it.call('GET', '/v2/apps/many/app1')).status).toBe(200);
    it.sim.faults.clear();
    expect(await ids()).toHaveLength(10);
  });

  test('lack some apps, the same ones at each read', async () => {
    const all = await ids();
    it.sim.faults.set({ kind: 'partial-list', missing: 0.4, seed: 2 });
    const some = await ids();
    expect(some.length).toBeGreaterThan(0);
    expect(some.length).toBeLessThan(all.length);
    expect(await ids()).toEqual(some);
    it.sim.faults.set({ kind: 'partial-list', missing: 0.4, seed: 3 });
    expect(await ids()).not.toEqual(some);
  });

  test('lack some tasks, though they count them', async () => {
    it.sim.faults.set({ kind: 'partial-list', of: 'tasks', missing: 0.5 });
    const { apps } = (await it.call<{ apps: SeenApp[] }>('GET', '/v2/apps?embed=apps.tasks')).body;
    const tasks = apps.reduce((sum, app) => sum + app.tasks.length, 0);
    expect(tasks).toBeGreaterThan(0);
    expect(tasks).toBeLessThan(40);
    expect(apps.map((app) => app['tasksRunning'])).toEqual(Array(10).fill(4));
  });
});

describe('the server', () => {
  test.each([-30, 30])('has a clock that is wrong by %i minutes', async (minutes) => {
    await it.deploy('POST', '/v2/apps', appOf('/old'));
    const { version } = await it.app('/old');
    it.sim.faults.set({ kind: 'wrong-clock', minutes });
    it.fresh();
    await it.deploy('POST', '/v2/apps', appOf('/new'));
    const off = (text: unknown): number => Math.round((Date.parse(String(text)) - Date.now()) / 60_000) + 0;
    expect(new Set(it.fresh().map((event) => off(event['timestamp'])))).toEqual(new Set([minutes]));
    // A version is always newer than the ones before, however late the clock is.
    const newer = await it.app('/new');
    expect(newer.version > version).toBe(true);
    expect(off(newer.version)).toBe(Math.max(0, minutes));
    expect((await it.app('/old')).version).toBe(version);
    it.sim.faults.clear();
    it.fresh();
    await it.call('DELETE', '/v2/apps/new');
    expect(off(it.fresh()[0]?.['timestamp'])).toBe(0);
  });

  test('loses its leader', async () => {
    const check = { ...httpCheck, gracePeriodSeconds: 3000, maxConsecutiveFailures: 1000 };
    await it.deploy('POST', '/v2/apps', appOf('/web', { healthChecks: [check] }));
    expect((await it.app('/web'))['tasksHealthy']).toBe(1);
    const stream = client.stream();
    await until('attached', () => it.sim.subscribers() === 1);
    // To the next leader a failure within the grace says nothing, however soon it probes.
    it.sim.behaveApp('/web', { unhealthy: true });
    it.sim.faults.set({ kind: 'leader-change' });
    await until('the end', () => stream.ended() === 'fin');
    expect(await it.app('/web')).toMatchObject({ tasksRunning: 1, tasksHealthy: 0, tasksUnhealthy: 0 });
  });
});
