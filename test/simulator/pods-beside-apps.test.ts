/** Pods beside apps: the ids and groups that they share, who shows which of them, and what is refused. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { appOf, outline, podOf, type Rig, rig } from './support.ts';

let it: Rig;
beforeEach(async () => {
  it = await rig({ tasks: 'addresses' });
});
afterEach(() => it.sim.close());

interface Status {
  readonly spec: { readonly version: string };
  readonly instances: readonly { readonly containers: readonly { readonly containerId: string }[] }[];
}

async function status(id: string): Promise<Status> {
  return (await it.call<Status>('GET', `/v2/pods${id}::status`)).body;
}

const idPattern =
  "must fully match regular expression '^(([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])\\.)*([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])|(\\.|\\.\\.)$'";

test('apps and tasks do not show pods; groups and the queue do', async () => {
  await it.deploy('POST', '/v2/apps', appOf('/shop/app'));
  await it.deploy('POST', '/v2/pods', podOf('/shop/pod'));
  expect((await it.call('GET', '/v2/apps')).body).toMatchObject({ apps: [{ id: '/shop/app' }] });
  expect((await it.call('GET', '/v2/apps/shop/*')).body).toMatchObject({ '*': [{ id: '/shop/app' }] });
  expect((await it.call('GET', '/v2/apps/shop/pod')).status).toBe(404);
  expect((await it.call('GET', '/v2/apps/shop/pod/tasks')).status).toBe(404);
  expect((await it.call('DELETE', '/v2/apps/shop/pod')).status).toBe(404);
  expect((await it.call('GET', '/v2/tasks')).body).toMatchObject({ tasks: [{ appId: '/shop/app' }] });
  const task = (await status('/shop/pod')).instances[0]?.containers[0]?.containerId;
  expect((await it.call('POST', '/v2/tasks/delete', { ids: [task] })).body).toEqual({ tasks: [] });

  const { body: root } = await it.call('GET', '/v2/groups?embed=group.groups&embed=group.pods');
  expect(root).toMatchObject({
    pods: [],
    groups: [{ apps: [], pods: [{ id: '/shop/pod', status: 'STABLE' }] }],
  });
  expect((await it.call('GET', '/v2/groups/shop?embed=group.apps')).body).toMatchObject({ pods: [] });
  const { version } = root as { version: string };
  expect((await it.call('GET', `/v2/groups/shop/versions/${version}`)).body).toMatchObject({
    apps: [{ id: '/shop/app' }],
    pods: [{ id: '/shop/pod', containers: [{ name: 'web' }, { name: 'side' }] }],
  });
  const { body: metrics } = await it.call<{ gauges: object }>('GET', '/metrics');
  expect(metrics.gauges).toMatchObject({
    'marathon.pods.active.gauge': { value: 1 },
    'marathon.apps.active.gauge': { value: 1 },
  });

  const backoff = { backoff: 3600, maxLaunchDelay: 3600 };
  await it.deploy('PUT', '/v2/pods/shop/pod', podOf('/shop/pod', { scheduling: { backoff } }));
  it.sim.crashApp('/shop/pod');
  const { queue } = (await it.call<{ queue: object[] }>('GET', '/v2/queue')).body;
  expect(queue).toMatchObject([{ count: 1, pod: { id: '/shop/pod' } }]);
  expect(queue[0]).not.toHaveProperty('app');
});

test('a group takes its pods along, but is not asked about them and does not scale them', async () => {
  await it.deploy('POST', '/v2/apps', appOf('/shop/app'));
  await it.deploy('POST', '/v2/pods', podOf('/shop/pod'));
  const { spec } = await status('/shop/pod');
  const dry = await it.call('PUT', '/v2/groups/shop?dryRun=true', { apps: [appOf('app')] });
  expect(dry.body).toEqual({ steps: [{ actions: [{ action: 'RestartApplication', app: '/shop/app' }] }] });
  await it.deploy('PUT', '/v2/groups/shop', { scaleBy: 2 });
  await it.deploy('PUT', '/v2/groups/shop', { apps: [] });
  expect((await status('/shop/pod')).spec.version).toBe(spec.version);
  expect((await it.call('GET', '/v2/apps')).body).toEqual({ apps: [] });
  it.fresh();
  await it.deploy('DELETE', '/v2/groups/shop');
  expect(JSON.stringify(it.fresh())).toContain('{"action":"StopPod","pod":"/shop/pod"}');
  expect((await it.call('GET', '/v2/pods')).body).toEqual([]);
});

test('an app and a pod share their ids', async () => {
  await it.deploy('POST', '/v2/apps', appOf('/shop/app'));
  await it.deploy('POST', '/v2/pods', podOf('/shop/pod'));
  const shared = {
    status: 422,
    body: { details: [{ path: '/', errors: ['Applications and Pods may not share the same id'] }] },
  };
  it.fresh();
  expect(await it.call('POST', '/v2/apps', appOf('/shop/pod'))).toMatchObject(shared);
  expect(outline(it.fresh())).toEqual(['group_change_failed']);
  expect(await it.call('PUT', '/v2/apps/shop/pod', appOf('/shop/pod'))).toMatchObject(shared);
  expect(await it.call('POST', '/v2/pods', podOf('/shop/app'))).toMatchObject(shared);
  expect(await it.call('PUT', '/v2/groups/shop', { apps: [appOf('pod')] })).toMatchObject(shared);
  expect(await it.call('POST', '/v2/pods', podOf('/shop/pod'))).toMatchObject({
    status: 409,
    body: { message: 'A pod with id [/shop/pod] already exists.' },
  });
  expect(await it.call('POST', '/v2/pods', podOf('/shop'))).toMatchObject({
    body: { details: [{ path: '/', errors: ['Groups and Pods may not have the same identifier.'] }] },
  });
});

test.each([
  ['no id', { ...podOf('/pod'), id: undefined }, '/id', 'error.path.missing'],
  ['no containers', podOf('/pod', { containers: [] }), '/containers', 'error.min'],
  [
    'fewer than none',
    podOf('/pod', { scaling: { kind: 'fixed', instances: -1 } }),
    '/scaling/instances',
    'error.min',
  ],
  ['a bad id', podOf('/Pod'), '/id', idPattern],
  [
    'two containers of a name',
    podOf('/pod', { containers: ['a', 'a'].map((name) => ({ name, resources: { cpus: 1, mem: 1 } })) }),
    '/containers',
    'container names are unique',
  ],
  [
    'a network of its own without container ports',
    podOf('/pod', { networks: [{ mode: 'container', name: 'dcos' }] }),
    '/containers(0)/endpoints(0)/containerPort',
    'is required when using container-mode networking',
  ],
])('%s is refused', async (_, pod, path, error) => {
  const answer = await it.call<{ details: readonly { path: string; errors: string[] }[] }>(
    'POST',
    '/v2/pods',
    pod,
  );
  expect(answer.status).toBe(422);
  expect(answer.body.details[0]).toEqual({
    path,
    errors: [error],
  });
});

test('other refusals', async () => {
  expect(await it.call('PUT', '/v2/pods/one', podOf('/two'))).toMatchObject({
    status: 400,
    body: { message: "'/one' does not match definition's id ('/two')" },
  });
  expect(await it.call('GET', '/v2/pods/none')).toMatchObject({
    status: 404,
    body: { message: '{"message": "pod with /none does not exist"}' },
  });
  const missing = { status: 404, body: { message: "Pod '/none' does not exist" } };
  expect(await it.call('DELETE', '/v2/pods/none')).toMatchObject(missing);
  expect(await it.call('GET', '/v2/pods/none::status')).toMatchObject(missing);
  expect(await it.call('GET', '/v2/pods/none::versions')).toMatchObject(missing);
  expect((await it.call('PATCH', '/v2/pods')).status).toBe(405);
  expect((await it.call('POST', '/v2/pods/none::status', {})).status).toBe(405);
});

test('HEAD says that there are pods', async () => {
  expect(await it.call('HEAD', '/v2/pods')).toMatchObject({ status: 200, text: '' });
});
