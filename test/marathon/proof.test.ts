/** What a dry run must have said before anything is changed, and how it is asked for. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appId, taskId } from '../../src/model/ids.ts';
import { type Changeable, startChangeable } from './support/changeable.ts';
import { json } from './support/fake-marathon.ts';
import { v1, type Wire, wireAppOf } from './support/wire.ts';
import { type Asking, failureOf, inTime, startAsking } from './support/writing.ts';

const web = appId('/shop/web');
const task = taskId('shop_web.instance-0a0a0a0a-1111-11ee-8000-000000000001._app.1');
let fake: Changeable;
let asking: Asking;

beforeEach(async () => {
  fake = await startChangeable();
  asking = startAsking([fake.url.replace('//', '//u:p@')], 2_000);
});

afterEach(async () => {
  await asking.writer.close();
  await fake.close();
});

describe('what the dry run says', () => {
  test.each<[string, Changeable['plan'], string]>([
    [
      'a restart',
      [{ action: 'RestartApplication', app: '/shop/web' }],
      'to scale /shop/web would be RestartApplication and not ScaleApplication alone, so it was not done',
    ],
    [
      'a restart, in the words of 0.15',
      [{ type: 'RestartApplication', app: '/shop/web' }],
      'RestartApplication',
    ],
    [
      'a restart beside it',
      [
        { action: 'ScaleApplication', app: '/shop/web' },
        { action: 'RestartApplication', app: '/shop/web' },
      ],
      'ScaleApplication, RestartApplication and not',
    ],
    ['a stop', [{ action: 'StopApplication', app: '/shop/web' }], 'StopApplication'],
    ['an action of the future', [{ action: 'MigrateApplication', app: '/shop/web' }], 'MigrateApplication'],
    ['nothing', [], 'would be nothing and not'],
  ])('%s: refused, and said', async (_, actions, message) => {
    fake.plan = actions;
    for (const write of [
      () => asking.writer.scale(web, 5, inTime()),
      () => asking.writer.scale(web, 0, inTime()),
    ]) {
      const failure = await failureOf(write());
      expect([failure.code, failure.message]).toEqual(['unsafe', expect.stringContaining(message)]);
    }
    expect(await failureOf(asking.writer.kill(web, [task], inTime()))).toMatchObject({ code: 'unsafe' });
    expect(fake.changes).toEqual([]);
  });

  test('a restart instead of a stop: the app is not deleted', async () => {
    fake.set({ instances: 0, tasks: [] });
    fake.plan = [{ action: 'RestartApplication', app: '/shop/web' }];
    const failure = await failureOf(asking.writer.delete(web, inTime()));
    expect([failure.code, failure.message]).toEqual([
      'unsafe',
      expect.stringMatching(
        /to delete \/shop\/web would be RestartApplication and not StopApplication alone/,
      ),
    ]);
    expect(fake.changes).toEqual([]);
  });

  test('of the neighbours does not count: a dry run gives each a new version', async () => {
    fake.plan = [...fake.plan, { action: 'RestartApplication', app: '/shop/api' }];
    await asking.writer.scale(web, 5, inTime());
    expect(fake.changes).toHaveLength(1);
  });

  test('is asked for the app as the update would leave it, and its neighbours as they are', async () => {
    fake.set({
      resourceLimits: { cpus: 1 },
      uris: ['http://files/a'],
      fetch: [{ uri: 'http://files/a' }],
      ports: [10_001],
      portDefinitions: [{ port: 10_001, name: null }],
      ipAddress: null,
      lastTaskFailure: {},
    });
    await asking.writer.scale(web, 5, inTime());
    const apps = fake.tried[0]?.body['apps'] as Wire[];
    const {
      version: _version,
      versionInfo: _info,
      deployments: _deployments,
      ...rest
    } = wireAppOf('/shop/web');
    const { tasks: _tasks, tasksRunning: _running, ...definition } = rest;
    expect(apps).toEqual([
      {
        ...definition,
        instances: 5,
        resourceLimits: { cpus: 1 },
        fetch: [{ uri: 'http://files/a' }],
        portDefinitions: [{ port: 10_001 }],
      },
      { ...definition, id: '/shop/api' },
    ]);
    expect(fake.changes[0]?.body).toEqual({ instances: 5, resourceLimits: { cpus: 1 } });
  });

  test('counts for this version of Marathon and this configuration of the app', async () => {
    await asking.writer.scale(web, 5, inTime());
    await asking.writer.scale(web, 6, inTime());
    expect(fake.tried).toHaveLength(1);
    fake.release = '1.11.0';
    await asking.writer.scale(web, 7, inTime());
    await asking.writer.scale(web, 8, inTime());
    expect(fake.tried).toHaveLength(2);
    fake.set({ versionInfo: { lastConfigChangeAt: '2024-03-02T00:00:00.000Z' } });
    await asking.writer.scale(web, 9, inTime());
    expect(fake.tried).toHaveLength(3);
    await asking.writer.kill(web, [task], inTime());
    expect(fake.tried).toHaveLength(4);
    fake.release = null;
    await asking.writer.scale(web, 10, inTime());
    await asking.writer.scale(web, 11, inTime());
    expect(fake.tried).toHaveLength(6);
    expect(fake.changes).toHaveLength(8);
  });

  test('must be a plan', async () => {
    const { intercept } = fake;
    fake.intercept = (request, response) => {
      if (request.method !== 'PUT') return intercept(request, response);
      json(response, 200, { version: v1, deploymentId: 'd0' });
      return true;
    };
    const failure = await failureOf(
      asking.writer.scale(
        web,
        5,
        asking.until((asked) => asked.some((each) => each.startsWith('PUT'))),
      ),
    );
    expect(failure.message).toMatch(/steps/);
    expect(fake.changes).toEqual([]);
  });
});

test('an app in the root group is tried there', async () => {
  const root = appId('/web');
  fake.apps.set('/web', wireAppOf('/web'));
  const { intercept } = fake;
  const paths: string[] = [];
  fake.intercept = (request, response) => {
    if (!request.path.startsWith('/v2/groups')) return intercept(request, response);
    paths.push(`${request.method} ${request.path}`);
    const steps = [{ actions: [{ action: 'ScaleApplication', app: '/web' }] }];
    json(response, 200, request.method === 'GET' ? { apps: [wireAppOf('/web')] } : { steps });
    return true;
  };
  await asking.writer.scale(root, 2, inTime());
  expect(paths).toEqual(['GET /v2/groups', 'PUT /v2/groups']);
});
