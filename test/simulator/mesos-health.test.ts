/** Health checks that Mesos makes: doubled events, a kill by Mesos, results that outlive a task and a leader. */
import { afterEach, describe, expect, test } from 'vitest';
import { marathonVersions } from '../../src/simulator/dialect.ts';
import { until } from '../support/wait.ts';
import { appOf, httpCheck, type Rig, rig } from './support.ts';

let it: Rig;
afterEach(() => it.sim.close());

const mesosCheck = { ...httpCheck, protocol: 'MESOS_HTTP', delaySeconds: 0 };

/** Types with what they say of states and health. */
function story(): readonly string[] {
  const told = /^(?:status_update|instance_changed|instance_health|health_status|failed_health|unhealthy)/;
  return it
    .fresh()
    .filter(({ eventType }) => told.test(eventType))
    .map((event) => {
      const word = event['condition'] ?? event['taskStatus'] ?? event['alive'] ?? event['healthy'];
      return [event.eventType.replace(/_event$/, ''), word === undefined ? '' : JSON.stringify(word)]
        .join(' ')
        .replaceAll('"', '')
        .trim();
    });
}

async function becomes(count: 'tasksHealthy' | 'tasksUnhealthy'): Promise<void> {
  await until(count, async () => (await it.app('/web'))[count] === 1, { everyMs: 5 });
}

describe.each(marathonVersions)('Marathon %s', (marathonVersion) => {
  test('tells of each change twice, with a status update that has the state as it was', async () => {
    it = await rig({ marathonVersion });
    const patient = { ...mesosCheck, maxConsecutiveFailures: 1000 };
    await it.deploy('POST', '/v2/apps', appOf('/web', { healthChecks: [patient] }));
    const born = [
      'status_update TASK_RUNNING',
      'instance_health_changed true',
      'health_status_changed true',
      'instance_health_changed true',
    ];
    expect(story().slice(-4)).toEqual(born);
    const [task] = (await it.app('/web')).tasks;
    const [result] = task?.healthCheckResults ?? [];
    it.sim.behaveApp('/web', { unhealthy: true });
    await becomes('tasksUnhealthy');
    it.sim.behaveApp('/web', { unhealthy: false });
    await becomes('tasksHealthy');
    const changed = story().filter((line) => line !== 'failed_health_check');
    expect(changed).toEqual([
      'status_update TASK_RUNNING',
      'instance_health_changed false',
      'health_status_changed false',
      'instance_health_changed false',
      ...born,
    ]);
    expect(result).toMatchObject({ alive: true, consecutiveFailures: 0 });
    expect((await it.app('/web')).tasks[0]?.id).toBe(task?.id);
  });

  test('does not tell when nothing changed', async () => {
    it = await rig({ marathonVersion });
    await it.deploy('POST', '/v2/apps', appOf('/web', { healthChecks: [mesosCheck] }));
    const [before] = (await it.app('/web')).tasks;
    it.fresh();
    const { probes } = (await it.sim.tasks())[0] ?? { probes: 0 };
    await until('more probes', async () => ((await it.sim.tasks())[0]?.probes ?? 0) > probes + 3);
    expect(it.fresh()).toEqual([]);
    expect((await it.app('/web')).tasks[0]?.healthCheckResults).toEqual(before?.healthCheckResults);
  });

  test.each([
    [3, 3],
    [0, 1],
  ])('Mesos kills by itself, allowed %i failures in a row with failure %i', async (allowed, failures) => {
    it = await rig({ marathonVersion });
    const check = { ...mesosCheck, maxConsecutiveFailures: allowed };
    await it.deploy('POST', '/v2/apps', appOf('/web', { healthChecks: [check], backoffSeconds: 0 }));
    it.fresh();
    it.sim.behaveApp('/web', { unhealthy: true });
    await until('killed', () => it.events.some((event) => event['condition'] === 'Killed'));
    const lines = story();
    expect(lines.slice(0, lines.indexOf('instance_changed Killed') + 1)).toEqual([
      'status_update TASK_RUNNING',
      'instance_health_changed false',
      'failed_health_check',
      'health_status_changed false',
      'instance_health_changed false',
      ...Array.from({ length: failures - 1 }, () => 'failed_health_check'),
      'status_update TASK_KILLING',
      'instance_changed Killing',
      'instance_health_changed null',
      'status_update TASK_KILLED',
      'instance_changed Killed',
    ]);
  });

  test('a new leader knows what Mesos said, and says so once', async () => {
    it = await rig({ marathonVersion, tasks: 'addresses', healthSpeed: 0.01 });
    const check = { ...mesosCheck, intervalSeconds: 1 };
    await it.deploy('POST', '/v2/apps', appOf('/web', { healthChecks: [check] }));
    it.fresh();
    it.sim.changeLeader();
    expect(await it.app('/web')).toMatchObject({ tasksHealthy: 1 });
    expect(story()).toEqual(['instance_health_changed true']);
  });
});

test('since 1.8 a task that was launched again is shown with the results of the one before it', async () => {
  it = await rig();
  await it.deploy(
    'POST',
    '/v2/apps',
    appOf('/web', { healthChecks: [{ ...mesosCheck, gracePeriodSeconds: 100_000 }], backoffSeconds: 0 }),
  );
  it.sim.behaveApp('/web', { unhealthy: true });
  it.sim.crashApp('/web');
  const task = await until('the next one', async () => {
    const [found] = (await it.app('/web')).tasks;
    return found?.id.endsWith('._app.2') === true && found.state === 'TASK_RUNNING' && found;
  });
  const [result] = task.healthCheckResults;
  expect(result?.alive).toBe(true);
  expect(Date.parse(result?.lastSuccess ?? '')).toBeLessThan(Date.parse(task.startedAt ?? ''));
});

test('an app has one check by Mesos at most', async () => {
  it = await rig({ tasks: 'addresses' });
  const app = appOf('/web', { healthChecks: [mesosCheck, { ...mesosCheck, protocol: 'MESOS_TCP' }] });
  expect((await it.call('POST', '/v2/apps', app)).body['details']).toEqual([
    { path: '/', errors: ['AppDefinition can contain at most one Mesos health check'] },
  ]);
});

describe('with several checks of which one fails', () => {
  test.each([
    ['1.4', [true, true, false]],
    ['1.7', [true, false]],
  ] as const)('Marathon %s says that the instance is %j', async (marathonVersion, expected) => {
    it = await rig({ marathonVersion });
    const checks = [httpCheck, { protocol: 'TCP', intervalSeconds: 2, maxConsecutiveFailures: 0 }];
    await it.deploy('POST', '/v2/apps', appOf('/web', { healthChecks: checks }));
    it.sim.behaveApp('/web', { unhealthy: true });
    const said = () =>
      it.events.flatMap(({ eventType, healthy }) =>
        eventType === 'instance_health_changed_event' ? [healthy] : [],
      );
    await until('the last of them', () => said().includes(false));
    expect(said()).toEqual(expected);
  });
});
