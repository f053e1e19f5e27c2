/** The routes of apps, tasks, deployments, groups and the server, over HTTP. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { until } from '../support/wait.ts';
import { appOf, httpCheck, type Rig, rig, type SeenApp, type SeenTask } from './support.ts';

let it: Rig;
beforeEach(async () => {
  it = await rig();
});
afterEach(() => it.sim.close());

describe('create and read', () => {
  test('POST answers 201 with the whole app, its place and its deployment', async () => {
    const answer = await it.call<SeenApp>('POST', '/v2/apps', appOf('shop/web'));
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe('/shop/web');
    expect(answer.headers.get('x-marathon-leader')).toBe(it.sim.url);
    expect(answer.headers.get('cache-control')).toBe('no-cache, no-store, must-revalidate');
    expect(answer.body).toMatchObject({ id: '/shop/web', instances: 1, tasksRunning: 0 });
    expect(answer.body.deployments).toEqual([{ id: answer.headers.get('marathon-deployment-id') }]);
    expect(Object.hasOwn(answer.body, 'tasks')).toBe(false);
    expect(answer.body.version).toBe(answer.body.versionInfo.lastConfigChangeAt);
  });

  test('a running app has tasks that answer for themselves', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web', { instances: 2, healthChecks: [httpCheck] }));
    const app = await it.app('/web');
    expect(app).toMatchObject({
      tasksRunning: 2,
      tasksHealthy: 2,
      tasksUnhealthy: 0,
      tasksStaged: 0,
      deployments: [],
    });
    expect(new Set(app.tasks.map((task) => task.ports[0])).size).toBe(2);
    for (const task of app.tasks) {
      expect(task).toMatchObject({
        appId: '/web',
        state: 'TASK_RUNNING',
        version: app.version,
        servicePorts: [10_000],
      });
      expect(task.id).toMatch(/^web\.instance-[0-9a-f-]{36}\._app\.1$/);
      const response = await fetch(`http://${task.host}:${task.ports[0]}/any/path?q=1`);
      expect(response.headers.get('x-app')).toBe('/web');
      expect(response.headers.get('x-task')).toBe(task.id);
      expect(await response.json()).toMatchObject({ app: '/web', version: app.version, task: task.id });
    }
  });

  test('the list embeds what it is asked for', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web'));
    const list = async (query: string) =>
      (await it.call<{ apps: readonly SeenApp[] }>('GET', `/v2/apps${query}`)).body.apps[0] ?? {};
    const plain = Object.keys(await list(''));
    expect(plain).toContain('tasksRunning');
    expect(plain).toContain('deployments');
    expect(plain).not.toContain('tasks');
    const all = Object.keys(
      await list('?embed=apps.tasks&embed=apps.taskStats&embed=apps.readiness&embed=nonsense'),
    );
    expect(all).toEqual(expect.arrayContaining(['tasks', 'tasksStats', 'readinessCheckResults']));
  });

  test('PUT creates, updates and keeps older versions readable', async () => {
    expect((await it.deploy('PUT', '/v2/apps/web', { cmd: 'serve' })).status).toBe(201);
    const first = await it.app('/web');
    const update = await it.deploy('PUT', '/v2/apps/web', { labels: { a: 'b' } });
    expect([update.status, Object.keys(update.body)]).toEqual([200, ['version', 'deploymentId']]);
    const second = await it.app('/web');
    expect([second.labels, second['cmd']]).toEqual([{ a: 'b' }, 'serve']);

    const versions = await it.call('GET', '/v2/apps/web/versions');
    expect(versions.body).toEqual({ versions: [second.version, first.version] });
    const old = await it.call<SeenApp>('GET', `/v2/apps//web/versions/${first.version}`);
    expect([old.body.labels, old.body.version]).toEqual([{}, first.version]);

    await it.deploy('PUT', '/v2/apps/web', { version: first.version });
    expect((await it.app('/web')).labels).toEqual({});
  });

  test('an identical PUT changes nothing, but is a deployment', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web'));
    const before = await it.app('/web');
    it.fresh();
    const answer = await it.deploy('PUT', '/v2/apps/web', appOf('/web'));
    expect(answer.status).toBe(200);
    const after = await it.app('/web');
    expect([after.version, after.tasks]).toEqual([before.version, before.tasks]);
    const events = it.fresh();
    expect(events.map((event) => event.eventType)).toEqual([
      'deployment_success',
      'group_change_success',
      'api_post_event',
    ]);
    expect(events[0]).toMatchObject({ id: answer.body['deploymentId'], plan: { steps: [] } });
  });

  test('partialUpdate=false puts the defaults back', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web', { labels: { a: 'b' } }));
    await it.deploy('PUT', '/v2/apps/web?partialUpdate=false', { cmd: 'serve' });
    expect(await it.app('/web')).toMatchObject({ labels: {}, mem: 128 });
  });
});

describe('scale', () => {
  test('keeps the tasks that run, and their version', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web', { healthChecks: [httpCheck] }));
    const before = await it.app('/web');
    await it.deploy('PATCH', '/v2/apps/web', { instances: 3 });
    const after = await it.app('/web');
    expect(after.tasks).toHaveLength(3);
    expect(after.version > before.version).toBe(true);
    expect(after.versionInfo.lastConfigChangeAt).toBe(before.version);
    expect(after.tasks.find((task) => task.id === before.tasks[0]?.id)?.version).toBe(before.version);

    await it.deploy('PATCH', '/v2/apps/web', { instances: 1 });
    expect((await it.app('/web')).tasks.map((task) => task.id)).toEqual([before.tasks[0]?.id]);
  });

  test('an app that has resource limits restarts, because they are dropped', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web', { resourceLimits: { cpus: 2 } }));
    const before = await it.app('/web');
    await it.deploy('PUT', '/v2/apps/web', { instances: 2 });
    const after = await it.app('/web');
    expect(after.versionInfo.lastConfigChangeAt).toBe(after.version);
    expect(after.tasks.some((task) => task.id === before.tasks[0]?.id)).toBe(false);
  });

  test('labels of an app at scale zero change without a restart', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web', { instances: 0 }));
    it.fresh();
    await it.deploy('PATCH', '/v2/apps/web', { labels: { a: 'b' } });
    expect(it.fresh().find((event) => event.eventType === 'deployment_info')).toMatchObject({
      currentStep: { actions: [{ action: 'ScaleApplication', app: '/web' }] },
    });
  });
});

describe('tasks', () => {
  test('delete with scale takes exactly these', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web', { instances: 3 }));
    const [oldest, ...others] = (await it.app('/web')).tasks;
    const answer = await it.deploy('POST', '/v2/tasks/delete?scale=true', { ids: [oldest?.id] });
    expect(Object.keys(answer.body)).toEqual(['version', 'deploymentId']);
    const after = await it.app('/web');
    expect(after.instances).toBe(2);
    expect(after.tasks.map((task) => task.id)).toEqual(others.map((task) => task.id));
  });

  test('delete without scale replaces under the same instance id', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web'));
    const id = (await it.app('/web')).tasks[0]?.id ?? '';
    const answer = await it.call<{ tasks: readonly SeenTask[] }>('POST', '/v2/tasks/delete', {
      ids: [id, 'web.unknown'],
    });
    expect(answer.body.tasks.map((task) => task.id)).toEqual([id]);
    const next = await until('the replacement runs', async () => {
      const [task] = (await it.app('/web')).tasks;
      return task?.state === 'TASK_RUNNING' && task.id !== id && task;
    });
    expect(next.id).toBe(id.replace(/1$/, '2'));
  });

  test('wipe replaces under a new instance id', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web'));
    const id = (await it.app('/web')).tasks[0]?.id ?? '';
    await it.call('POST', '/v2/tasks/delete?wipe=true', { ids: [id] });
    const next = await until('the replacement runs', async () => {
      const { tasks } = await it.app('/web');
      return tasks.length === 1 && tasks[0]?.state === 'TASK_RUNNING' && tasks[0].id !== id && tasks[0].id;
    });
    expect(next).toMatch(/\._app\.1$/);
  });

  test('lists: all, by status, by app, and one of an app to kill', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/g/web'));
    const list = async (path: string) =>
      (await it.call<{ tasks: readonly SeenTask[] }>('GET', path)).body.tasks;
    const [task] = await list('/v2/tasks');
    expect(task?.servicePorts).toEqual([10_000]);
    expect(await list('/v2/tasks?status=running')).toHaveLength(1);
    expect(await list('/v2/tasks?status[]=staging')).toHaveLength(0);
    expect((await list('/v2/apps/g/web/tasks'))[0]?.servicePorts).toEqual([]);
    expect(await list('/v2/apps/g/*/tasks')).toHaveLength(1);
    const killed = await it.call('DELETE', `/v2/apps/g/web/tasks/${task?.id}?scale=true`);
    expect(Object.keys(killed.body)).toEqual(['version', 'deploymentId']);
    await until('none is left', async () => (await list('/v2/tasks')).length === 0);
  });
});

describe('delete and restart', () => {
  test('a deleted app is gone at once, and its tasks soon', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web', { healthChecks: [httpCheck] }));
    const port = (await it.app('/web')).tasks[0]?.ports[0];
    await it.call('DELETE', '/v2/apps/web');
    expect((await it.call('GET', '/v2/apps/web')).status).toBe(404);
    await it.idle();
    expect((await it.call('GET', '/v2/tasks')).body).toEqual({ tasks: [] });
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
    expect((await it.deploy('POST', '/v2/apps', appOf('/web'))).status).toBe(201);
  });

  test('restart makes a new version of the same', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web'));
    const before = await it.app('/web');
    expect((await it.deploy('POST', '/v2/apps/web/restart')).status).toBe(200);
    const after = await it.app('/web');
    expect(after.versionInfo.lastConfigChangeAt > before.version).toBe(true);
    expect(after.tasks[0]?.version).toBe(after.version);
  });
});

describe('the server', () => {
  test('ping, info, leader, groups and a whole group of apps', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/g/h/web'));
    expect((await it.call('GET', '/ping')).text).toBe('pong');
    expect((await it.call('GET', '/v2/info')).body).toMatchObject({
      name: 'marathon',
      version: '1.10.26',
      elected: true,
    });
    expect((await it.call('GET', '/v2/leader')).body).toEqual({ leader: it.sim.url.slice('http://'.length) });
    const { body } = await it.call('GET', '/v2/groups');
    expect(body).toMatchObject({
      id: '/',
      groups: [{ id: '/g', groups: [{ id: '/g/h', apps: [{ id: '/g/h/web' }] }] }],
    });
    expect((await it.call('GET', '/v2/groups/g/h')).body).toMatchObject({ id: '/g/h' });
    expect((await it.call('GET', '/v2/apps/g/*')).body).toMatchObject({ '*': [{ id: '/g/h/web' }] });
  });

  test('several apps in one deployment', async () => {
    const answer = await it.deploy('PUT', '/v2/apps', [appOf('/a'), appOf('/b')]);
    expect(answer.status).toBe(200);
    expect((await it.app('/a')).tasks).toHaveLength(1);
    const ports = [await it.app('/a'), await it.app('/b')].flatMap((app) =>
      app.tasks.flatMap((task) => task.servicePorts),
    );
    expect(ports).toEqual([10_000, 10_001]);
    it.fresh();
    await it.deploy('PATCH', '/v2/apps', [
      { id: '/a', instances: 0 },
      { id: '/b', instances: 0 },
    ]);
    expect(it.fresh().filter((event) => event.eventType === 'deployment_info')).toHaveLength(1);
  });
});

describe('networks', () => {
  test('bridge: host ports of the task, one server per port', async () => {
    const portMappings = [{ containerPort: 80 }, { containerPort: 81, name: 'admin' }];
    await it.deploy('POST', '/v2/apps', {
      id: '/web',
      container: { type: 'DOCKER', docker: { image: 'x' }, portMappings },
      networks: [{ mode: 'container/bridge' }],
      healthChecks: [
        { ...httpCheck, portIndex: 1 },
        { ...httpCheck, port: 80 },
      ],
    });
    const [task] = (await it.app('/web')).tasks;
    expect(new Set(task?.ports).size).toBe(2);
    expect(task?.healthCheckResults).toHaveLength(2);
    for (const port of task?.ports ?? []) expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
  });

  test('container: an address of its own, and no host port', async () => {
    const [containerPort] = await freePorts(1);
    await it.deploy('POST', '/v2/apps', {
      id: '/web',
      instances: 2,
      cmd: 'x',
      container: { type: 'MESOS', portMappings: [{ containerPort }] },
      networks: [{ mode: 'container', name: 'net' }],
      healthChecks: [httpCheck],
    });
    const { tasks } = await it.app('/web');
    expect(tasks.map((task) => task.ports)).toEqual([[], []]);
    const addresses = tasks.map((task) => task.ipAddresses[0]?.ipAddress);
    expect(new Set(addresses).size).toBe(2);
    for (const address of addresses)
      expect((await fetch(`http://${address}:${containerPort}/`)).status).toBe(200);
  });
});
