/** Routes that not all versions have, or that answer otherwise in some. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { MarathonVersion } from '../../src/simulator/dialect.ts';
import { appOf, type Rig, rig } from './support.ts';

async function start(marathonVersion: MarathonVersion): Promise<Rig> {
  const it = await rig({ marathonVersion, tasks: 'addresses' });
  onTestFinished(() => it.sim.close());
  return it;
}

describe('the list of tasks as text', () => {
  const askText = (it: Rig) => fetch(`${it.sim.url}/v2/tasks`, { headers: { accept: 'text/plain' } });

  test.each(['1.4', '1.7'] as const)('in Marathon %s has a line for each service port', async (version) => {
    const it = await start(version);
    const ports = [10_060, 10_061];
    await it.deploy('POST', '/v2/apps', appOf('/g/web', { ports, instances: 2 }));
    await it.deploy('POST', '/v2/apps', appOf('/none', { ports: [] }));
    const tasks = (await it.app('/g/web')).tasks;
    const answer = await askText(it);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain']);
    const lines = ports.map((port, index) => {
      const endpoints = tasks.map((task) => `${task.host}:${task.ports[index]}\t`);
      return `g_web\t${port}\t${endpoints.join('')}\n`;
    });
    expect(await answer.text()).toBe(`${lines.join('')}none\t \t${tasks[0]?.host} \n`);
  });

  test('of containers with addresses of their own has the ports of these', async () => {
    const it = await start('1.7');
    const container = {
      type: 'DOCKER',
      docker: { image: 'a' },
      portMappings: [{ containerPort: 80, servicePort: 10_070 }],
    };
    await it.deploy(
      'POST',
      '/v2/apps',
      appOf('/own', { container, networks: [{ mode: 'container', name: 'n' }] }),
    );
    const [task] = (await it.app('/own')).tasks;
    expect(await (await askText(it)).text()).toBe(`own\t10070\t${task?.ipAddresses[0]?.ipAddress}:80\t\n`);
  });

  test('is none since 1.9', async () => {
    expect((await askText(await start('1.10'))).status).toBe(406);
  });
});

test('HTTP callbacks are a route of 1.4 alone, which nobody has turned on', async () => {
  const answer = await (await start('1.4')).call('GET', '/v2/eventSubscriptions');
  expect([answer.status, answer.body['message']]).toEqual([
    400,
    expect.stringContaining('--event_subscriber http_callback'),
  ]);
  expect((await (await start('1.7')).call('GET', '/v2/eventSubscriptions')).status).toBe(404);
});

test.each([
  ['1.10', 403],
  ['1.4', 201],
] as const)('in Marathon %s a deployment more than a hundred gets %d', async (version, status) => {
  const it = await start(version);
  const slow = (id: string) => appOf(id, { env: { SIM_START_DELAY_MS: '3600000' } });
  for (let count = 0; count < 100; count += 1) await it.call('POST', '/v2/apps', slow(`/slow/${count}`));
  it.fresh();
  const answer = await it.call('POST', '/v2/apps', slow('/slow/more'));
  expect(answer.status).toBe(status);
  if (status !== 403) return;
  expect(answer.body['message']).toMatch(
    /^Max number \(100\) of running deployments is achieved\. .*--max_running_deployments/,
  );
  const failed = it.fresh().filter(({ eventType }) => eventType.endsWith('_failed'));
  expect(failed.map(({ eventType }) => eventType)).toEqual(['deployment_failed', 'group_change_failed']);
  // One that takes the place of another is not one more.
  expect((await it.call('PUT', '/v2/apps/slow/7?force=true', { instances: 2 })).status).toBe(200);
});
