/** What changes look like on the wire: where they go, what they carry, and what a dry run must have said before. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appId, taskId } from '../../src/model/ids.ts';
import { until } from '../support/wait.ts';
import { deadUrl } from './support/dead-url.ts';
import {
  type FakeMarathon,
  html,
  json,
  type SeenRequest,
  startFakeMarathon,
} from './support/fake-marathon.ts';
import { v1, type Wire, wireAppOf, wireTaskOf } from './support/wire.ts';
import { type Asking, failureOf, inTime, shortly, startAsking } from './support/writing.ts';

const web = appId('/shop/web');
const task = taskId('shop_web.instance-0a0a0a0a-1111-11ee-8000-000000000001._app.1');
const tried: { body: Wire; query: string }[] = [];
const changes: { method: string; path: string; query: string; body: unknown; authorization: unknown }[] = [];
let fake: FakeMarathon;
let plan: readonly { action?: string; type?: string; app: string }[];
let answer: { status: number; body: unknown };
let release: (fake: FakeMarathon) => string | null;
let asking: Asking;

beforeEach(async () => {
  tried.length = 0;
  changes.length = 0;
  plan = [{ action: 'ScaleApplication', app: '/shop/web' }];
  answer = { status: 200, body: { version: v1, deploymentId: 'd1' } };
  release = () => '1.10.26';
  fake = await startFakeMarathon();
  serve(fake);
  asking = startAsking([fake.url.replace('//', '//u:p@')], 2_000);
});

afterEach(async () => {
  await asking.writer.close();
  await fake.close();
});

/** Answers what a writer asks of Marathon, and writes down what it is to change. */
function serve(marathon: FakeMarathon): void {
  marathon.apps.set('/shop/web', wireAppOf('/shop/web', { instances: 3, tasks: [wireTaskOf('/shop/web')] }));
  marathon.intercept = async (request, response) => {
    if (request.path === '/v2/info') {
      const version = release(marathon);
      if (version === null) html(response, 403);
      else json(response, 200, { version });
      return true;
    }
    if (request.path === '/v2/groups/shop' && request.method === 'GET') {
      json(response, 200, { id: '/shop', apps: [...marathon.apps.values(), wireAppOf('/shop/api')] });
      return true;
    }
    if (request.path === '/v2/groups/shop') {
      tried.push({ body: JSON.parse(await request.body()) as Wire, query: request.query.toString() });
      json(response, 200, { steps: [{ actions: plan }] });
      return true;
    }
    if (request.method === 'GET') return false;
    changes.push(await seen(request));
    json(response, answer.status, answer.body);
    return true;
  };
}

async function seen({ method, path, query, headers, body }: SeenRequest): Promise<(typeof changes)[number]> {
  const text = await body();
  return {
    method,
    path,
    query: query.toString(),
    body: text === '' ? null : JSON.parse(text),
    authorization: headers.authorization,
  };
}

function set(fields: Wire): void {
  fake.apps.set('/shop/web', { ...fake.apps.get('/shop/web'), ...fields });
}

describe('nothing is ever forced', () => {
  const writes: readonly (readonly [string, () => Promise<unknown>, Wire])[] = [
    [
      'scale',
      () => asking.writer.scale(web, 5, inTime()),
      { method: 'PATCH', path: '/v2/apps/shop/web', query: 'force=false', body: { instances: 5 } },
    ],
    [
      'kill',
      () => asking.writer.kill(web, [task], inTime()),
      {
        method: 'POST',
        path: '/v2/tasks/delete',
        query: 'scale=true&force=false',
        body: { ids: [task] },
      },
    ],
    [
      'delete',
      () => {
        set({ instances: 0, tasks: [] });
        plan = [{ action: 'StopApplication', app: '/shop/web' }];
        return asking.writer.delete(web, inTime());
      },
      { method: 'DELETE', path: '/v2/apps/shop/web', query: 'force=false', body: null },
    ],
    [
      'create',
      () => {
        answer = { status: 201, body: { deployments: [{ id: 'd1' }] } };
        return asking.writer.create({ id: 'shop//web', cmd: 'serve' }, inTime());
      },
      { method: 'POST', path: '/v2/apps', query: 'force=false', body: { id: '/shop/web', cmd: 'serve' } },
    ],
  ];

  test.each(writes)('%s', async (_, write, change) => {
    expect(await write()).toEqual({ app: web, deployment: 'd1' });
    expect(changes).toEqual([{ ...change, authorization: `Basic ${btoa('u:p')}` }]);
    for (const { query } of tried) expect(query).toBe('dryRun=true&force=false');
  });
});

describe('what the dry run says', () => {
  test.each<[string, typeof plan, string]>([
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
    plan = actions;
    for (const write of [
      () => asking.writer.scale(web, 5, inTime()),
      () => asking.writer.scale(web, 0, inTime()),
    ]) {
      const failure = await failureOf(write());
      expect([failure.code, failure.message]).toEqual(['unsafe', expect.stringContaining(message)]);
    }
    expect(await failureOf(asking.writer.kill(web, [task], inTime()))).toMatchObject({ code: 'unsafe' });
    expect(changes).toEqual([]);
  });

  test('a restart instead of a stop: the app is not deleted', async () => {
    set({ instances: 0, tasks: [] });
    plan = [{ action: 'RestartApplication', app: '/shop/web' }];
    const failure = await failureOf(asking.writer.delete(web, inTime()));
    expect([failure.code, failure.message]).toEqual([
      'unsafe',
      expect.stringMatching(
        /to delete \/shop\/web would be RestartApplication and not StopApplication alone/,
      ),
    ]);
    expect(changes).toEqual([]);
  });

  test('of the neighbours does not count: a dry run gives each a new version', async () => {
    plan = [...plan, { action: 'RestartApplication', app: '/shop/api' }];
    await asking.writer.scale(web, 5, inTime());
    expect(changes).toHaveLength(1);
  });

  test('is asked for the app as the update would leave it, and its neighbours as they are', async () => {
    set({
      resourceLimits: { cpus: 1 },
      uris: ['http://files/a'],
      fetch: [{ uri: 'http://files/a' }],
      ports: [10_001],
      portDefinitions: [{ port: 10_001, name: null }],
      ipAddress: null,
      lastTaskFailure: {},
    });
    await asking.writer.scale(web, 5, inTime());
    const apps = tried[0]?.body['apps'] as Wire[];
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
    expect(changes[0]?.body).toEqual({ instances: 5, resourceLimits: { cpus: 1 } });
  });

  test('counts for this version of Marathon and this configuration of the app', async () => {
    await asking.writer.scale(web, 5, inTime());
    await asking.writer.scale(web, 6, inTime());
    expect(tried).toHaveLength(1);
    release = () => '1.11.0';
    await asking.writer.scale(web, 7, inTime());
    await asking.writer.scale(web, 8, inTime());
    expect(tried).toHaveLength(2);
    set({ versionInfo: { lastConfigChangeAt: '2024-03-02T00:00:00.000Z' } });
    await asking.writer.scale(web, 9, inTime());
    expect(tried).toHaveLength(3);
    await asking.writer.kill(web, [task], inTime());
    expect(tried).toHaveLength(4);
    release = () => null;
    await asking.writer.scale(web, 10, inTime());
    await asking.writer.scale(web, 11, inTime());
    expect(tried).toHaveLength(6);
    expect(changes).toHaveLength(8);
  });

  test('must be a plan', async () => {
    const { intercept } = fake;
    fake.intercept = (request, response) => {
      if (request.method !== 'PUT') return intercept(request, response);
      json(response, 200, { version: v1, deploymentId: 'd0' });
      return true;
    };
    const failure = await failureOf(asking.writer.scale(web, 5, shortly()));
    expect(failure.message).toMatch(/steps/);
    expect(changes).toEqual([]);
  });
});

test('tasks that are being killed, and say so by nothing, are not killed again', async () => {
  const { intercept } = fake;
  let sent = 0;
  fake.intercept = (request, response) => {
    if (request.method !== 'POST') return intercept(request, response);
    sent += 1;
    set({ instances: 2, deployments: [{ id: 'd1' }] });
    response.destroy();
    return true;
  };
  const killed = asking.writer.kill(web, [task], inTime());
  await until('some looks', () => asking.asked.filter((each) => each.startsWith('GET /v2/apps')).length > 3);
  set({ tasks: [], deployments: [] });
  expect(await killed).toEqual({ app: web, deployment: null });
  expect(sent).toBe(1);
});

describe('several addresses', () => {
  let other: FakeMarathon;
  let several: Asking;
  beforeEach(async () => {
    other = await startFakeMarathon();
    serve(other);
  });
  afterEach(async () => {
    await several.writer.close();
    await other.close();
  });

  test('where nobody listens, the next one is asked', async () => {
    several = startAsking([await deadUrl(), fake.url], 2_000);
    await several.writer.scale(web, 5, inTime());
    expect(changes).toHaveLength(1);
  });

  test('one that may have heard is not passed over for another', async () => {
    several = startAsking([fake.url, other.url], 2_000);
    const { intercept } = fake;
    fake.intercept = (request, response) => {
      if (request.method !== 'PATCH') return intercept(request, response);
      set({ instances: 5 });
      response.destroy();
      return true;
    };
    expect(await several.writer.scale(web, 5, inTime())).toEqual({ app: web, deployment: null });
    expect(changes).toEqual([]);
    expect(other.requests).toEqual([]);
  });

  test('a standby leads to the leader, with body and credentials', async () => {
    other.intercept = (request, response) => {
      const to = `${fake.url}${request.path}?${request.query.toString()}`;
      response.writeHead(302, { location: to }).end();
      return true;
    };
    several = startAsking([other.url.replace('//', '//u:p@')], 2_000);
    await several.writer.scale(web, 5, inTime());
    expect(changes).toEqual([
      {
        method: 'PATCH',
        path: '/v2/apps/shop/web',
        query: 'force=false',
        body: { instances: 5 },
        authorization: `Basic ${btoa('u:p')}`,
      },
    ]);
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
