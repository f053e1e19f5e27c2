/** What differs between the versions on the wire: ids, forms, events, status codes. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { MarathonVersion } from '../../src/simulator/dialect.ts';
import { until } from '../support/wait.ts';
import { appOf, httpCheck, outline, type Rig, rig, type SeenApp, type SeenEvent } from './support.ts';

async function start(marathonVersion: MarathonVersion, more: Parameters<typeof rig>[0] = {}): Promise<Rig> {
  const it = await rig({ marathonVersion, tasks: 'addresses', ...more });
  onTestFinished(() => it.sim.close());
  return it;
}

const uuid = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const old = { task: new RegExp(`^g_web\\.${uuid}$`), instance: new RegExp(`^g_web\\.marathon-${uuid}$`) };
const stable = {
  task: new RegExp(`^g_web\\.instance-${uuid}\\._app\\.1$`),
  instance: new RegExp(`^g_web\\.instance-${uuid}$`),
};
const begun = ['instance_changed_event Created'];
const scheduled = ['instance_changed_event Scheduled', 'instance_changed_event Provisioned'];

describe.each([
  ['1.4', '1.4.13', old, begun],
  ['1.7', '1.7.236', old, begun],
  ['1.10', '1.10.26', stable, scheduled],
] as const)('Marathon %s', (version, release, ids, first) => {
  test('says which it is', async () => {
    const it = await start(version);
    expect((await it.call('GET', '/v2/info')).body['version']).toBe(release);
  });

  test('ids of tasks and instances, and the events of a start and an end', async () => {
    const it = await start(version);
    await it.deploy('POST', '/v2/apps', appOf('/g/web'));
    const [task] = (await it.app('/g/web')).tasks;
    expect(task?.id).toMatch(ids.task);
    const life = (events: readonly SeenEvent[]) =>
      outline(events).filter((line) => /^(instance_changed|status_update)/.test(line));
    const started = it.fresh();
    expect(life(started)).toEqual([
      ...first,
      'status_update_event TASK_STARTING',
      'instance_changed_event Starting',
      'status_update_event TASK_RUNNING',
      'instance_changed_event Running',
    ]);
    const instances = new Set(started.flatMap((event) => event['instanceId'] ?? []));
    expect(instances.size).toBe(1);
    expect([...instances][0]).toMatch(ids.instance);
    expect(started.find((event) => event.eventType === 'status_update_event')?.['taskId']).toBe(task?.id);

    await it.deploy('PUT', '/v2/apps/g/web', { instances: 0 });
    const goal = ids === stable ? ['instance_changed_event Running'] : [];
    expect(life(it.fresh())).toEqual([
      ...goal,
      'status_update_event TASK_KILLING',
      'instance_changed_event Killing',
      'status_update_event TASK_KILLED',
      'instance_changed_event Killed',
    ]);
  });

  test('a task that ended is listed until it is replaced, or gone at once', async () => {
    const it = await start(version);
    await it.deploy('POST', '/v2/apps', appOf('/g/web', { backoffSeconds: 600, maxLaunchDelaySeconds: 600 }));
    const [before] = (await it.app('/g/web')).tasks;
    it.sim.crashTask(before?.id ?? '');
    const { tasks } = await it.app('/g/web');
    expect(tasks.map(({ id, state }) => [id, state])).toEqual(
      ids === stable ? [[before?.id, 'TASK_FAILED']] : [],
    );
    const { queue } = (await it.call<{ queue: Record<string, unknown>[] }>('GET', '/v2/queue')).body;
    expect(queue).toMatchObject([{ count: 1, app: { id: '/g/web' }, delay: { overdue: false } }]);
    expect(queue.map((item) => 'role' in item)).toEqual([version === '1.10']);

    expect((await it.call('DELETE', '/v2/queue/g/web/delay')).status).toBe(204);
    const running = async () =>
      (await it.app('/g/web')).tasks.filter(({ state }) => state === 'TASK_RUNNING');
    await until('the replacement', async () => (await running()).length === 1);
    const [after] = await running();
    const sameInstance = after?.id === before?.id.replace(/1$/, '2');
    expect([after?.id !== before?.id, sameInstance]).toEqual([true, ids === stable]);
    expect((await it.call('GET', '/v2/queue')).body).toEqual({ queue: [] });
    expect((await it.call('DELETE', '/v2/queue/g/web/delay')).status).toBe(404);
  });

  test('a rolling upgrade replaces all tasks', async () => {
    const it = await start(version);
    const upgradeStrategy = { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 };
    await it.deploy('POST', '/v2/apps', appOf('/g/web', { instances: 3, upgradeStrategy }));
    const before = (await it.app('/g/web')).tasks.map(({ id }) => id);
    await it.deploy('PUT', '/v2/apps/g/web', { labels: { a: 'b' } });
    const after = await it.app('/g/web');
    expect(after.tasks.filter(({ version: of }) => of === after.version)).toHaveLength(3);
    expect(after.tasks.filter(({ id }) => before.includes(id))).toEqual([]);
  });

  test('kill without scale starts another task, and wipe a new instance', async () => {
    const it = await start(version);
    await it.deploy('POST', '/v2/apps', appOf('/g/web', { backoffSeconds: 0 }));
    const replaced = async (query: string): Promise<string> => {
      const [before] = (await it.app('/g/web')).tasks;
      await it.call('POST', `/v2/tasks/delete${query}`, { ids: [before?.id] });
      return await until('another task', async () => {
        const [after, ...more] = (await it.app('/g/web')).tasks;
        const other = after?.id !== before?.id && after?.state === 'TASK_RUNNING' && more.length === 0;
        return other ? after.id : false;
      });
    };
    expect(await replaced('')).toMatch(ids === stable ? /\._app\.2$/ : ids.task);
    expect(await replaced('?wipe=true')).toMatch(ids.task);
  });
});

describe('an unknown route', () => {
  test.each([
    ['1.4', 404, 'URI not found: /v2/nothing'],
    ['1.7', 404, 'URI not found: /v2/nothing'],
    ['1.10', 500, 'URI not found'],
  ] as const)('of %s', async (version, status, message) => {
    const it = await start(version);
    const answer = await it.call('GET', '/v2/nothing?x=1');
    expect([answer.status, answer.body]).toEqual([status, { message }]);
    expect(answer.headers.get('x-frame-options')).toBe(version === '1.4' ? null : 'DENY');
  });
});

test('ids that end like a route are refused only since 1.8', async () => {
  expect((await (await start('1.7')).call('POST', '/v2/apps', appOf('/g/tasks'))).status).toBe(201);
  expect((await (await start('1.10')).call('POST', '/v2/apps', appOf('/g/tasks'))).status).toBe(422);
});

test.each([
  ['1.4', 3600],
  ['1.7', 3600],
  ['1.10', 300],
] as const)(
  'in Marathon %s a launch is delayed by %d s at most when nothing is said',
  async (version, seconds) => {
    const { body } = await (await start(version)).call('POST', '/v2/apps', appOf('/a'));
    expect(body['maxLaunchDelaySeconds']).toBe(seconds);
  },
);

test('the answer to a created app lists no tasks only in 1.4', async () => {
  expect((await (await start('1.4')).call('POST', '/v2/apps', appOf('/a'))).body['tasks']).toEqual([]);
  expect((await (await start('1.7')).call('POST', '/v2/apps', appOf('/a'))).body).not.toHaveProperty('tasks');
});

test('fields that a version does not know are ignored', async () => {
  const written = appOf('/a', { role: 'dev', resourceLimits: { cpus: 2 }, tty: true });
  const known = async (version: MarathonVersion): Promise<readonly string[]> => {
    const it = await start(version);
    const { body } = await it.call('POST', '/v2/apps', written);
    return ['role', 'resourceLimits', 'tty', 'networks', 'ipAddress'].filter((key) => key in body);
  };
  expect(await known('1.4')).toEqual(['ipAddress']);
  expect(await known('1.7')).toEqual(['tty', 'networks']);
  expect(await known('1.10')).toEqual(['role', 'resourceLimits', 'tty', 'networks']);
});

test('limits that a scale does not echo restart the app in 1.10, and do not exist before', async () => {
  const actions = async (version: MarathonVersion): Promise<unknown> => {
    const it = await start(version);
    await it.deploy('POST', '/v2/apps', appOf('/a', { resourceLimits: { cpus: 2 } }));
    it.fresh();
    await it.deploy('PATCH', '/v2/apps/a', { instances: 2 });
    return it.fresh().find((event) => event.eventType === 'deployment_info')?.['currentStep'];
  };
  expect(await actions('1.7')).toEqual({ actions: [{ action: 'ScaleApplication', app: '/a' }] });
  expect(await actions('1.10')).toEqual({ actions: [{ action: 'RestartApplication', app: '/a' }] });
});

test('the statistics of tasks are misspelt since 1.9', async () => {
  for (const [version, key] of [
    ['1.7', 'taskStats'],
    ['1.10', 'tasksStats'],
  ] as const) {
    const it = await start(version);
    await it.deploy('POST', '/v2/apps', appOf('/a'));
    const { apps } = (await it.call<{ apps: SeenApp[] }>('GET', '/v2/apps?embed=apps.taskStats')).body;
    expect(Object.keys(apps[0] ?? {}).filter((each) => each.endsWith('Stats'))).toEqual([key]);
  }
});

describe('events', () => {
  async function sick(version: MarathonVersion): Promise<readonly SeenEvent[]> {
    const it = await start(version);
    await it.deploy('POST', '/v2/apps', appOf('/a', { healthChecks: [httpCheck] }));
    it.sim.behaveApp('/a', { unhealthy: true });
    await until('a failure', () =>
      it.events.some((event) => event.eventType === 'failed_health_check_event'),
    );
    it.sim.behaveApp('/a', { unhealthy: false });
    const refused = it.call('PUT', '/v2/apps/a', { instances: 2 });
    const second = it.call('PUT', '/v2/apps/a', { instances: 3 });
    const answers = await Promise.all([refused, second]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
    return it.events;
  }
  const keysOf = (events: readonly SeenEvent[], type: string): readonly string[] =>
    Object.keys(events.find((event) => event.eventType === type) ?? {});

  test('of 1.4: heavy plans, its order of keys, nothing of refused plans', async () => {
    const events = await sick('1.4');
    expect(keysOf(events, 'add_health_check_event')).toEqual([
      'appId',
      'version',
      'healthCheck',
      'eventType',
      'timestamp',
    ]);
    const failed = events.find((event) => event.eventType === 'failed_health_check_event');
    expect(Object.keys(failed ?? {})).toEqual([
      'appId',
      'instanceId',
      'healthCheck',
      'eventType',
      'timestamp',
    ]);
    expect(failed?.['instanceId']).toMatch(/^a\.marathon-/);
    expect(JSON.stringify(failed?.['healthCheck'])).toBe(
      '{"gracePeriodSeconds":5,"intervalSeconds":2,"timeoutSeconds":20,"maxConsecutiveFailures":3,"portIndex":0,"path":"/health","protocol":"HTTP","ignoreHttp1xx":false}',
    );
    const info = events.find((event) => event.eventType === 'deployment_info');
    expect(info?.['plan']).toMatchObject({
      original: { id: '/', apps: [] },
      target: { id: '/', apps: [{ id: '/a', ipAddress: null, instances: 1 }] },
    });
    expect(Object.keys(info?.['plan'] ?? {})).toEqual(['id', 'original', 'target', 'steps', 'version']);
    expect(events.filter((event) => event.eventType === 'deployment_failed')).toEqual([]);
    expect(keysOf(events, 'group_change_failed')).toContain('reason');
  });

  test.each(['1.7', '1.10'] as const)('of %s: light plans, refused ones too', async (version) => {
    const events = await sick(version);
    expect(keysOf(events, 'add_health_check_event')).toEqual([
      'appId',
      'eventType',
      'healthCheck',
      'timestamp',
      'version',
    ]);
    const failed = events.find((event) => event.eventType === 'failed_health_check_event');
    expect(Object.keys(failed ?? {})).toEqual(['appId', 'eventType', 'healthCheck', 'taskId', 'timestamp']);
    expect(failed?.['taskId']).toMatch(version === '1.7' ? /^a\.marathon-/ : /^a\.instance-[^_]+$/);
    const plans = events.flatMap((event) => event['plan'] ?? []) as Record<string, unknown>[];
    expect(new Set(plans.flatMap((plan) => Object.keys(plan)))).toEqual(new Set(['id', 'steps', 'version']));
    expect(keysOf(events, 'deployment_failed')).toContain('reason');
  });

  test('of 1.4: a deployment that was cancelled does not say why', async () => {
    const it = await start('1.4', { startDelayMs: 10_000 });
    const { body } = await it.call<{ deployments: { id: string }[] }>('POST', '/v2/apps', appOf('/a'));
    await it.call('DELETE', `/v2/deployments/${body.deployments[0]?.id}?force=true`);
    expect(keysOf(it.events, 'deployment_failed')).toEqual(['id', 'plan', 'eventType', 'timestamp']);
  });
});

describe('tasks', () => {
  async function task(version: MarathonVersion, checked: boolean): Promise<Record<string, unknown>> {
    const it = await start(version);
    await it.deploy('POST', '/v2/apps', appOf('/a', checked ? { healthChecks: [httpCheck] } : {}));
    const { tasks } = (await it.call<{ tasks: Record<string, unknown>[] }>('GET', '/v2/apps/a/tasks')).body;
    return tasks[0] ?? {};
  }
  const always = [
    'ipAddresses',
    'stagedAt',
    'state',
    'ports',
    'startedAt',
    'version',
    'id',
    'appId',
    'slaveId',
    'host',
  ];

  test('of 1.4: no empty lists, and nulls in results', async () => {
    expect(Object.keys(await task('1.4', false))).toEqual(always);
    const checked = await task('1.4', true);
    expect(Object.keys(checked)).toEqual([...always, 'healthCheckResults']);
    expect(checked['healthCheckResults']).toMatchObject([
      { alive: true, consecutiveFailures: 0, lastFailure: null, lastFailureCause: null },
    ]);
  });

  test.each(['1.7', '1.10'] as const)('of %s: empty lists, no nulls', async (version) => {
    const bare = await task(version, false);
    expect(bare).toMatchObject({ healthCheckResults: [], servicePorts: [], localVolumes: [] });
    expect('role' in bare).toBe(version === '1.10');
    const [result] = (await task(version, true))['healthCheckResults'] as Record<string, unknown>[];
    expect(Object.keys(result ?? {})).toEqual([
      'alive',
      'consecutiveFailures',
      'firstSuccess',
      'lastSuccess',
      'instanceId',
    ]);
  });
});
