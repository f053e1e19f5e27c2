/** The watch: what it reads when, what it keeps, and what it says of itself. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../support/wait.ts';
import { type FakeMarathon, html, json, startFakeMarathon } from './support/fake-marathon.ts';
import { startSynced, type Watching } from './support/watching.ts';
import { v1, v2, v3, wireAppOf, wireTaskOf } from './support/wire.ts';

let fake: FakeMarathon;
let watching: Watching;

beforeEach(async () => {
  fake = await startFakeMarathon();
  fake.apps.set('/a', wireAppOf('/a'));
  fake.apps.set('/g/b', wireAppOf('/g/b'));
});

afterEach(async () => {
  await watching.stop();
  await fake.close();
});

const about = (appId: string) => ({ appId, taskStatus: 'TASK_RUNNING' });
const lists = () => fake.count('/v2/apps');

describe('lists', () => {
  test('it subscribes first, then lists, then is content', async () => {
    watching = await startSynced([fake.url]);
    expect(fake.requests.map(({ path }) => path)).toEqual(['/v2/events', '/v2/apps']);
    expect(fake.requests[1]?.query.getAll('embed')).toEqual([
      'apps.tasks',
      'apps.deployments',
      'apps.readiness',
    ]);
    expect([...watching.watch.snapshot().apps.keys()]).toEqual(['/a', '/g/b']);
    expect(watching.watch.status()).toMatchObject({ connected: true, trouble: null });
    expect(watching.watch.status().heardAt).not.toBeNull();
    expect(watching.of('synced')).toMatchObject([{ reason: 'start', apps: 2, tasks: 2 }]);
    expect(watching.wakes()).toBe(2);
  });

  test('an empty Marathon is a state like any other', async () => {
    fake.apps.clear();
    watching = await startSynced([fake.url]);
    expect(watching.watch.snapshot().apps.size).toBe(0);
    expect(watching.watch.status().trouble).toBeNull();
  });

  test('periodic lists find what no event told, and wake only for news', async () => {
    watching = await startSynced([fake.url], { resyncMs: 50 });
    const before = watching.wakes();
    const cluster = watching.watch.snapshot();
    await until('three lists', () => watching.of('synced').length >= 3);
    expect(watching.wakes()).toBe(before);
    expect(watching.watch.snapshot()).toBe(cluster);
    fake.apps.set('/a', wireAppOf('/a', { instances: 7 }));
    fake.apps.delete('/g/b');
    await until('the news', () => watching.app('/a')?.instances === 7);
    expect(watching.app('/g/b')).toBeUndefined();
    expect(watching.wakes()).toBe(before + 1);
    expect(watching.of('synced').at(-1)?.reason).toBe('periodic');
  });

  test('an app that cannot be read is named once, the others are followed, what was known stays', async () => {
    watching = await startSynced([fake.url], { resyncMs: 50 });
    fake.apps.set('/a', wireAppOf('/a', { version: 7 }));
    fake.apps.set('/g/b', wireAppOf('/g/b', { tasks: undefined, tasksRunning: 3 }));
    fake.apps.set('/c', wireAppOf('/c'));
    await until('the new app', () => watching.app('/c') !== undefined);
    const count = watching.of('synced').length;
    await until('more lists', () => watching.of('synced').length > count + 2);
    expect(watching.of('rejected')).toMatchObject([
      { app: '/a', problem: expect.stringContaining('version') as unknown },
      { app: '/g/b', problem: 'counts 3 running tasks but lists none' },
    ]);
    expect([...watching.watch.snapshot().apps.keys()]).toEqual(['/a', '/g/b', '/c']);
  });

  test.each<[string, (response: Parameters<FakeMarathon['intercept']>[1]) => unknown]>([
    ['HTML', (response) => html(response, 200)],
    ['502', (response) => html(response, 502)],
    ['an empty body', (response) => response.writeHead(200, { 'content-type': 'application/json' }).end()],
    ['no list of apps', (response) => json(response, 200, {})],
  ])('a failed read (%s) removes nothing, shows as trouble, and is tried again', async (_, answer) => {
    watching = await startSynced([fake.url], { resyncMs: 50 });
    const cluster = watching.watch.snapshot();
    fake.intercept = (request, response) => request.path === '/v2/apps' && (answer(response), true);
    await until('failures', () => watching.of('sync-failed').length >= 3);
    expect(watching.watch.snapshot()).toBe(cluster);
    expect(watching.watch.status().connected).toBe(true);
    expect(watching.watch.status().trouble).toContain(fake.url);
    fake.intercept = () => false;
    await until('good again', () => watching.watch.status().trouble === null);
  });
});

describe('single apps', () => {
  test('an event re-reads its app and no other', async () => {
    watching = await startSynced([fake.url]);
    fake.apps.set('/g/b', wireAppOf('/g/b', { tasks: [], tasksRunning: 0 }));
    fake.event('status_update_event', about('/g/b'));
    await until('the read', () => watching.app('/g/b')?.tasks.length === 0);
    expect([fake.count('/v2/apps/g/b'), fake.count('/v2/apps/a'), lists()]).toEqual([1, 0, 1]);
    expect(watching.of('event')).toMatchObject([{ eventType: 'status_update_event' }]);
  });

  test('an app that Marathon says is not there goes', async () => {
    watching = await startSynced([fake.url]);
    fake.apps.delete('/a');
    fake.event('app_terminated_event', { appId: '/a' });
    await until('gone', () => watching.app('/a') === undefined);
    expect(watching.app('/g/b')).toBeDefined();
  });

  test("a proxy's 404 removes nothing", async () => {
    watching = await startSynced([fake.url]);
    fake.intercept = (request, response) => request.path === '/v2/apps/a' && (html(response, 404), true);
    fake.event('status_update_event', about('/a'));
    await until('the failure', () => watching.of('sync-failed').length === 1);
    expect(watching.app('/a')).toBeDefined();
    await until('the list instead', () => watching.of('synced').length === 2);
  });

  test('an announced version is waited for', async () => {
    watching = await startSynced([fake.url]);
    let reads = 0;
    fake.intercept = (request) => {
      if (request.path === '/v2/apps/a') {
        reads += 1;
        // The old definition three times: Marathon announces before it shows.
        if (reads === 4) fake.apps.set('/a', wireAppOf('/a', { version: v2, instances: 4 }));
      }
      return false;
    };
    fake.event('deployment_info', {
      plan: { id: 'p', version: v2, steps: [{ actions: [{ action: 'ScaleApplication', app: '/a' }] }] },
    });
    await until('the new version', () => watching.app('/a')?.version === v2);
    fake.event('status_update_event', about('/g/b'));
    await until('another read', () => fake.count('/v2/apps/g/b') === 1);
    expect(reads).toBe(4);
  });

  test('an app that is announced and not there yet is waited for too', async () => {
    watching = await startSynced([fake.url]);
    let reads = 0;
    fake.intercept = (request) => {
      if (request.path === '/v2/apps/new') {
        reads += 1;
        if (reads === 3) fake.apps.set('/new', wireAppOf('/new', { version: v2 }));
      }
      return false;
    };
    fake.event('api_post_event', { appDefinition: { id: '/new', version: v2 } });
    await until('the new app', () => watching.app('/new') !== undefined);
    expect(reads).toBe(3);
  });

  test('the apps of a plan are read, each once', async () => {
    watching = await startSynced([fake.url]);
    const actions = [
      { action: 'RestartApplication', app: '/a' },
      { action: 'StopApplication', app: '/g/b' },
    ];
    fake.event('deployment_info', { plan: { id: 'p', version: v1, steps: [{ actions }] } });
    await until('both', () => fake.count('/v2/apps/a') === 1 && fake.count('/v2/apps/g/b') === 1);
    expect(lists()).toBe(1);
  });
});

describe('bursts', () => {
  /** Holds answers to a path until released. */
  function hold(path: string): () => void {
    const gate = Promise.withResolvers<void>();
    fake.intercept = async (request) => {
      if (request.path === path) await gate.promise;
      return false;
    };
    return () => gate.resolve();
  }

  test('a hundred events about one app are one read in flight and one after it', async () => {
    watching = await startSynced([fake.url]);
    const release = hold('/v2/apps/a');
    fake.event('status_update_event', about('/a'));
    await until('a read in flight', () => fake.count('/v2/apps/a') === 1);
    for (let n = 0; n < 100; n += 1) fake.event('status_update_event', about('/a'));
    await until('all events', () => watching.of('event').length === 101);
    expect(fake.count('/v2/apps/a')).toBe(1);
    fake.apps.set('/a', wireAppOf('/a', { instances: 9 }));
    release();
    await until('the second read', () => watching.of('request').length === 3);
    fake.event('status_update_event', about('/g/b'));
    await until('another read', () => fake.count('/v2/apps/g/b') === 1);
    expect(fake.count('/v2/apps/a')).toBe(2);
    expect(watching.app('/a')?.instances).toBe(9);
  });

  test('events about many apps are one list', async () => {
    for (let n = 0; n < 50; n += 1) fake.apps.set(`/x${n}`, wireAppOf(`/x${n}`));
    watching = await startSynced([fake.url]);
    const actions = Array.from({ length: 50 }, (_, n) => ({ action: 'RestartApplication', app: `/x${n}` }));
    fake.event('deployment_success', { id: 'p', plan: { id: 'p', version: v1, steps: [{ actions }] } });
    await until('the list', () => watching.of('synced').length === 2);
    expect(fake.requests.filter(({ path }) => path.startsWith('/v2/apps/'))).toEqual([]);
    expect(watching.of('synced').at(-1)?.reason).toBe('event');
  });

  test('a list that began before a single read does not undo it', async () => {
    watching = await startSynced([fake.url], { resyncMs: 50 });
    const gate = Promise.withResolvers<void>();
    const old = [...fake.apps.values()];
    let held = 0;
    fake.intercept = async (request, response) => {
      if (request.path !== '/v2/apps' || held > 0) return false;
      held += 1;
      await gate.promise;
      json(response, 200, { apps: old });
      return true;
    };
    await until('a list in flight', () => held === 1);
    const before = watching.of('synced').length;
    fake.apps.set('/a', wireAppOf('/a', { instances: 5 }));
    fake.apps.set('/new', wireAppOf('/new'));
    fake.apps.delete('/g/b');
    for (const id of ['/a', '/new', '/g/b']) fake.event('status_update_event', about(id));
    await until(
      'the single reads',
      () => watching.app('/g/b') === undefined && watching.app('/new') !== undefined,
    );
    const seen: unknown[] = [];
    const look = () => [
      watching.app('/a')?.instances,
      watching.app('/new') !== undefined,
      watching.app('/g/b'),
    ];
    gate.resolve();
    await until(
      'the old list and a new one',
      () => {
        seen.push(look());
        return watching.of('synced').length >= before + 2;
      },
      { everyMs: 1 },
    );
    for (const each of seen) expect(each).toEqual([5, true, undefined]);
  });
});

describe('older versions of an app', () => {
  const upgraded = (tasks: readonly string[]) =>
    wireAppOf('/a', {
      version: v3,
      versionInfo: { lastConfigChangeAt: v3 },
      healthChecks: [{ protocol: 'HTTP', path: '/new' }],
      tasks: tasks.map((version, n) => wireTaskOf('/a', { id: `a.${n}`, version })),
    });
  const paths = () => watching.app('/a')?.tasks.map((task) => task.healthChecks[0]?.path);

  test('need no read when the app was seen before', async () => {
    watching = await startSynced([fake.url]);
    fake.apps.set('/a', upgraded([v1, v3]));
    fake.event('status_update_event', about('/a'));
    await until('the upgrade', () => watching.app('/a')?.version === v3);
    expect(paths()).toEqual(['/health', '/new']);
    expect(fake.requests.filter(({ path }) => path.includes('/versions/'))).toEqual([]);
  });

  test('are read once when they were not', async () => {
    fake.apps.set('/a', upgraded([v1, v1, v3]));
    fake.definitions.set(`/a@${v1}`, wireAppOf('/a', { healthChecks: [{ path: '/older' }] }));
    watching = await startSynced([fake.url], { resyncMs: 30 });
    await until('more lists', () => watching.of('synced').length >= 3);
    expect(paths()).toEqual(['/older', '/older', '/new']);
    expect(fake.requests.filter(({ path }) => path.includes('/versions/'))).toHaveLength(1);
  });

  test("have the app's present checks when Marathon has dropped them", async () => {
    fake.apps.set('/a', upgraded([v1, v3]));
    watching = await startSynced([fake.url], { resyncMs: 30 });
    await until('more lists', () => watching.of('synced').length >= 3);
    expect(paths()).toEqual(['/new', '/new']);
    expect(fake.requests.filter(({ path }) => path.includes('/versions/'))).toHaveLength(1);
  });
});

test('stopping leaves nothing open, in whatever state', async () => {
  watching = await startSynced([fake.url]);
  fake.intercept = (request) => request.path.startsWith('/v2/apps');
  fake.event('status_update_event', about('/a'));
  await until('a read in flight', () => fake.count('/v2/apps/a') === 1);
  const before = watching.notices.length;
  await watching.stop();
  await until('closed', () => fake.streams.size === 0);
  expect(watching.notices.slice(before).filter(({ kind }) => kind !== 'request')).toEqual([]);
});

test('an event that says a task is dying takes it down before anything is read', async () => {
  const said: string[] = [];
  watching = await startSynced([fake.url], { withdraw: (_, tasks) => said.push(...tasks) });
  const task = String(wireTaskOf('/a')['id']);
  const wakes = watching.wakes();
  let answer = (): void => {};
  const asked = new Promise<void>((resolve) => (answer = resolve));
  fake.intercept = ({ path }) => (path === '/v2/apps/a' ? asked.then(() => false) : false);
  fake.event('status_update_event', { appId: '/a', taskId: task, taskStatus: 'TASK_KILLING' });
  await until('it to be told', () => said.length > 0);
  expect(said).toEqual([task]);
  // Where traffic goes without it is not to be decided only when somebody looks next.
  expect(watching.wakes()).toBe(wakes + 1);
  expect(watching.app('/a')?.tasks[0]?.health).toBe('down');
  answer();
  // Marathon's answer to the read that follows still calls it healthy, and wins.
  await until('the read', () => watching.app('/a')?.tasks[0]?.health === 'up');
  expect(fake.count('/v2/apps/a')).toBe(1);
});
