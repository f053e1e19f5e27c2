/** What is refused, and how it is said. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { appOf, type Rig, rig } from './support.ts';

let it: Rig;
let old: Rig;
beforeAll(async () => {
  [it, old] = await Promise.all([rig(), rig({ marathonVersion: '1.4' })]);
  await it.deploy('POST', '/v2/apps', appOf('/web'));
});
afterAll(() => Promise.all([it.sim.close(), old.sim.close()]));

describe('JSON of the wrong shape', () => {
  test.each([
    [{ id: 5 }, '/id', 'error.expected.jsstring'],
    [{ cmd: 'x' }, '/id', 'error.path.missing'],
    [{ id: '/a', cmd: '' }, '/cmd', 'error.minLength'],
    [{ id: '/a', instances: 'two' }, '/instances', 'error.expected.jsnumber'],
    [{ id: '/a', instances: 1.5 }, '/instances', 'error.expected.int'],
    [{ id: '/a', labels: { a: 1 } }, '/labels/a', 'error.expected.jsstring'],
    [{ id: '/a', labels: { a: null } }, '/labels/a', 'error.expected.jsstring'],
    [{ id: '/a', labels: ['a'] }, '/labels', 'error.expected.jsobject'],
    [{ id: '/a', env: { A: 1 } }, '/env/A', 'error.expected.jsstring'],
    [{ id: '/a', healthChecks: [{ path: 7 }] }, '/healthChecks(0)/path', 'error.expected.jsstring'],
    [{ id: '/a', upgradeStrategy: {} }, '/upgradeStrategy/maximumOverCapacity', 'error.path.missing'],
  ])('%j: 422 since 1.5, 400 before', async (body, path, error) => {
    for (const [marathon, status] of [
      [it, 422],
      [old, 400],
    ] as const) {
      const answer = await marathon.call('POST', '/v2/apps', body);
      expect([answer.status, answer.body['message']]).toEqual([status, 'Invalid JSON']);
      expect(answer.body['details']).toContainEqual({ path, errors: [error] });
    }
  });

  test.each([
    [{ instances: -1 }, '/instances', 'error.min', 'got -1, expected 0 or more'],
    [{ cpus: -2 }, '/cpus', 'error.min', 'got -2.0, expected 0.0 or more'],
    [{ backoffFactor: 0.5 }, '/backoffFactor', 'error.min', 'got 0.5, expected 1.0 or more'],
    [{ ports: [70_000] }, '/ports(0)', 'error.max', 'got 70000, expected 65535 or less'],
    [
      { upgradeStrategy: { minimumHealthCapacity: 2, maximumOverCapacity: 0 } },
      '/upgradeStrategy/minimumHealthCapacity',
      'error.max',
      'got 2.0, expected between 0.0 and 1.0',
    ],
    [
      { healthChecks: [{}, { gracePeriodSeconds: -1 }] },
      '/healthChecks(1)/gracePeriodSeconds',
      'error.min',
      'got -1, expected 0 or more',
    ],
  ])('%j: a matter of types since 1.5, of rules before', async (change, path, code, sentence) => {
    const body = { id: '/a', cmd: 'x', ...change };
    const answer = await it.call('POST', '/v2/apps', body);
    expect([answer.status, answer.body]).toEqual([
      422,
      { message: 'Invalid JSON', details: [{ path, errors: [code] }] },
    ]);
    const before = await old.call('POST', '/v2/apps', body);
    expect([before.status, before.body]).toEqual([
      422,
      { message: 'Object is not valid', details: [{ path, errors: [sentence] }] },
    ]);
  });

  test('in bulk, and in groups', async () => {
    const bulk = await it.call('PUT', '/v2/apps', [{ id: '/web' }, { id: '/web', instances: -1 }]);
    expect(bulk.body['details']).toEqual([{ path: '(1)/instances', errors: ['error.min'] }]);
    const group = await it.call('PUT', '/v2/groups/shop', {
      groups: [{ id: 'eu', apps: [{ id: 'web', cmd: 'x', mem: -1 }] }],
    });
    expect([group.status, group.body['details']]).toEqual([
      422,
      [{ path: '/groups(0)/apps(0)/mem', errors: ['error.min'] }],
    ]);
  });
});

describe('400', () => {
  test('no JSON at all', async () => {
    const answer = await it.call('POST', '/v2/apps', '{"id": ');
    expect([answer.status, answer.body['message'], typeof answer.body['details']]).toEqual([
      400,
      'Invalid JSON',
      'string',
    ]);
    const nothing = await fetch(`${it.sim.url}/v2/apps`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    expect([nothing.status, await nothing.json()]).toEqual([
      400,
      { message: 'Please specify data in JSON format', details: 'No content to map due to end-of-input' },
    ]);
  });

  test('scale and wipe, and what is no task id', async () => {
    const both = await it.call('POST', '/v2/tasks/delete?scale=true&wipe=true', { ids: [] });
    expect([both.status, both.body['message']]).toEqual([
      400,
      'You cannot use scale and wipe at the same time.',
    ]);
    const odd = await it.call('POST', '/v2/tasks/delete', { ids: ['nonsense'] });
    expect([odd.status, odd.body['message']]).toEqual([
      400,
      expect.stringContaining("Invalid task id 'nonsense'."),
    ]);
  });
});

describe('404', () => {
  test.each([
    ['GET', '/v2/apps/none', "App '/none' does not exist"],
    ['PATCH', '/v2/apps/none', "App '/none' does not exist"],
    ['DELETE', '/v2/apps/none', "App '/none' does not exist"],
    ['POST', '/v2/apps/none/restart', "App '/none' does not exist"],
    ['GET', '/v2/apps/none/versions', "App '/none' does not exist"],
    [
      'GET',
      '/v2/apps/web/versions/2015-01-01T00:00:00.000Z',
      "App '/web' does not exist in version 2015-01-01T00:00:00.000Z",
    ],
    ['GET', '/v2/groups/none', "Group '/none' does not exist"],
    ['DELETE', '/v2/apps/web/tasks/web.none', "Task 'web.none' does not exist"],
    ['DELETE', '/v2/deployments/none', 'DeploymentPlan none does not exist'],
    ['POST', '/_sim/tasks/none/crash', "Task 'none' does not exist"],
  ])('%s %s', async (method, path, message) => {
    const answer = await it.call(method, path, method === 'PATCH' ? {} : undefined);
    expect([answer.status, answer.body]).toEqual([404, { message }]);
  });
});

describe('422 for what breaks a rule', () => {
  const idPattern = expect.stringMatching(/^must fully match regular expression/);
  const noCommand = "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.";
  const badIndex =
    'Health check port indices must address an element of the ports array or container port mappings.';
  test.each([
    [{ id: '/A' }, '/id', [idPattern]],
    [{ id: '/web_1' }, '/id', [idPattern]],
    [{ id: '/' }, '/id', ['Path must contain at least one path element']],
    [
      { id: '/a/tasks' },
      '/id',
      ['must not end with any of the following reserved keywords: restart, tasks, versions, ., ..'],
    ],
    [{ cmd: null }, '/', [noCommand]],
    [{ args: ['x'] }, '/', [noCommand]],
    [{ healthChecks: [{ portIndex: 4 }] }, '/healthChecks(0)', [badIndex]],
    [{ healthChecks: [{ protocol: 'COMMAND' }] }, '/healthChecks(0)/command', ['not defined']],
    [{ portDefinitions: [{ name: 'a' }, { name: 'a' }] }, '/portDefinitions', ['Port names must be unique.']],
    [
      { portDefinitions: [{ port: 80, name: 'a' }, { port: 80 }, { port: 81, name: 'a' }] },
      '/portDefinitions',
      ['Port names must be unique.', 'Ports must be unique.'],
    ],
    [
      { portDefinitions: [{ name: 'A b' }] },
      '/portDefinitions(0)/name',
      ["must fully match regular expression '^[a-z0-9-]+$'"],
    ],
    [{ acceptedResourceRoles: [] }, '/acceptedResourceRoles', ['must not be empty']],
    [
      { labels: { MARATHON_SINGLE_INSTANCE_APP: 'true' }, instances: 2 },
      '/',
      ['Single instance app may only have one instance'],
    ],
    [
      {
        labels: { MARATHON_SINGLE_INSTANCE_APP: 'true' },
        upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 0 },
      },
      '/upgradeStrategy/minimumHealthCapacity',
      ['got 1.0, expected 0.0'],
    ],
    [{ constraints: [['hostname', 'ONCE']] }, '/constraints(0)', ['illegal constraint operator ONCE']],
    [{ constraints: [['hostname']] }, '/constraints(0)', ['illegal constraint specification hostname']],
    [{ constraints: [['hostname', 'UNIQUE', '1']] }, '/constraints(0)', ['Value specified but not used']],
    [{ constraints: [['rack', 'CLUSTER']] }, '/constraints(0)', ['Missing value']],
    [{ constraints: [['rack', 'LIKE']] }, '/constraints(0)', ['A regular expression value must be provided']],
    [
      { constraints: [['rack', 'MAX_PER', 'x']] },
      '/constraints(0)',
      ['Value was specified but is not a number'],
    ],
    [
      { readinessChecks: [{ portName: 'none', intervalSeconds: 5, timeoutSeconds: 5 }] },
      '/readinessChecks(0)/portName',
      ['No port definition reference for portName none'],
    ],
    [
      { readinessChecks: [{ portName: 'default', intervalSeconds: 5, timeoutSeconds: 5 }] },
      '/readinessChecks(0)/timeoutSeconds',
      ['got 5, expected less than 5'],
    ],
    [
      { readinessChecks: [{ portName: 'default' }, { portName: 'default' }] },
      '/readinessChecks.size',
      ['got 2, expected 1 or less'],
    ],
  ])('%j', async (change, path, errors) => {
    const answer = await it.call('POST', '/v2/apps', { id: '/a', cmd: 'x', ...change });
    expect([answer.status, answer.body['message']]).toEqual([422, 'Object is not valid']);
    expect(answer.body['details']).toContainEqual({ path, errors });
  });

  test.each([
    ['that is a group', '/shop', { id: '/shop/web' }],
    ['within an app', '/web/inner', { id: '/web' }],
  ])('an app %s, which is told as a failed change', async (_, id, first) => {
    const marathon = await rig({ tasks: 'addresses' });
    onTestFinished(() => marathon.sim.close());
    await marathon.deploy('POST', '/v2/apps', { cmd: 'x', ...first });
    marathon.fresh();
    const answer = await marathon.call('POST', '/v2/apps', { id, cmd: 'x' });
    expect([answer.status, answer.body]).toEqual([
      422,
      {
        message: 'Object is not valid',
        details: [{ path: '/', errors: ['Groups and Applications may not have the same identifier.'] }],
      },
    ]);
    expect(marathon.fresh().map(({ eventType }) => eventType)).toEqual(['group_change_failed']);
  });

  test('version combined with anything', async () => {
    const answer = await it.call('PUT', '/v2/apps/web', {
      version: '2015-01-01T00:00:00.000Z',
      instances: 1,
    });
    expect([answer.status, answer.body['message']]).toEqual([
      422,
      "The 'version' field may only be combined with the 'id' field.",
    ]);
  });
});

describe('others', () => {
  test('409 for an app that is there, which is told as a change that failed', async () => {
    it.fresh();
    const answer = await it.call('POST', '/v2/apps', appOf('web'));
    const reason = 'An app with id [/web] already exists.';
    expect([answer.status, answer.body]).toEqual([409, { message: reason }]);
    expect(it.fresh()).toEqual([
      expect.objectContaining({ eventType: 'group_change_failed', groupId: '/', reason }),
    ]);
  });

  test('422 comes before 409: what is not valid is never looked for', async () => {
    it.fresh();
    const answer = await it.call('POST', '/v2/apps', { id: '/web' });
    expect([answer.status, answer.body['message']]).toEqual([422, 'Object is not valid']);
    expect(it.fresh()).toEqual([]);
  });

  test('415 without a JSON content type', async () => {
    const answer = await fetch(`${it.sim.url}/v2/apps`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'text/plain' },
    });
    expect(answer.status).toBe(415);
  });

  test.each(['/v2/nothing', '/nothing', '/v2/info/x', '/v2/deployments/x/y'])(
    '500 for the unknown route %s',
    async (path) => {
      const answer = await it.call('GET', path);
      expect([answer.status, answer.body]).toEqual([500, { message: 'URI not found' }]);
    },
  );

  test.each([undefined, '*/*', 'text/event-stream, */*', 'text/event-stream;q=1'])(
    '405 for the stream with Accept %s',
    async (accept) => {
      const answer = await fetch(
        `${it.sim.url}/v2/events`,
        accept === undefined ? {} : { headers: { accept } },
      );
      expect(answer.status).toBe(405);
      expect(answer.headers.get('content-type')).toContain('text/html');
      expect(await answer.text()).toContain('HTTP method GET is not supported by this URL');
    },
  );

  test('nothing that was refused left a trace', async () => {
    expect((await it.call('GET', '/v2/apps')).body).toMatchObject({ apps: [{ id: '/web' }] });
  });
});
