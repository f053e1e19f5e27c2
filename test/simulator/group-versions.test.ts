/** Versions of groups, and what PATCH does to a group. */
import { afterEach, expect, test } from 'vitest';
import { appOf, type Rig, rig } from './support.ts';

let it: Rig;
afterEach(() => it.sim.close());

interface SeenGroup {
  readonly id: string;
  readonly apps: readonly { readonly id: string; readonly instances: number }[];
  readonly groups: readonly { readonly id: string }[];
  readonly version: string;
}

test('are listed, shown, and gone back to', async () => {
  it = await rig({ tasks: 'addresses' });
  await it.deploy('POST', '/v2/apps', appOf('/other'));
  await it.deploy('POST', '/v2/groups', { id: '/shop', apps: [appOf('web')], groups: [{ id: 'old' }] });
  await it.deploy('PUT', '/v2/groups/shop', {
    apps: [appOf('web', { instances: 3 }), appOf('api')],
    groups: [],
  });
  const list = async (path: string) => (await it.call<readonly string[]>('GET', path)).body;
  const versions = await list('/v2/groups/shop/versions');
  const all = await list('/v2/groups/versions');
  expect([versions.length, all.length]).toEqual([2, 3]);
  expect(versions.toSorted().toReversed()).toEqual(versions);
  const first = versions[1] ?? '';
  const { body } = await it.call<SeenGroup>('GET', `/v2/groups/shop/versions/${first}`);
  expect([body.id, body.version, body.groups.map(({ id }) => id)]).toEqual(['/shop', first, ['/shop/old']]);
  expect(body.apps.map(({ id, instances }) => [id, instances])).toEqual([['/shop/web', 1]]);

  expect((await it.deploy('PUT', '/v2/groups/shop', { version: first })).status).toBe(200);
  const now = (await it.call<SeenGroup>('GET', '/v2/groups/shop')).body;
  expect(now.apps.map(({ id, instances }) => [id, instances])).toEqual([['/shop/web', 1]]);
  expect(now.groups.map(({ id }) => id)).toEqual(['/shop/old']);
  expect((await it.call('GET', '/v2/apps/other')).status).toBe(200);
});

test('that are not there', async () => {
  it = await rig({ tasks: 'addresses' });
  await it.deploy('POST', '/v2/apps', appOf('/other'));
  const version = '2015-01-01T00:00:00.000Z';
  const unknown = await it.call('GET', `/v2/groups/versions/${version}`);
  expect([unknown.status, unknown.body['message']]).toEqual([
    404,
    `Group '/' does not exist in version ${version}`,
  ]);
  expect((await it.call('GET', '/v2/groups/shop/versions')).status).toBe(404);
  const back = await it.call('PUT', '/v2/groups/shop', { version });
  expect([back.status, back.body['message']]).toEqual([
    422,
    `Group /shop not available in version ${version}`,
  ]);
});

test('PATCH sets enforceRole of a top-level group, and restarts nothing', async () => {
  it = await rig({ tasks: 'addresses' });
  await it.deploy('POST', '/v2/groups', { id: '/shop', apps: [appOf('web')], groups: [{ id: 'old' }] });
  const [before] = (await it.app('/shop/web')).tasks;
  const patched = await it.deploy('PATCH', '/v2/groups/shop', { enforceRole: true });
  expect([patched.status, Object.keys(patched.body)]).toEqual([200, ['version', 'deploymentId']]);
  expect((await it.call('GET', '/v2/groups')).body).toMatchObject({
    id: '/',
    enforceRole: false,
    groups: [{ id: '/shop', enforceRole: true, groups: [{ id: '/shop/old', enforceRole: false }] }],
  });
  expect((await it.app('/shop/web')).tasks[0]?.id).toBe(before?.id);
  expect((await it.call('PATCH', '/v2/groups/none', {})).status).toBe(404);
  expect((await it.call('PATCH', '/v2/groups/shop/old', {})).status).toBe(422);
});

test('PATCH of groups is not known to 1.7', async () => {
  it = await rig({ tasks: 'addresses', marathonVersion: '1.7' });
  const answer = await it.call('PATCH', '/v2/groups/shop', {});
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET,POST,PUT,DELETE,HEAD,OPTIONS']);
});
