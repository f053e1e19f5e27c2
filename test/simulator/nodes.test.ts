/** Several nodes of one Marathon: who leads, what the others answer, and what becomes of it when one goes. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freeRow } from '../support/free-ports.ts';
import { until } from '../support/wait.ts';
import { marathonVersions } from '../../src/simulator/dialect.ts';
import { appOf, httpCheck, type Rig, rig } from './support.ts';

let it: Rig;
beforeEach(async () => {
  // What goes down comes back on the port that it had.
  it = await rig({ tasks: 'addresses', nodes: 2, port: await freeRow(2) });
});
afterEach(() => it.sim.close());

const node = (at: number): string => it.sim.urls[at] ?? '';
const events = (at: number): Promise<Response> =>
  fetch(`${node(at)}/v2/events?event_type=x`, {
    headers: { accept: 'text/event-stream' },
    redirect: 'manual',
  });
const leaderAt = async (at: number): Promise<string> =>
  ((await (await fetch(`${node(at)}/v2/leader`)).json()) as { leader: string }).leader;

test('a node that stands by sends streams to the leader and passes all else on', async () => {
  const redirect = await events(1);
  expect([redirect.status, redirect.headers.get('location')]).toEqual([
    302,
    `${node(0)}/v2/events?event_type=x`,
  ]);
  await it.deploy('POST', '/v2/apps', appOf('/web'));
  const answer = await fetch(`${node(1)}/v2/apps/web`);
  expect([
    answer.status,
    answer.headers.get('x-marathon-via'),
    answer.headers.get('x-marathon-leader'),
  ]).toEqual([200, `1.1 ${node(1).slice('http://'.length)}`, node(0)]);
  expect((await fetch(`${node(0)}/v2/apps/web`)).headers.get('x-marathon-via')).toBeNull();
});

test('what a node has passed on once it refuses, and whoever leads does not', async () => {
  const through = (at: number, via: number) =>
    fetch(`${node(at)}/v2/apps`, {
      headers: { 'x-marathon-via': `1.1 elsewhere:8080, 1.1 ${node(via).slice('http://'.length)}` },
    });
  const loop = await through(1, 1);
  expect([loop.status, loop.headers.get('content-type')]).toEqual([502, 'text/html;charset=iso-8859-1']);
  expect(await loop.text()).toContain('Detected proxying loop.');
  expect((await through(1, 0)).status).toBe(200);
  expect((await through(0, 0)).status).toBe(200);
});

test('a change of leader: another node leads, and the streams end', async () => {
  expect(await leaderAt(0)).toBe(node(0).slice('http://'.length));
  const stream = await events(0);
  it.sim.faults.set({ kind: 'leader-change' });
  expect(await stream.text()).toBe('');
  expect(await leaderAt(0)).toBe(node(1).slice('http://'.length));
  expect((await events(0)).headers.get('location')).toBe(`${node(1)}/v2/events?event_type=x`);
});

test('a leader that goes down is replaced, and stands by when it comes back', async () => {
  const stream = await events(0);
  it.sim.faults.set({ kind: 'leader-down' });
  expect(await stream.text().catch(() => 'cut')).toMatch(/^(?:cut)?$/);
  await expect(fetch(`${node(0)}/v2/apps`)).rejects.toThrow('fetch failed');
  expect(await leaderAt(1)).toBe(node(1).slice('http://'.length));
  await fetch(`${node(1)}/_sim/faults`, { method: 'DELETE' });
  await until('it is back', async () => (await events(0)).status === 302);
});

test('with nobody else left Marathon is away for a while', async () => {
  it.sim.faults.set({ kind: 'leader-down', id: 'one' });
  it.sim.faults.set({ kind: 'leader-down', id: 'two' });
  for (const at of [0, 1]) await expect(fetch(`${node(at)}/ping`)).rejects.toThrow('fetch failed');
  it.sim.faults.clear('two');
  await until('one is back', async () => (await fetch(`${node(1)}/ping`)).ok);
  await expect(fetch(`${node(0)}/ping`)).rejects.toThrow('fetch failed');
});

test('before 1.7 a node that stands by passes the event stream on, too', async () => {
  await it.sim.close();
  it = await rig({ tasks: 'addresses', nodes: 2, marathonVersion: '1.4' });
  const stream = await events(1);
  expect([stream.status, stream.headers.get('x-marathon-via')]).toEqual([
    200,
    `1.1 ${node(1).slice('http://'.length)}`,
  ]);
  await stream.body?.cancel();
});

test('a leader that abdicates is followed by another node', async () => {
  expect((await fetch(`${node(0)}/v2/leader`, { method: 'DELETE' })).status).toBe(200);
  await until('another leader', async () => (await leaderAt(0)) === node(1).slice('http://'.length));
});

test.each(marathonVersions)(
  'a node of Marathon %s that has probed nothing shows nobody well',
  async (version) => {
    await it.sim.close();
    it = await rig({ tasks: 'addresses', nodes: 2, marathonVersion: version });
    await it.deploy('POST', '/v2/apps', appOf('/web', { healthChecks: [httpCheck] }));
    it.sim.faults.set({ kind: 'no-health', node: 2 });
    const read = async (at: number, path: string): Promise<string> =>
      (await fetch(`${node(at)}${path}`)).text();
    for (const path of ['/v2/apps/web', '/v2/apps?embed=apps.tasks', '/v2/tasks']) {
      expect(await read(0, path)).toContain('"alive":true');
      expect(await read(1, path)).not.toContain('"alive"');
    }
    const { app } = JSON.parse(await read(1, '/v2/apps/web')) as { app: { tasks: object[] } };
    expect(app).toMatchObject({ tasksRunning: 1, tasksHealthy: 0, tasksUnhealthy: 0 });
    expect('healthCheckResults' in (app.tasks[0] ?? {})).toBe(version !== '1.4');
    it.sim.faults.clear();
    expect(await read(1, '/v2/tasks')).toContain('"alive":true');
  },
);

test('the next leader can know what the last one knew', async () => {
  await it.sim.close();
  it = await rig({ tasks: 'addresses', nodes: 2, healthSpeed: 1 });
  await it.deploy(
    'POST',
    '/v2/apps',
    appOf('/web', { healthChecks: [{ ...httpCheck, intervalSeconds: 1 }] }),
  );
  const [before] = (await it.app('/web')).tasks;
  it.sim.faults.set({ kind: 'leader-change', health: 'keep' });
  expect((await it.app('/web')).tasks[0]?.healthCheckResults).toHaveLength(1);
  it.sim.faults.set({ kind: 'leader-change' });
  expect((await it.app('/web')).tasks[0]).toMatchObject({ id: before?.id, healthCheckResults: [] });
});
