/** Groups: written, rehearsed, scaled and deleted, each as one deployment. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { appOf, type Rig, rig } from './support.ts';

let it: Rig;
beforeEach(async () => {
  it = await rig({ tasks: 'addresses' });
});
afterEach(() => it.sim.close());

async function tree(): Promise<string> {
  interface Seen {
    readonly id: string;
    readonly apps: readonly { readonly id: string; readonly instances: number }[];
    readonly groups: readonly Seen[];
  }
  const text = (group: Seen): string =>
    `${group.id}[${[...group.apps.map(({ id, instances }) => `${id}*${instances}`), ...group.groups.map(text)].join(' ')}]`;
  return text((await it.call<Seen>('GET', '/v2/groups')).body);
}

const shop = {
  id: '/shop',
  apps: [appOf('web', { instances: 2 })],
  groups: [{ id: 'store', apps: [appOf('db')] }],
};

test('create, and not twice', async () => {
  const created = await it.deploy('POST', '/v2/groups', shop);
  expect([created.status, created.headers.get('location')]).toEqual([201, '/v2/groups']);
  expect(created.headers.get('marathon-deployment-id')).toBe(created.body['deploymentId']);
  expect(await tree()).toBe('/[/shop[/shop/web*2 /shop/store[/shop/store/db*1]]]');
  expect(it.fresh().filter(({ eventType }) => eventType === 'group_change_success')).toMatchObject([
    { groupId: '/' },
  ]);
  const again = await it.call('POST', '/v2/groups', shop);
  expect([again.status, again.body]).toEqual([
    409,
    { message: 'Group /shop is already created. Use PUT to change this group.' },
  ]);
  expect((await it.call('POST', '/v2/groups', { id: '/shop/web' })).status).toBe(409);
  expect((await it.call('POST', '/v2/groups', {})).status).toBe(422);
});

test('what an update names replaces, what it leaves out stays', async () => {
  await it.deploy('POST', '/v2/groups', shop);
  const ports = new Set([10_000, 10_001]);
  const updated = await it.deploy('PUT', '/v2/groups/shop', {
    apps: [appOf('/shop/web', { instances: 3 }), appOf('api')],
  });
  expect([updated.status, Object.keys(updated.body)]).toEqual([200, ['version', 'deploymentId']]);
  expect(await tree()).toBe('/[/shop[/shop/api*1 /shop/web*3 /shop/store[/shop/store/db*1]]]');
  const { portDefinitions } = await it.app('/shop/web');
  expect(ports.has((portDefinitions as { port: number }[])[0]?.port ?? 0)).toBe(true);

  await it.deploy('PUT', '/v2/groups/shop', { groups: [{ id: 'cache' }] });
  expect(await tree()).toBe('/[/shop[/shop/api*1 /shop/web*3 /shop/cache[]]]');
  expect((await it.call('PUT', '/v2/groups/shop', { apps: [appOf('/other/x')] })).status).toBe(422);
});

test('a dry run answers the steps and changes nothing', async () => {
  await it.deploy('POST', '/v2/groups', shop);
  const before = [await tree(), (await it.call('GET', '/v2/groups')).text];
  it.fresh();
  const run = async (body: object): Promise<unknown> =>
    (await it.call('PUT', '/v2/groups/shop?dryRun=true', body)).body;
  const [web] = shop.apps;
  expect(await run({ apps: [{ ...web, instances: 5 }] })).toEqual({
    steps: [{ actions: [{ action: 'ScaleApplication', app: '/shop/web' }] }],
  });
  expect(await run({ apps: [{ ...web, labels: { a: 'b' } }] })).toEqual({
    steps: [{ actions: [{ action: 'RestartApplication', app: '/shop/web' }] }],
  });
  expect(await run({ apps: [] })).toEqual({
    steps: [{ actions: [{ action: 'StopApplication', app: '/shop/web' }] }],
  });
  // One that is named and stays as it is: Marathon gives it a new version, for the rehearsal only.
  expect(await run({ apps: [web] })).toEqual({
    steps: [{ actions: [{ action: 'RestartApplication', app: '/shop/web' }] }],
  });
  expect(it.fresh()).toEqual([]);
  expect([await tree(), (await it.call('GET', '/v2/groups')).text]).toEqual(before);
});

test('scaled by a factor, as one deployment that only scales', async () => {
  await it.deploy('POST', '/v2/groups', shop);
  it.fresh();
  await it.deploy('PUT', '/v2/groups/shop', { scaleBy: 1.5 });
  expect(await tree()).toBe('/[/shop[/shop/web*3 /shop/store[/shop/store/db*2]]]');
  const plans = it
    .fresh()
    .flatMap(({ eventType, plan }) => (eventType === 'deployment_success' ? [plan] : []));
  expect(plans).toHaveLength(1);
  expect(JSON.stringify(plans)).not.toContain('RestartApplication');
  expect((await it.call('PUT', '/v2/groups/none', { scaleBy: 2 })).status).toBe(404);
});

test('deleted with all that is below; a group outlives its last app', async () => {
  await it.deploy('POST', '/v2/groups', shop);
  await it.deploy('DELETE', '/v2/apps/shop/web');
  await it.deploy('DELETE', '/v2/apps/shop/store/db');
  expect(await tree()).toBe('/[/shop[/shop/store[]]]');
  await it.deploy('PUT', '/v2/groups/shop', shop.groups[0] ?? {});
  await it.deploy('DELETE', '/v2/groups/shop');
  expect(await tree()).toBe('/[]');
  expect((await it.call('GET', '/v2/apps')).body).toEqual({ apps: [] });
  expect((await it.call('DELETE', '/v2/groups/shop')).status).toBe(404);
});

test.each(['1.4', '1.7'] as const)('embed asks for parts, and %s leaves the others out', async (version) => {
  await it.sim.close();
  it = await rig({ tasks: 'addresses', marathonVersion: version });
  await it.deploy('POST', '/v2/groups', shop);
  const keys = async (query: string) =>
    Object.keys((await it.call('GET', `/v2/groups/shop${query}`)).body).toSorted();
  expect(await keys('')).toEqual(['apps', 'dependencies', 'groups', 'id', 'pods', 'version']);
  expect(await keys('?embed=group.groups')).toEqual(['dependencies', 'groups', 'id', 'version']);
  expect(await keys('?embed=group.apps')).toEqual(['apps', 'dependencies', 'id', 'version']);
  expect(await keys('?embed=group.pods')).toEqual(['dependencies', 'id', 'pods', 'version']);
});

test('embed asks for parts, and 1.10 writes the others empty; pods are none', async () => {
  await it.deploy('POST', '/v2/groups', shop);
  expect((await it.call('GET', '/v2/groups/shop?embed=group.groups')).body).toMatchObject({ apps: [] });
  const apps = (await it.call('GET', '/v2/groups/shop?embed=group.apps')).body;
  expect(apps).toMatchObject({ apps: [{ id: '/shop/web' }] });
  expect(apps).toMatchObject({ groups: [], pods: [] });
  expect((await it.call('GET', '/v2/pods')).body).toEqual([]);
  expect((await it.call('GET', '/v2/pods/::status')).body).toEqual([]);
  expect((await it.call('HEAD', '/v2/pods')).status).toBe(200);
  expect((await it.call('GET', '/v2/pods/none')).status).toBe(404);
});

test.each([
  [
    { scaleBy: 2, apps: [] },
    '/scaleBy',
    'Object is not valid',
    'not allowed in conjunction with other properties.',
  ],
  [
    { version: '2015-01-01T00:00:00.000Z', scaleBy: 2 },
    '/version',
    'Object is not valid',
    'not allowed in conjunction with other properties.',
  ],
  [{ scaleBy: -1 }, '/scaleBy', 'Invalid JSON', 'error.min'],
  [
    { groups: [{ id: 'Not_One' }] },
    '/groups(0)/id',
    'Object is not valid',
    expect.stringContaining('must fully match'),
  ],
  [
    { groups: [{ id: 'tasks' }] },
    '/groups(0)/id',
    'Object is not valid',
    expect.stringContaining('must not end with'),
  ],
])('the update %j is refused', async (body, path, message, error) => {
  await it.deploy('POST', '/v2/groups', shop);
  const before = await tree();
  const answer = await it.call('PUT', '/v2/groups/shop', body);
  expect([answer.status, answer.body['message']]).toEqual([422, message]);
  expect(answer.body['details']).toContainEqual({ path, errors: [error] });
  expect(await tree()).toBe(before);
});

test('a new group with an id that is none is refused', async () => {
  const answer = await it.call('POST', '/v2/groups', { id: 'Not_One' });
  expect([answer.status, answer.body['details']]).toEqual([
    422,
    [{ path: '/id', errors: [expect.stringContaining('must fully match')] }],
  ]);
});
