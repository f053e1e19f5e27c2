/** Dependencies of groups: kept, shown, and what a deployment's steps are ordered by. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { appOf, type Rig, rig } from './support.ts';

let it: Rig;
beforeEach(async () => {
  it = await rig({ tasks: 'addresses' });
});
afterEach(() => it.sim.close());

interface Seen {
  readonly id: string;
  readonly dependencies: readonly string[];
  readonly groups: readonly Seen[];
}

const cycle = {
  message: 'Object is not valid',
  details: [{ path: '/', errors: ['Dependency graph has cyclic dependencies.'] }],
};

const group = (id: string, app: string, dependencies?: readonly string[]): object => ({
  id,
  apps: [appOf(app)],
  ...(dependencies === undefined ? {} : { dependencies }),
});

/** Front waits for back, back for the store, which is two apps deep. */
const shop = {
  id: '/shop',
  groups: [
    group('front', 'web', ['../back']),
    group('back', 'api', ['/shop/store']),
    { id: 'store', apps: [appOf('db')], groups: [group('deep', 'cache')] },
  ],
};

function dependenciesIn(of: Seen): Readonly<Record<string, readonly string[]>> {
  return Object.assign({ [of.id]: of.dependencies }, ...of.groups.map(dependenciesIn));
}

async function dependencies(path = ''): Promise<Readonly<Record<string, readonly string[]>>> {
  return dependenciesIn((await it.call<Seen>('GET', `/v2/groups${path}`)).body);
}

interface Step {
  readonly actions: readonly { readonly action: string; readonly app: string }[];
}

const text = (steps: readonly Step[]): readonly string[] =>
  steps.map(({ actions }) => actions.map(({ action, app }) => `${action} ${app}`).join(', '));

/** The steps of the deployments that ended since events were last taken. */
function steps(): readonly string[] {
  const ended = it.fresh().filter(({ eventType }) => eventType === 'deployment_success');
  return text(ended.flatMap(({ plan }) => (plan as { steps: readonly Step[] }).steps));
}

const shown = {
  '/': [],
  '/shop': [],
  '/shop/back': ['/shop/store'],
  '/shop/front': ['/shop/back'],
  '/shop/store': [],
  '/shop/store/deep': [],
};

test('are shown, with relative ids resolved in the group, each once', async () => {
  await it.deploy('POST', '/v2/groups', shop);
  expect(await dependencies()).toEqual(shown);
  await it.deploy('PUT', '/v2/groups/shop', { dependencies: ['../lib', './../lib', '/lib/', '..//other'] });
  expect((await dependencies('/shop'))['/shop']).toEqual(['/lib', '/other']);
  expect((await it.call('GET', '/v2/groups/shop?embed=group.groups')).body['dependencies']).toHaveLength(2);
});

test('order the steps by what is below the groups, at any depth', async () => {
  await it.deploy('POST', '/v2/groups', shop);
  expect(steps()).toEqual([
    'StartApplication /shop/back/api, StartApplication /shop/front/web, StartApplication /shop/store/db, StartApplication /shop/store/deep/cache',
    'ScaleApplication /shop/store/db, ScaleApplication /shop/store/deep/cache',
    'ScaleApplication /shop/back/api',
    'ScaleApplication /shop/front/web',
  ]);
  // What stays as it is counts: front waits for the store by way of it.
  const [front, , store] = shop.groups;
  const wider = (of: object | undefined): object => ({ ...of, apps: [] });
  const { body } = await it.call<{ steps: readonly Step[] }>('PUT', '/v2/groups/shop?dryRun=true', {
    groups: [front, { id: 'back' }, store],
  });
  expect(text(body.steps)).toEqual([
    'RestartApplication /shop/store/db, RestartApplication /shop/store/deep/cache',
    'RestartApplication /shop/front/web',
  ]);
  await it.deploy('PUT', '/v2/groups/shop', { groups: [wider(front), { id: 'back' }, { id: 'store' }] });
  expect(steps()).toEqual(['StopApplication /shop/front/web']);
});

test('of apps may be groups; those of apps in a group may be relative', async () => {
  await it.deploy('POST', '/v2/groups', {
    id: '/shop',
    apps: [appOf('api', { dependencies: ['store'] }), appOf('web', { dependencies: ['api'] })],
    groups: [group('store', 'db')],
  });
  expect((await it.app('/shop/web'))['dependencies']).toEqual(['/shop/api']);
  expect(steps().slice(1)).toEqual([
    'ScaleApplication /shop/store/db',
    'ScaleApplication /shop/api',
    'ScaleApplication /shop/web',
  ]);
});

test('stay when an update leaves them out, go when it names none, and restart nothing', async () => {
  await it.deploy('POST', '/v2/groups', shop);
  await it.deploy('PUT', '/v2/groups/shop/back', { apps: [appOf('api', { instances: 2 })] });
  await it.deploy('PUT', '/v2/groups/shop', { scaleBy: 2 });
  await it.deploy('PATCH', '/v2/groups/shop', { enforceRole: true });
  await it.deploy('PUT', '/v2/apps/shop/back/api', { instances: 1 });
  await it.deploy('POST', '/v2/apps', appOf('/shop/back/more/api'));
  expect(await dependencies()).toEqual({ ...shown, '/shop/back/more': [] });
  it.fresh();
  await it.deploy('PUT', '/v2/groups/shop/back', { dependencies: [] });
  expect((await dependencies())['/shop/back']).toEqual([]);
  await it.deploy('PUT', '/v2/groups', { dependencies: ['/lib'] });
  expect((await dependencies())['/']).toEqual(['/lib']);
  expect(steps()).toEqual([]);
  await it.deploy('DELETE', '/v2/groups');
  expect(await dependencies()).toEqual({ '/': [] });
});

test('belong to versions', async () => {
  await it.deploy('POST', '/v2/groups', shop);
  const [first] = (await it.call<readonly string[]>('GET', '/v2/groups/shop/versions')).body;
  await it.deploy('PUT', '/v2/groups/shop/front', { dependencies: ['/lib'] });
  expect((await dependencies(`/versions/${first}`))['/shop/front']).toEqual(['/shop/back']);
  await it.deploy('PUT', '/v2/groups/shop', { version: first });
  expect(await dependencies()).toEqual(shown);
});

test('that are not there, and single apps, order nothing', async () => {
  const unknown = await it.deploy('POST', '/v2/groups', group('/a', 'app', ['/none', '/b/app']));
  expect(unknown.status).toBe(201);
  expect((await dependencies())['/a']).toEqual(['/none', '/b/app']);
  it.fresh();
  await it.deploy('PUT', '/v2/groups', {
    groups: [{ id: 'a', apps: [appOf('app', { cmd: 'other' })] }, group('b', 'app')],
  });
  expect(steps()).toEqual(['StartApplication /b/app', 'RestartApplication /a/app, ScaleApplication /b/app']);
});

test.each([
  ['groups', { groups: [group('a', 'app', ['/b']), group('b', 'app', ['/a'])] }],
  ['a group and itself', { groups: [group('a', 'app', ['/a'])] }],
  ['a group and one above', { groups: [group('a', 'app', ['/'])] }],
  [
    'a group and an app',
    { groups: [group('a', 'app', ['/b']), { id: 'b', apps: [appOf('x', { dependencies: ['/a/app'] })] }] },
  ],
  ['apps', { apps: [appOf('a', { dependencies: ['b'] }), appOf('b', { dependencies: ['a'] })] }],
])('a cycle of %s is refused, and in a rehearsal', async (_, body) => {
  for (const path of ['/v2/groups', '/v2/groups?dryRun=true']) {
    const answer = await it.call('PUT', path, body);
    expect([answer.status, answer.body]).toEqual([422, cycle]);
  }
  expect(await dependencies()).toEqual({ '/': [] });
  expect((await it.call('GET', '/v2/apps')).body).toEqual({ apps: [] });
});

test('a cycle that an app would close is refused; groups without apps have none', async () => {
  const empty = { groups: [{ id: 'a', dependencies: ['/b'] }, group('b', 'app', ['/a'])] };
  expect((await it.deploy('PUT', '/v2/groups', empty)).status).toBe(200);
  const answer = await it.call('POST', '/v2/apps', appOf('/a/app'));
  expect([answer.status, answer.body]).toEqual([422, cycle]);
});

test('of the wrong type are refused', async () => {
  const wrong = await it.call('POST', '/v2/groups', { id: '/a', dependencies: [7] });
  expect([wrong.status, wrong.body['details']]).toEqual([
    422,
    [{ path: '/dependencies(0)', errors: ['error.expected.jsstring'] }],
  ]);
});

test('what a deployment did to groups is undone with it, and no more', async () => {
  await it.deploy('POST', '/v2/groups', shop);
  const [front, , store] = shop.groups;
  const never = appOf('never', {
    instances: 2,
    healthChecks: [{ protocol: 'HTTP' }],
    env: { SIM_UNHEALTHY: 'true' },
  });
  const { body } = await it.call('PUT', '/v2/groups/shop', {
    groups: [
      { ...front, dependencies: ['/lib'] },
      store,
      { id: 'new', apps: [never], dependencies: ['/lib'] },
      { id: 'kept', apps: [], dependencies: ['/lib'] },
    ],
  });
  await it.call('PUT', '/v2/groups/shop/front', { dependencies: ['/lib', '/other'] });
  await it.call('PUT', '/v2/groups/shop/kept', { dependencies: ['/lib', '/other'] });
  const undone = await it.deploy('DELETE', `/v2/deployments/${String(body['deploymentId'])}`);
  expect(undone.status).toBe(200);
  expect(await dependencies()).toEqual({
    ...shown,
    '/shop/front': ['/other', '/shop/back'],
    '/shop/kept': ['/other'],
  });
  expect((await it.app('/shop/back/api')).instances).toBe(1);
});

test('are in the plans of 1.4, before and after', async () => {
  await it.sim.close();
  it = await rig({ tasks: 'addresses', marathonVersion: '1.4' });
  await it.deploy('POST', '/v2/groups', group('/a', 'app', ['/b']));
  it.fresh();
  await it.deploy('PUT', '/v2/groups/a', { dependencies: ['/c'] });
  const plan = it.fresh().find(({ eventType }) => eventType === 'deployment_success')?.['plan'];
  const { original, target } = plan as { original: Seen; target: Seen };
  expect([dependenciesIn(original), dependenciesIn(target)]).toEqual([
    { '/': [], '/a': ['/b'] },
    { '/': [], '/a': ['/c'] },
  ]);
});
