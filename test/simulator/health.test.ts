/** Health checks: grace, failures, kills, recovery, and what the API shows of it. */
import { afterEach, describe, expect, test } from 'vitest';
import { afterProbe, overallHealth } from '../../src/simulator/instance-health.ts';
import { until } from '../support/wait.ts';
import { appOf, httpCheck, outline, type Rig, rig } from './support.ts';

let it: Rig;
afterEach(() => it.sim.close());

/** Failures for as long as the app stays unhealthy, in the order of the events. */
async function runUntilKill(options: Parameters<typeof rig>[0]): Promise<readonly string[]> {
  it = await rig(options);
  await it.deploy('POST', '/v2/apps', appOf('/web', { healthChecks: [httpCheck] }));
  it.fresh();
  it.sim.behaveApp('/web', { unhealthy: true });
  await until('killed', () => it.events.some((event) => event['condition'] === 'Killed'));
  return outline(it.fresh());
}

const killed = [
  'failed_health_check_event',
  'health_status_changed_event',
  'instance_health_changed_event',
  'failed_health_check_event',
  'failed_health_check_event',
  'failed_health_check_event',
  'unhealthy_instance_kill_event',
  'status_update_event TASK_KILLING',
  'instance_changed_event Killing',
  'status_update_event TASK_KILLED',
  'instance_changed_event Killed',
];

describe('an unhealthy task', () => {
  test('is killed with the failure after the allowed ones, and replaced', async () => {
    expect(await runUntilKill({})).toEqual(killed);
    const kill = it.events.find((event) => event.eventType === 'unhealthy_instance_kill_event');
    expect(kill).toMatchObject({ appId: '/web', reason: '503 Service Unavailable', host: '127.0.0.1' });
    const failed = it.events.find((event) => event.eventType === 'failed_health_check_event');
    expect(failed?.['taskId']).toBe(kill?.['instanceId']);
    it.sim.behaveApp('/web', { unhealthy: false });
    const task = await until('healthy again', async () => {
      const app = await it.app('/web');
      return app['tasksHealthy'] === 1 && app.tasks[0];
    });
    expect(task.id).toMatch(/\._app\.2$/);
  });

  test('so is one that is only an address', async () => {
    expect(await runUntilKill({ tasks: 'addresses' })).toEqual(killed);
  });

  test('is shown as such until then, and healed in time it stays', async () => {
    it = await rig();
    const check = { ...httpCheck, maxConsecutiveFailures: 0 };
    await it.deploy('POST', '/v2/apps', appOf('/web', { healthChecks: [check] }));
    const [before] = (await it.app('/web')).tasks;
    it.sim.behaveTask(before?.id ?? '', { unhealthy: true });
    await until('five failures', async () => {
      const [task] = (await it.app('/web')).tasks;
      return (task?.healthCheckResults[0]?.consecutiveFailures ?? 0) >= 5;
    });
    expect(await it.app('/web')).toMatchObject({ tasksHealthy: 0, tasksUnhealthy: 1, tasksRunning: 1 });
    it.sim.behaveTask(before?.id ?? '', { unhealthy: false });
    await until('healthy', async () => (await it.app('/web'))['tasksHealthy'] === 1);
    expect((await it.app('/web')).tasks[0]?.id).toBe(before?.id);
  });

  test('in its grace period counts as unknown, and nothing is published', async () => {
    it = await rig();
    const check = { ...httpCheck, gracePeriodSeconds: 100_000 };
    await it.call(
      'POST',
      '/v2/apps',
      appOf('/web', { healthChecks: [check], env: { SIM_UNHEALTHY: 'true' } }),
    );
    await until('probed', async () => ((await it.sim.tasks())[0]?.probes ?? 0) >= 5);
    const app = await it.app('/web');
    expect(app).toMatchObject({ tasksRunning: 1, tasksHealthy: 0, tasksUnhealthy: 0 });
    expect(app.tasks[0]?.healthCheckResults).toEqual([]);
    expect(outline(it.events).filter((line) => /health_(status|changed)|failed_health/.test(line))).toEqual(
      [],
    );
  });
});

describe('checks', () => {
  test.each(['TCP', 'MESOS_HTTP', 'MESOS_TCP', 'HTTPS', 'COMMAND'])(
    '%s succeeds on a task that is well',
    async (protocol) => {
      it = await rig();
      const check = protocol === 'COMMAND' ? { protocol, command: { value: 'true' } } : { protocol };
      await it.deploy('POST', '/v2/apps', appOf('/web', { healthChecks: [check] }));
      expect(await it.app('/web')).toMatchObject({ tasksHealthy: 1 });
    },
  );

  test('a silent crash is found by the check', async () => {
    it = await rig();
    await it.deploy('POST', '/v2/apps', appOf('/web', { healthChecks: [httpCheck] }));
    const id = (await it.app('/web')).tasks[0]?.id ?? '';
    it.fresh();
    it.sim.crashTask(id, { silent: true });
    expect(it.fresh()).toEqual([]);
    expect((await it.app('/web')).tasks[0]?.state).toBe('TASK_RUNNING');
    await until('replaced', async () => {
      const [task] = (await it.app('/web')).tasks;
      return task?.id !== id && task?.state === 'TASK_RUNNING';
    });
    expect(outline(it.events)).toContain('unhealthy_instance_kill_event');
  });
});

describe('the arithmetic', () => {
  test('of one check', async () => {
    it = await rig({ tasks: 'addresses' });
    const first = afterProbe(undefined, { alive: true }, 5);
    expect(first).toMatchObject({ alive: true, firstSuccess: 5, lastSuccess: 5, consecutiveFailures: 0 });
    const second = afterProbe(first, { alive: false, cause: 'no' }, 6);
    expect(second).toMatchObject({
      alive: false,
      firstSuccess: 5,
      lastFailure: 6,
      consecutiveFailures: 1,
      lastFailureCause: 'no',
    });
    expect(afterProbe(second, { alive: true }, 7)).toMatchObject({
      alive: true,
      firstSuccess: 5,
      consecutiveFailures: 0,
    });
  });

  test('of several', async () => {
    it = await rig({ tasks: 'addresses' });
    const up = afterProbe(undefined, { alive: true }, 1);
    const down = afterProbe(undefined, { alive: false, cause: 'no' }, 1);
    expect(overallHealth(new Map(), 2)).toBeNull();
    expect(overallHealth(new Map([[0, up]]), 2)).toBeNull();
    expect(
      overallHealth(
        new Map([
          [0, up],
          [1, up],
        ]),
        2,
      ),
    ).toBe(true);
    expect(overallHealth(new Map([[1, down]]), 2)).toBe(false);
  });
});
