/** A change of leader, seen from outside. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../support/wait.ts';
import { appOf, httpCheck, outline, type Rig, rig } from './support.ts';

let it: Rig;
beforeEach(async () => {
  it = await rig({ tasks: 'addresses', healthSpeed: 10 });
});
afterEach(() => it.sim.close());

test('health is unknown until it was probed again; tasks run on', async () => {
  await it.deploy('POST', '/v2/apps', appOf('/web', { healthChecks: [httpCheck] }));
  const before = await it.app('/web');
  it.fresh();
  it.sim.changeLeader();
  const after = await it.app('/web');
  expect(after).toMatchObject({
    tasksRunning: 1,
    tasksHealthy: 0,
    tasksUnhealthy: 0,
    version: before.version,
  });
  expect(after.tasks[0]).toMatchObject({
    id: before.tasks[0]?.id,
    state: 'TASK_RUNNING',
    healthCheckResults: [],
  });
  expect(outline(it.fresh())).toEqual(['scheduler_reregistered_event', 'add_health_check_event']);
  await until('probed', async () => (await it.app('/web'))['tasksHealthy'] === 1);
});

test('DELETE /v2/leader does the same, and running deployments begin anew and end', async () => {
  it = await restarted({ healthSpeed: 1 });
  await it.call('POST', '/v2/apps', appOf('/web', { healthChecks: [{ ...httpCheck, intervalSeconds: 1 }] }));
  await until('it runs', async () => (await it.app('/web')).tasks[0]?.state === 'TASK_RUNNING');
  const stream = await fetch(`${it.sim.url}/v2/events`, { headers: { accept: 'text/event-stream' } });
  const answer = await it.call('DELETE', '/v2/leader');
  expect([answer.status, answer.body]).toEqual([200, { message: 'Leadership abdicated' }]);
  expect(await stream.text()).toContain('event_stream_attached');
  await it.idle();
  const begun = it.events.filter((event) => event.eventType === 'deployment_info');
  expect(begun.length).toBe(4);
  expect(new Set(begun.map((event) => (event['plan'] as { id: string }).id)).size).toBe(1);
  expect(await it.app('/web')).toMatchObject({ tasksHealthy: 1, instances: 1 });
});

async function restarted(options: Parameters<typeof rig>[0]): Promise<Rig> {
  await it.sim.close();
  return await rig({ tasks: 'addresses', ...options });
}
