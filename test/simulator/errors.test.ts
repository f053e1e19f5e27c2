/** What is refused, and how it is said. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appOf, type Rig, rig } from './support.ts';

let it: Rig;
beforeAll(async () => {
  it = await rig();
  await it.deploy('POST', '/v2/apps', appOf('/web'));
});
afterAll(() => it.sim.close());

describe('400', () => {
  test.each([
    [{ id: 5 }, '/id', 'error.expected.jsstring'],
    [{ cmd: 'x' }, '/id', 'error.path.missing'],
    [{ id: '/a', instances: 'two' }, '/instances', 'error.expected.jsnumber'],
    [{ id: '/a', labels: { a: 1 } }, '/labels/a', 'error.expected.jsstring'],
    [{ id: '/a', labels: { a: null } }, '/labels/a', 'error.expected.jsstring'],
    [{ id: '/a', labels: ['a'] }, '/labels', 'error.expected.jsobject'],
    [{ id: '/a', env: { A: 1 } }, '/env/A', 'error.expected.jsstring'],
    [{ id: '/a', healthChecks: [{ path: 7 }] }, '/healthChecks(0)/path', 'error.expected.jsstring'],
    [
      { id: '/a', healthChecks: [{ protocol: 'UDP' }] },
      '/healthChecks(0)/protocol',
      'error.unknown.enum.literal',
    ],
    [{ id: '/a', upgradeStrategy: {} }, '/upgradeStrategy/maximumOverCapacity', 'error.path.missing'],
  ])('%j', async (body, path, error) => {
    const answer = await it.call('POST', '/v2/apps', body);
    expect(answer.status).toBe(400);
    expect(answer.body['message']).toBe('Invalid JSON');
    expect(answer.body['details']).toContainEqual({ path, errors: [error] });
  });

  test('no JSON at all', async () => {
    const answer = await it.call('POST', '/v2/apps', '{"id": ');
    expect([answer.status, answer.body['message'], typeof answer.body['details']]).toEqual([
      400,
      'Invalid JSON',
      'string',
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

describe('422', () => {
  test.each([
    [{ id: '/A' }, '/id'],
    [{ id: '/web_1' }, '/id'],
    [{ id: '/a/tasks' }, '/id'],
    [{ id: '/a', cmd: null }, '/'],
    [{ id: '/a', instances: -1 }, '/instances'],
    [
      { id: '/a', upgradeStrategy: { minimumHealthCapacity: 1.5, maximumOverCapacity: 1 } },
      '/upgradeStrategy/minimumHealthCapacity',
    ],
    [{ id: '/a', ports: [70_000] }, '/portDefinitions(0)/port'],
    [{ id: '/a', healthChecks: [{ portIndex: 4 }] }, '/healthChecks(0)'],
    [{ id: '/a', labels: { MARATHON_SINGLE_INSTANCE_APP: 'true' }, instances: 2 }, '/instances'],
  ])('%j', async (body, path) => {
    const answer = await it.call<{ message: string; details: readonly { path: string }[] }>(
      'POST',
      '/v2/apps',
      {
        cmd: 'x',
        ...body,
      },
    );
    expect([answer.status, answer.body.message]).toEqual([422, 'Object is not valid']);
    expect(answer.body.details.map((detail) => detail.path)).toContain(path);
  });

  test('the wording of a share above 1', async () => {
    const upgradeStrategy = { minimumHealthCapacity: 2, maximumOverCapacity: 0 };
    const answer = await it.call('PUT', '/v2/apps/web', { upgradeStrategy });
    expect(answer.body).toEqual({
      message: 'Object is not valid',
      details: [{ path: '/upgradeStrategy/minimumHealthCapacity', errors: ['is greater than 1'] }],
    });
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
  test('409 for an app that is there', async () => {
    const answer = await it.call('POST', '/v2/apps', appOf('web'));
    expect([answer.status, answer.body]).toEqual([409, { message: 'An app with id [/web] already exists.' }]);
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
