/** Pods beside apps: what can be asked and done, what is told of them, and that apps hear nothing of it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type MarathonVersion, marathonVersions } from '../../src/simulator/dialect.ts';
import { until } from '../support/wait.ts';
import { outline, podOf, type Rig, rig } from './support.ts';

interface PodStatus {
  readonly id: string;
  readonly status: string;
  readonly spec: { readonly version: string };
  readonly instances: readonly {
    readonly id: string;
    readonly status: string;
    readonly specReference: string;
    readonly resources: unknown;
    readonly containers: readonly {
      readonly name: string;
      readonly status: string;
      readonly containerId: string;
      readonly endpoints: readonly { readonly name: string; readonly allocatedHostPort?: number }[];
    }[];
  }[];
}

let it: Rig;
async function start(marathonVersion: MarathonVersion): Promise<void> {
  it = await rig({ marathonVersion, tasks: 'addresses' });
}
beforeEach(() => start('1.10'));
afterEach(() => it.sim.close());

async function status(id: string): Promise<PodStatus> {
  return (await it.call<PodStatus>('GET', `/v2/pods${id}::status`)).body;
}

const scaled = (instances: number) => ({ scaling: { kind: 'fixed', instances } });
const named = ({ actions }: { actions: readonly { action: string; pod: string }[] }) =>
  actions.map(({ action, pod }) => `${action} ${pod}`);

describe.each([
  ['1.4', /^shop_pod\.instance-[^.]+$/, /^shop_pod\.instance-[^.]+\.web$/, 'Created'],
  ['1.7', /^shop_pod\.instance-[^.]+$/, /^shop_pod\.instance-[^.]+\.web$/, 'Created'],
  ['1.10', /^shop_pod\.instance-[^.]+$/, /^shop_pod\.instance-[^.]+\.web\.1$/, 'Provisioned'],
] as const)('Marathon %s', (version, instanceId, taskId, first) => {
  beforeEach(async () => {
    await it.sim.close();
    await start(version);
  });

  test('a pod is created, and tells of each container', async () => {
    const created = await it.deploy('POST', '/v2/pods', podOf('/shop/pod'));
    expect(created).toMatchObject({ status: 201, body: { id: '/shop/pod', scaling: { instances: 1 } } });
    expect(created.headers.get('Location')).toBe('/shop/pod');
    expect(created.headers.get('Marathon-Deployment-Id')).toMatch(/^[0-9a-f-]{36}$/);
    const events = it.fresh();
    expect(outline(events)).toEqual([
      'deployment_info',
      'group_change_success',
      'pod_created_event',
      'deployment_step_success',
      'deployment_info',
      ...(version === '1.10' ? ['instance_changed_event Scheduled'] : []),
      `instance_changed_event ${first}`,
      'status_update_event TASK_STARTING',
      'instance_changed_event Starting',
      'status_update_event TASK_STARTING',
      'status_update_event TASK_RUNNING',
      'status_update_event TASK_RUNNING',
      'instance_changed_event Running',
      'deployment_step_success',
      'deployment_success',
    ]);
    const [started] = events.filter(({ eventType }) => eventType === 'status_update_event');
    expect(started).toMatchObject({ appId: '/shop/pod', taskId: expect.stringMatching(taskId) });
    const changed = events.find(({ eventType }) => eventType === 'instance_changed_event');
    expect(changed).toMatchObject({ runSpecId: '/shop/pod', instanceId: expect.stringMatching(instanceId) });
    const told = events.find(({ eventType }) => eventType === 'pod_created_event');
    expect(Object.keys(told ?? {})).toEqual(['clientIp', 'uri', 'eventType', 'timestamp']);
    expect(told).toMatchObject({ uri: '/v2/pods' });
    const plan = events.find(({ eventType }) => eventType === 'deployment_success')?.['plan'];
    expect((plan as { steps: Parameters<typeof named>[0][] }).steps.flatMap(named)).toEqual([
      'StartPod /shop/pod',
      'ScalePod /shop/pod',
    ]);
  });

  test('its status says which ports its endpoints have', async () => {
    await it.deploy('POST', '/v2/pods', podOf('/shop/pod'));
    const pod = await status('/shop/pod');
    expect(pod).toMatchObject({ id: '/shop/pod', status: 'STABLE', spec: { id: '/shop/pod' } });
    const [instance] = pod.instances;
    expect(instance).toMatchObject({
      id: expect.stringMatching(instanceId),
      status: 'STABLE',
      specReference: `/v2/pods/shop/pod::versions/${pod.spec.version}`,
      containers: [
        { name: 'web', status: 'TASK_RUNNING', containerId: expect.stringMatching(taskId) },
        { name: 'side', status: 'TASK_RUNNING' },
      ],
    });
    const ports = instance?.containers.map(({ endpoints }) => endpoints.map((end) => end.allocatedHostPort));
    expect(ports).toEqual([[31000, 31001], [31002]]);
    expect((await it.call('GET', '/v2/pods/::status')).body).toMatchObject([{ id: '/shop/pod' }]);
    expect((await it.call('GET', '/v2/pods::status')).status).not.toBe(200);
  });

  test('scaled, upgraded and deleted, with a deployment each', async () => {
    await it.deploy('POST', '/v2/pods', podOf('/pod'));
    const { spec, instances } = await status('/pod');
    it.fresh();
    expect((await it.deploy('PUT', '/v2/pods/pod', podOf('/pod', scaled(2)))).status).toBe(200);
    const more = await status('/pod');
    expect(more.instances.map(({ id }) => id)).toContain(instances[0]?.id);
    expect(more.instances).toHaveLength(2);
    expect(outline(it.fresh())).toContain('pod_updated_event');

    await it.deploy('PUT', '/v2/pods/pod', podOf('/pod', { labels: { release: '2' }, ...scaled(2) }));
    const upgraded = await status('/pod');
    const before = new Set(more.instances.map(({ id }) => id));
    expect(upgraded.instances.filter(({ id }) => before.has(id))).toEqual([]);
    expect(upgraded.instances).toHaveLength(2);
    const { body: versions } = await it.call<string[]>('GET', '/v2/pods/pod::versions');
    expect(versions).toEqual([spec.version, more.spec.version, upgraded.spec.version]);
    const old = await it.call('GET', `/v2/pods/pod::versions/${spec.version}`);
    expect(old.body).toMatchObject({ id: '/pod', version: spec.version, scaling: { instances: 1 } });

    it.fresh();
    const deleted = await it.deploy('DELETE', '/v2/pods/pod');
    expect(deleted).toMatchObject({ status: 202, text: '' });
    expect(deleted.headers.get('Marathon-Deployment-Id')).toBe(deleted.headers.get('Location'));
    const events = it.fresh();
    expect(outline(events)).toEqual(expect.arrayContaining(['pod_deleted_event', 'app_terminated_event']));
    expect((await it.call('GET', '/v2/pods')).body).toEqual([]);
    expect(outline(events).slice(-3)).toEqual([
      'app_terminated_event',
      'deployment_step_success',
      'deployment_success',
    ]);
  });
});

test('what is empty is written in 1.4 only, roles only in 1.10', async () => {
  const keys: Record<string, readonly string[]> = {};
  for (const version of marathonVersions) {
    await it.sim.close();
    await start(version);
    keys[version] = Object.keys((await it.call('POST', '/v2/pods', podOf('/pod'))).body);
  }
  const always = ['id', 'version', 'containers', 'networks', 'scaling', 'scheduling'];
  expect(keys).toEqual({
    '1.4': [
      'id',
      'labels',
      'version',
      'environment',
      'containers',
      'secrets',
      'volumes',
      'networks',
      'scaling',
      'scheduling',
    ],
    '1.7': [...always, 'executorResources'],
    '1.10': [...always, 'executorResources', 'role'],
  });
});

test('while it is being deployed, it is locked and named as a pod', async () => {
  const slow = podOf('/pod', { environment: { SIM_START_DELAY_MS: '3600000' } });
  await it.call('POST', '/v2/pods', slow);
  const deployments = await until('the second step', async () => {
    const { body } = await it.call<{ currentStep: number }[]>('GET', '/v2/deployments');
    return body[0]?.currentStep === 2 && body;
  });
  expect(deployments).toMatchObject([
    {
      affectedApps: [],
      affectedPods: ['/pod'],
      currentActions: [{ action: 'ScalePod', pod: '/pod', readinessCheckResults: [] }],
    },
  ]);
  expect((await it.call('PUT', '/v2/pods/pod', podOf('/pod'))).status).toBe(409);
  expect((await it.call('DELETE', '/v2/pods/pod')).status).toBe(409);
  expect(await status('/pod')).toMatchObject({ status: 'DEGRADED', instances: [{ status: 'STAGING' }] });
  const deletion = await it.call('DELETE', '/v2/pods/pod?force=true');
  expect(deletion.status).toBe(202);
  await it.idle();
});

test('an instance that is killed or fails is replaced; where a container fails, the others are killed', async () => {
  await it.deploy('POST', '/v2/pods', podOf('/pod', { scheduling: { backoff: { backoff: 0 } } }));
  const [instance] = (await status('/pod')).instances;
  it.fresh();
  const killed = await it.call('DELETE', `/v2/pods/pod::instances/${instance?.id}`);
  expect(killed).toMatchObject({
    status: 200,
    body: { instanceId: instance?.id, state: { condition: 'Killing', goal: 'Running' } },
  });
  const running = async () => (await status('/pod')).status === 'STABLE';
  await until('it runs again', running);
  expect(outline(it.fresh()).filter((line) => /KILL|Kill/.test(line))).toEqual([
    'status_update_event TASK_KILLING',
    'instance_changed_event Killing',
    'status_update_event TASK_KILLING',
    'status_update_event TASK_KILLED',
    'status_update_event TASK_KILLED',
    'instance_changed_event Killed',
  ]);
  expect((await status('/pod')).instances[0]?.containers[0]?.containerId).toBe(`${instance?.id}.web.2`);

  it.sim.crashApp('/pod');
  await until('it runs again', running);
  expect(outline(it.fresh()).slice(0, 3)).toEqual([
    'status_update_event TASK_FAILED',
    'instance_changed_event Failed',
    'status_update_event TASK_KILLED',
  ]);
  const several = await it.call('DELETE', '/v2/pods/pod::instances', [instance?.id, 'pod.instance-none']);
  expect(several).toMatchObject({ status: 200, body: [{ instanceId: instance?.id }] });
  expect((await it.call('DELETE', '/v2/pods/pod::instances/pod.instance-none')).status).toBe(404);
  expect((await it.call('DELETE', '/v2/pods/pod::instances/none')).status).toBe(422);
});

test('a deployment is taken back', async () => {
  await it.deploy('POST', '/v2/pods', podOf('/pod'));
  const slow = { environment: { SIM_START_DELAY_MS: '3600000' } };
  const changed = await it.call('PUT', '/v2/pods/pod', podOf('/pod', slow));
  await it.deploy('DELETE', `/v2/deployments/${changed.headers.get('Marathon-Deployment-Id')}`);
  const back = await it.call('GET', '/v2/pods/pod');
  expect(back.body).not.toHaveProperty('environment');
  expect(await status('/pod')).toMatchObject({ status: 'STABLE' });
});
