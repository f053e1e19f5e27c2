/** Upgrades, the lock, force, rollback, and the order of events in all that. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../support/wait.ts';
import { appOf, httpCheck, outline, type Rig, rig, type SeenEvent } from './support.ts';

let it: Rig;
beforeEach(async () => {
  it = await rig();
});
afterEach(() => it.sim.close());

/** Plays the events back: how many instances were healthy and not being killed, after each event. */
function serving(events: readonly SeenEvent[]): readonly number[] {
  const up = new Set<unknown>();
  return events.map((event) => {
    if (event['healthy'] === true) up.add(event['instanceId']);
    if (event['healthy'] === false || event['condition'] === 'Killing') up.delete(event['instanceId']);
    return up.size;
  });
}

function tasksOf(events: readonly SeenEvent[]): number {
  const alive = new Set<unknown>();
  return Math.max(
    ...events.flatMap((event) => {
      if (event.eventType !== 'status_update_event') return [];
      if (['TASK_KILLED', 'TASK_FAILED'].includes(String(event['taskStatus']))) alive.delete(event['taskId']);
      else alive.add(event['taskId']);
      return [alive.size];
    }),
  );
}

describe('events in order', () => {
  test('start, scale up, scale down, delete', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web', { healthChecks: [httpCheck] }));
    expect(outline(it.fresh())).toEqual([
      'deployment_info',
      'group_change_success',
      'api_post_event',
      'deployment_step_success',
      'deployment_info',
      'add_health_check_event',
      'instance_changed_event Scheduled',
      'instance_changed_event Provisioned',
      'status_update_event TASK_STARTING',
      'instance_changed_event Starting',
      'status_update_event TASK_RUNNING',
      'instance_changed_event Running',
      'health_status_changed_event',
      'instance_health_changed_event',
      'deployment_step_success',
      'deployment_success',
    ]);
    await it.deploy('PUT', '/v2/apps/web', { instances: 0 });
    expect(outline(it.fresh())).toEqual([
      'deployment_info',
      'add_health_check_event',
      'group_change_success',
      'api_post_event',
      'instance_changed_event Running',
      'status_update_event TASK_KILLING',
      'instance_changed_event Killing',
      'status_update_event TASK_KILLED',
      'instance_changed_event Killed',
      'deployment_step_success',
      'deployment_success',
    ]);
    await it.deploy('PUT', '/v2/apps/web', { instances: 1 });
    it.fresh();
    await it.deploy('DELETE', '/v2/apps/web');
    expect(outline(it.fresh())).toEqual([
      'deployment_info',
      'remove_health_check_event',
      'group_change_success',
      'instance_changed_event Running',
      'status_update_event TASK_KILLING',
      'instance_changed_event Killing',
      'status_update_event TASK_KILLED',
      'instance_changed_event Killed',
      'app_terminated_event',
      'deployment_step_success',
      'deployment_success',
    ]);
  });

  test('keys are those of Marathon, in its order', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web', { healthChecks: [httpCheck] }));
    await it.deploy('DELETE', '/v2/apps/web');
    const keys = new Map(it.events.map((event) => [event.eventType, Object.keys(event).join(' ')]));
    expect(Object.fromEntries(keys)).toMatchObject({
      deployment_info: 'plan currentStep eventType timestamp',
      deployment_step_success: 'plan currentStep eventType timestamp',
      deployment_success: 'id plan eventType timestamp',
      group_change_success: 'groupId version eventType timestamp',
      api_post_event: 'clientIp uri appDefinition eventType timestamp',
      add_health_check_event: 'appId eventType healthCheck timestamp version',
      remove_health_check_event: 'appId eventType timestamp',
      instance_changed_event:
        'instanceId condition runSpecId agentId host runSpecVersion timestamp eventType',
      status_update_event:
        'slaveId taskId taskStatus message appId host ipAddresses ports version eventType timestamp',
      health_status_changed_event: 'appId instanceId version alive eventType timestamp',
      instance_health_changed_event: 'instanceId runSpecId healthy runSpecVersion timestamp eventType',
      app_terminated_event: 'appId eventType timestamp',
    });
    const scheduled = it.events.find((event) => event['condition'] === 'Scheduled');
    expect(scheduled).toMatchObject({ agentId: null, host: null, runSpecId: '/web' });
    const posted = it.events.find((event) => event.eventType === 'api_post_event');
    expect(Object.keys(posted?.['appDefinition'] ?? {}).slice(-7)).toEqual([
      'requirePorts',
      'upgradeStrategy',
      'version',
      'versionInfo',
      'killSelection',
      'unreachableStrategy',
      'role',
    ]);
  });
});

describe('rolling upgrade', () => {
  test.each([
    [4, 1, 1, 4, 8],
    [4, 0.5, 0, 2, 4],
    [3, 1, 0, 3, 4],
    [1, 0, 0, 0, 1],
  ])(
    '%i instances, %f/%f: %i serve at every moment, never more than %i',
    async (instances, min, over, least, most) => {
      const upgradeStrategy = { minimumHealthCapacity: min, maximumOverCapacity: over };
      await it.deploy(
        'POST',
        '/v2/apps',
        appOf('/web', { instances, upgradeStrategy, healthChecks: [httpCheck] }),
      );
      const from = it.events.length;
      await it.deploy('PATCH', '/v2/apps/web', { labels: { release: '2' } });
      const app = await it.app('/web');
      expect(app.tasks.map((task) => task.version)).toEqual(
        Array.from({ length: instances }, () => app.version),
      );
      const started = it.events.slice(0, from);
      const counts = serving(it.events).slice(serving(started).length);
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(least);
      expect(tasksOf(it.events)).toBeLessThanOrEqual(most);
    },
  );

  test('a version that never becomes healthy never replaces the old one', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web', { instances: 2, healthChecks: [httpCheck] }));
    const before = await it.app('/web');
    await it.call('PATCH', '/v2/apps/web', { env: { SIM_UNHEALTHY: 'true' } });
    await until('the new ones have been given up at least once', () =>
      it.events.some((event) => event.eventType === 'unhealthy_instance_kill_event'),
    );
    const running = (await it.app('/web')).tasks.filter((task) => task.version === before.version);
    expect(running.map((task) => task.state)).toEqual(['TASK_RUNNING', 'TASK_RUNNING']);
    expect((await it.call<unknown[]>('GET', '/v2/deployments')).body).toHaveLength(1);
  });
});

describe('the lock', () => {
  const stuck = appOf('/web', { healthChecks: [httpCheck], env: { SIM_UNHEALTHY: 'true' } });

  test('409 names the deployment, and shows as one that failed', async () => {
    const id = (await it.call('POST', '/v2/apps', stuck)).headers.get('marathon-deployment-id');
    await until('it is at its second step', async () => {
      const [deployment] = (await it.call<{ currentStep: number }[]>('GET', '/v2/deployments')).body;
      return deployment?.currentStep === 2;
    });
    it.fresh();
    const before = await it.app('/web');
    const answer = await it.call('PUT', '/v2/apps/web', { instances: 5 });
    expect([answer.status, answer.body]).toEqual([
      409,
      {
        message: expect.stringContaining('App is locked by one or more deployments.'),
        deployments: [{ id }],
      },
    ]);
    const refused = it.fresh().filter((event) => event.eventType.endsWith('_failed'));
    expect(refused.map((event) => event.eventType)).toEqual(['deployment_failed', 'group_change_failed']);
    expect(refused[0]?.['id']).not.toBe(id);
    expect((await it.app('/web')).version).toBe(before.version);
    const deployments = await it.call<readonly Record<string, unknown>[]>('GET', '/v2/deployments');
    expect(deployments.body[0]).toMatchObject({
      id,
      affectedApps: ['/web'],
      currentStep: 2,
      totalSteps: 2,
      currentActions: [{ action: 'ScaleApplication', app: '/web', readinessCheckResults: [] }],
    });
  });

  test('force cancels what is in the way', async () => {
    const id = (await it.call('POST', '/v2/apps', stuck)).headers.get('marathon-deployment-id');
    await it.deploy('PUT', '/v2/apps/web?force=true', { env: {} });
    expect(it.events).toContainEqual(
      expect.objectContaining({
        eventType: 'deployment_failed',
        id,
        reason: 'The upgrade has been cancelled',
      }),
    );
    expect(await it.app('/web')).toMatchObject({ tasksHealthy: 1, deployments: [] });
  });

  test('another app is free, and an update of nothing too', async () => {
    await it.call('POST', '/v2/apps', stuck);
    expect((await it.call('POST', '/v2/apps', appOf('/other'))).status).toBe(201);
    expect((await it.call('PUT', '/v2/apps/web', stuck)).status).toBe(200);
  });

  test('DELETE of a deployment rolls back; of a new app that means it goes', async () => {
    const id = (await it.call('POST', '/v2/apps', stuck)).headers.get('marathon-deployment-id');
    const answer = await it.deploy('DELETE', `/v2/deployments/${id}`);
    expect([answer.status, Object.keys(answer.body)]).toEqual([200, ['version', 'deploymentId']]);
    expect((await it.call('GET', '/v2/apps/web')).status).toBe(404);
  });

  test('DELETE of a deployment with force stops where it is', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web', { healthChecks: [httpCheck] }));
    const before = await it.app('/web');
    const bad = await it.call('PUT', '/v2/apps/web', { env: { SIM_UNHEALTHY: 'true' } });
    await until('a new task runs', async () => (await it.app('/web')).tasks.length === 2);
    const answer = await it.call(
      'DELETE',
      `/v2/deployments/${String(bad.headers.get('marathon-deployment-id'))}?force=true`,
    );
    expect([answer.status, answer.text]).toEqual([202, '']);
    const after = await it.app('/web');
    expect(after.deployments).toEqual([]);
    expect(after.tasks.map((task) => task.id)).toContain(before.tasks[0]?.id);
    expect(after.tasks).toHaveLength(2);
  });
});

test('a definition can be made readable only after its deployment began', async () => {
  const late = await rig({ visibilityDelayMs: 100 });
  try {
    await late.deploy('POST', '/v2/apps', appOf('/web'));
    const before = await late.app('/web');
    const pending = late.call('PUT', '/v2/apps/web', { labels: { a: 'b' } });
    await until(
      'the deployment began',
      () => late.events.filter((e) => e.eventType === 'deployment_info').length === 3,
    );
    expect((await late.app('/web')).version).toBe(before.version);
    await pending;
    expect((await late.app('/web')).labels).toEqual({ a: 'b' });
  } finally {
    await late.sim.close();
  }
});

test('the apps of one deployment go on side by side', async () => {
  const stuck = appOf('/a', { healthChecks: [httpCheck], env: { SIM_UNHEALTHY: 'true' } });
  await it.call('PUT', '/v2/apps', [stuck, appOf('/b')]);
  await until('the second runs', async () => (await it.app('/b')).tasks[0]?.state === 'TASK_RUNNING');
  expect((await it.app('/a')).deployments).toHaveLength(1);
});
