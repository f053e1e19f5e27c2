/** What of a pod shows only at a second look: its ports and networks, its times, its way out. */
import { afterEach, expect, test } from 'vitest';
import { dialectOf } from '../../src/simulator/dialect.ts';
import { draftOfPod, parsePod } from '../../src/simulator/pod-schema.ts';
import type { SimulatorOptions } from '../../src/simulator/simulator.ts';
import { until } from '../support/wait.ts';
import { appOf, outline, podOf, type Rig, rig } from './support.ts';

let it: Rig;
async function start(options: SimulatorOptions = {}): Promise<void> {
  it = await rig({ tasks: 'addresses', ...options });
}
afterEach(() => it?.sim.close());

interface Status {
  readonly status: string;
  readonly instances: readonly {
    readonly status: string;
    readonly containers: readonly { readonly endpoints: readonly unknown[] }[];
  }[];
}
const status = async () => (await it.call<Status>('GET', '/v2/pods/pod::status')).body;

test('a pod that is being deleted is terminal for as long as it is shown', async () => {
  await start({ visibilityDelayMs: 100 });
  await it.deploy('POST', '/v2/pods', podOf('/pod'));
  const deleted = it.call('DELETE', '/v2/pods/pod');
  await until('it is terminal', async () => (await status()).status === 'TERMINAL');
  expect((await deleted).status).toBe(202);
  expect((await it.call('GET', '/v2/pods/pod::status')).status).toBe(404);
});

test.each([
  ['1.4', []],
  ['1.7', []],
  ['1.10', [{ status: 'TERMINAL' }]],
] as const)(
  'an instance that waits for its launch is one since 1.8 only: %s',
  async (marathonVersion, shown) => {
    await start({ marathonVersion });
    const backoff = { backoff: 3600, maxLaunchDelay: 3600 };
    await it.deploy('POST', '/v2/pods', podOf('/pod', { scheduling: { backoff } }));
    it.sim.crashApp('/pod');
    expect(await status()).toMatchObject({ status: 'DEGRADED', instances: shown });
    expect((await status()).instances).toHaveLength(shown.length);
  },
);

test('where containers have an address of their own, only endpoints that ask for it have a port of the agent', async () => {
  await start();
  const endpoints = [
    { name: 'http', containerPort: 80 },
    { name: 'admin', containerPort: 81, hostPort: 0 },
  ];
  const containers = [{ name: 'web', resources: { cpus: 0.1, mem: 32 }, endpoints }];
  const networks = [{ mode: 'container', name: 'dcos' }];
  await it.deploy('POST', '/v2/pods', podOf('/pod', { containers, networks }));
  expect((await status()).instances[0]?.containers[0]?.endpoints).toEqual([
    { name: 'admin', allocatedHostPort: 31_000 },
    { name: 'http' },
  ]);
});

test("a pod's ports of the agent are no service ports, and no lines of the list for scripts", async () => {
  await start({ marathonVersion: '1.7' });
  const endpoints = [{ name: 'http', hostPort: 10_000 }];
  const containers = [{ name: 'web', resources: { cpus: 0.1, mem: 32 }, endpoints }];
  await it.deploy('POST', '/v2/pods', podOf('/pod', { containers }));
  await it.deploy('POST', '/v2/apps', appOf('/app'));
  expect((await it.app('/app'))['portDefinitions']).toMatchObject([{ port: 10_000 }]);
  const lines = await fetch(`${it.sim.url}/v2/tasks`, { headers: { accept: 'text/plain' } });
  expect(await lines.text()).toMatch(/^app\t10000\t[^\n]*\n$/);
});

test('the longest grace of its containers is that of the instance', () => {
  const dialect = dialectOf('1.10');
  const containers = [3, 7, undefined].map((killGracePeriodSeconds, index) => ({
    name: `c${index}`,
    resources: { cpus: 0.1, mem: 32 },
    ...(killGracePeriodSeconds === undefined ? {} : { lifecycle: { killGracePeriodSeconds } }),
  }));
  const draft = draftOfPod(parsePod(podOf('/pod', { containers }), dialect), dialect.defaults);
  expect(draft.taskKillGracePeriodSeconds).toBe(7);
});

test('a version is a time, however it is written', async () => {
  await start();
  const { body } = await it.deploy('POST', '/v2/pods', podOf('/pod'));
  const version = String(body['version']);
  const other = encodeURIComponent(version.replace('Z', '+00:00'));
  expect((await it.call('GET', `/v2/pods/pod::versions/${other}`)).body).toMatchObject({ version });
  expect((await it.call('GET', '/v2/pods/pod::versions/2001-01-01T00:00:00.000Z')).status).toBe(404);
});

test('what is refused changes nothing, and is told where Marathon tells it', async () => {
  await start();
  await it.deploy('POST', '/v2/pods', podOf('/pod'));
  const [before] = (await it.call<object[]>('GET', '/v2/pods')).body;
  it.fresh();
  expect((await it.call('POST', '/v2/pods', podOf('/pod'))).status).toBe(409);
  expect(outline(it.fresh())).toEqual(['group_change_failed']);
  const twice = ['a', 'a'].map((name) => ({ name, resources: { cpus: 1, mem: 1 } }));
  expect((await it.call('PUT', '/v2/pods/pod', podOf('/pod', { containers: twice }))).status).toBe(422);
  expect(it.fresh()).toEqual([]);
  expect((await it.call('GET', '/v2/pods')).body).toEqual([before]);
});

test('that an agent is lost is told container by container', async () => {
  await start();
  const unreachableStrategy = { inactiveAfterSeconds: 3600, expungeAfterSeconds: 7200 };
  await it.deploy('POST', '/v2/pods', podOf('/pod', { scheduling: { unreachableStrategy } }));
  it.fresh();
  it.sim.unreachable('agent');
  expect(outline(it.fresh())).toEqual([
    'status_update_event TASK_UNREACHABLE',
    'instance_changed_event Unreachable',
    'status_update_event TASK_UNREACHABLE',
  ]);
  expect(await status()).toMatchObject({
    status: 'DEGRADED',
    instances: [{ status: 'DEGRADED', message: 'pod instance has become unreachable' }],
  });
  it.sim.reachable('agent');
  expect((await status()).status).toBe('STABLE');
});
