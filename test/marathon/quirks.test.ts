/** Thirty quirks of Marathon: each has a test that names it here, or the place of the test that covers it, which is checked. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../support/wait.ts';
import { type FakeMarathon, frame, json, startFakeMarathon, streamHead } from './support/fake-marathon.ts';
import { type Covered, quirks } from './support/quirk-list.ts';
import { startSynced, type Watching } from './support/watching.ts';
import { v1, v2, wireAppOf, wireTaskOf } from './support/wire.ts';

const here = 'marathon/quirks.test.ts';

describe('the list', () => {
  test('has thirty', () => {
    expect(quirks).toHaveLength(30);
  });

  test.each(quirks.map(({ what, covered }, index) => [index + 1, what, covered] as const))(
    '%i: %s',
    (number, _, covered) => {
      const own: readonly Covered[] = [[here, `'quirk ${number}:`]];
      for (const [file, name] of covered ?? own) {
        const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
        expect(text.replaceAll('\\', '').includes(name), `${file}: ${name}`).toBe(true);
      }
    },
  );
});

describe('a watch survives', () => {
  let fake: FakeMarathon;
  let watching: Watching;

  beforeEach(async () => {
    fake = await startFakeMarathon();
    fake.apps.set('/a', wireAppOf('/a'));
  });

  afterEach(async () => {
    await watching.stop();
    await fake.close();
  });

  const good = { alive: true, consecutiveFailures: 0, lastSuccess: '2024-03-01T10:00:10.000Z' };
  const bad = { alive: false, consecutiveFailures: 2, lastFailure: '2024-03-01T10:00:30.000Z' };
  const checked = (...results: unknown[]) =>
    wireAppOf('/a', {
      healthChecks: [{ protocol: 'HTTP' }, { protocol: 'TCP' }],
      tasks: [wireTaskOf('/a', { healthCheckResults: results })],
    });
  const health = () => watching.app('/a')?.tasks[0]?.health;
  const reads = () => fake.count('/v2/apps//a') + fake.count('/v2/apps/a');

  test.each(['quirk 4: a standby that holds events back', 'quirk 5: heartbeats and no events'])(
    '%s: a list finds the news',
    async () => {
      watching = await startSynced([fake.url], { resyncMs: 50 });
      fake.apps.set('/a', wireAppOf('/a', { instances: 5 }));
      for (const socket of fake.streams) socket.write('\r\n');
      await until('the news', () => watching.app('/a')?.instances === 5);
      expect(watching.of('event')).toEqual([]);
      expect(watching.of('disconnected')).toEqual([]);
    },
  );

  test('quirk 8: a stream that is closed for being slow is counted, opened again, and everything read', async () => {
    watching = await startSynced([fake.url]);
    for (const n of [1, 2]) {
      for (const socket of fake.streams) socket.end(frame('status_update_event', { appId: '/a' }));
      await until('another stream', () => watching.of('connected').length === n + 1);
    }
    expect(watching.of('disconnected')).toHaveLength(2);
    await until(
      'lists',
      () => watching.of('synced').filter(({ reason }) => reason === 'reconnect').length === 2,
    );
  });

  test('quirk 9: both parameters are asked for, and an event that is too large is dropped, not the stream', async () => {
    watching = await startSynced([fake.url], {}, { maxEventBytes: 1000 });
    const query = fake.requests.find(({ path }) => path === '/v2/events')?.query;
    expect(query?.get('plan-format')).toBe('light');
    expect(query?.getAll('event_type')).toContain('deployment_info');
    fake.apps.set('/b', wireAppOf('/b'));
    fake.event('deployment_info', { plan: { original: 'x'.repeat(100_000), steps: [] } });
    await until('a whole list instead', () => watching.app('/b') !== undefined);
    fake.apps.set('/a', wireAppOf('/a', { instances: 7 }));
    fake.event('status_update_event', { appId: '/a' });
    await until('the next event', () => watching.app('/a')?.instances === 7);
    expect(watching.of('disconnected')).toEqual([]);
  });

  test.each([
    [
      'quirk 14: healthy: true of one check',
      'instance_health_changed_event',
      { runSpecId: '/a', healthy: true },
    ],
    ['quirk 17: a late alive: true', 'health_status_changed_event', { appId: '/a', alive: true }],
  ])('%s does not count where GET says otherwise', async (_, type, event) => {
    fake.apps.set('/a', checked(good, good));
    watching = await startSynced([fake.url]);
    expect(health()).toBe('up');
    fake.apps.set('/a', checked(good, bad));
    fake.event(type, event);
    await until('down', () => health() === 'down');
    const before = reads();
    fake.event(type, event);
    await until('another read', () => reads() > before);
    expect(health()).toBe('down');
  });

  test('quirk 15: an event that says nothing new changes nothing and wakes nobody', async () => {
    watching = await startSynced([fake.url]);
    await until('connected', () => watching.watch.status().connected);
    const [before, wakes] = [watching.watch.snapshot(), watching.wakes()];
    for (const data of [
      { appId: '/a', taskStatus: 'TASK_RUNNING' },
      { appId: '/a', taskStatus: 'TASK_RUNNING' },
    ]) {
      const asked = reads();
      fake.event('status_update_event', data);
      await until('a read', () => reads() > asked);
    }
    fake.event('instance_changed_event', { runSpecId: '/a', condition: 'Running' });
    await until('all events', () => watching.of('event').length === 3);
    await until(
      'a read of each',
      () => watching.of('request').filter(({ route }) => route === 'GET /v2/apps/{id}').length >= 3,
    );
    expect(watching.watch.snapshot()).toBe(before);
    expect(watching.wakes()).toBe(wakes);
  });

  test.each([
    ['status_update_event', { taskId: 'a.0a0a0a0a-1111-11ee-8000-000000000001', appId: '/a' }],
    [
      'health_status_changed_event',
      { instanceId: 'a.marathon-0a0a0a0a-1111-11ee-8000-000000000001', appId: '/a' },
    ],
    [
      'unhealthy_instance_kill_event',
      {
        taskId: 'a.instance-0a0a0a0a-1111-11ee-8000-000000000001._app.1',
        instanceId: 'a.instance-0a0a0a0a-1111-11ee-8000-000000000001',
        appId: '/a',
      },
    ],
    ['unhealthy_task_kill_event', { taskId: 'a_0-1396592784349', appId: '/a' }],
    [
      'instance_health_changed_event',
      { instanceId: 'a.marathon-0a0a0a0a-1111-11ee-8000-000000000001', runSpecId: '/a' },
    ],
  ])('quirk 16: %s leads to its app whatever it calls the task', async (type, event) => {
    watching = await startSynced([fake.url]);
    fake.apps.set('/a', wireAppOf('/a', { instances: 4 }));
    fake.event(type, event);
    await until('the news', () => watching.app('/a')?.instances === 4);
    expect(watching.of('synced')).toHaveLength(1);
  });

  test('a watch only reads, whatever it is told', async () => {
    watching = await startSynced([fake.url], { resyncMs: 50 });
    const plan = { version: v2, steps: [{ actions: [{ action: 'RestartApplication', app: '/a' }] }] };
    fake.event('deployment_failed', { id: 'x', plan, reason: 'App is locked by one or more deployments.' });
    fake.apps.delete('/a');
    fake.event('app_terminated_event', { appId: '/a' });
    await until('it gone', () => watching.app('/a') === undefined && watching.of('synced').length > 2);
    expect(new Set(fake.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
  });

  test('quirk 26: // in ids and uris is /', async () => {
    fake.apps.set('/g/b', wireAppOf('//g//b'));
    watching = await startSynced([fake.url]);
    expect([...watching.watch.snapshot().apps.keys()].sort()).toEqual(['/a', '/g/b']);
    fake.apps.set('/g/b', wireAppOf('//g//b', { instances: 4, version: v1 }));
    fake.event('api_post_event', { uri: '//v2//apps', appDefinition: { id: '//g//b', version: v1 } });
    await until('the news', () => watching.app('/g/b')?.instances === 4);
    expect(watching.of('synced')).toHaveLength(1);
  });

  test.each(['TASK_LOST', 'TASK_UNKNOWN', 'TASK_GONE_BY_OPERATOR', 'TASK_OF_THE_FUTURE'])(
    'quirk 28: a task that is %s is not up, and its app is read',
    async (state) => {
      fake.apps.set('/a', wireAppOf('/a', { tasks: [wireTaskOf('/a', { state })] }));
      watching = await startSynced([fake.url]);
      expect(watching.app('/a')?.tasks.map((task) => task.state)).toEqual([state]);
      expect(health()).not.toBe('up');
      expect(watching.of('rejected')).toEqual([]);
    },
  );

  test('quirk 29: an empty agent, an unknown host and a message cut off do no harm', async () => {
    fake.apps.set(
      '/a',
      wireAppOf('/a', { tasks: [wireTaskOf('/a', { slaveId: '', host: 'unknown', ports: [] })] }),
    );
    fake.onStream = (socket) => socket.write(streamHead);
    watching = await startSynced([fake.url]);
    await until('connected', () => watching.watch.status().connected);
    fake.apps.set('/a', wireAppOf('/a', { instances: 4 }));
    const event = {
      slaveId: '',
      taskId: 'a.x',
      message: 'Reason: "…',
      appId: '/a',
      host: 'unknown',
      ports: [],
    };
    fake.event('status_update_event', event);
    await until('the news', () => watching.app('/a')?.instances === 4);
    expect(watching.of('rejected')).toEqual([]);
  });

  test('quirk 30: such apps are read with the list', async () => {
    for (const name of ['tasks', 'versions', 'restart']) fake.apps.set(`/g/${name}`, wireAppOf(`/g/${name}`));
    fake.intercept = (request, response) => {
      if (!/\/(tasks|versions|restart)$/.test(request.path)) return false;
      json(response, 200, { tasks: [], versions: [] });
      return true;
    };
    watching = await startSynced([fake.url]);
    await until('connected', () => watching.watch.status().connected);
    fake.apps.set('/g/tasks', wireAppOf('/g/tasks', { instances: 4 }));
    fake.event('status_update_event', { appId: '/g/tasks' });
    await until('the news', () => watching.app('/g/tasks')?.instances === 4);
    expect(watching.of('sync-failed')).toEqual([]);
  });
});
