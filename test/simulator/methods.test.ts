/** Methods that a path does not have, HEAD and OPTIONS. */
import { gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appOf, type Rig, rig } from './support.ts';

let it: Rig;
beforeAll(async () => {
  it = await rig({ tasks: 'addresses' });
  await it.deploy('POST', '/v2/apps', appOf('/shop/web'));
});
afterAll(() => it.sim.close());

test.each([
  ['DELETE', '/v2/apps', 'GET,POST,PUT,PATCH,HEAD,OPTIONS'],
  ['POST', '/v2/apps/shop/web', 'GET,PUT,PATCH,DELETE,HEAD,OPTIONS'],
  ['GET', '/v2/apps/shop/web/restart', 'POST,OPTIONS'],
  ['POST', '/v2/apps/shop/web/versions', 'GET,HEAD,OPTIONS'],
  ['POST', '/v2/apps/shop/web/tasks', 'GET,DELETE,HEAD,OPTIONS'],
  ['PUT', '/v2/tasks', 'GET,HEAD,OPTIONS'],
  ['GET', '/v2/tasks/delete', 'POST,OPTIONS'],
  ['POST', '/v2/deployments', 'GET,HEAD,OPTIONS'],
  ['PUT', '/v2/groups/versions', 'GET,HEAD,OPTIONS'],
  ['POST', '/v2/info', 'GET,HEAD,OPTIONS'],
  ['POST', '/ping', 'GET,HEAD,OPTIONS'],
])('%s %s', async (method, path, allowed) => {
  const answer = await it.call(method, path);
  expect([answer.status, answer.headers.get('allow'), answer.body]).toEqual([
    405,
    allowed,
    { message: 'HTTP 405 Method Not Allowed' },
  ]);
  const options = await it.call('OPTIONS', path);
  expect([options.status, options.headers.get('allow'), options.text]).toEqual([200, allowed, '']);
});

test.each(['/v2/apps', '/v2/groups', '/v2/info', '/ping'])('HEAD %s', async (path) => {
  const [head, get] = [await it.call('HEAD', path), await it.call('GET', path)];
  expect([head.status, head.text]).toEqual([200, '']);
  expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
});

test('who asks for a compressed answer gets one', async () => {
  const ask = (encodings: string) =>
    request(`${it.sim.url}/v2/apps/shop/web`, { headers: { 'accept-encoding': encodings } });
  const [plain, zipped] = [await ask('identity'), await ask('deflate, gzip')];
  expect([plain.headers['content-encoding'], zipped.headers['content-encoding']]).toEqual([
    undefined,
    'gzip',
  ]);
  const bytes = Buffer.from(await zipped.body.arrayBuffer());
  expect(gunzipSync(bytes).toString()).toBe(await plain.body.text());
  expect(bytes.length).toBe(Number(zipped.headers['content-length']));
});

test('there are no plugins, and no group has tasks to kill', async () => {
  expect((await it.call('GET', '/v2/plugins')).body).toEqual({ plugins: [] });
  const kill = await it.call('DELETE', '/v2/apps/shop/*/tasks');
  expect([kill.status, kill.body]).toEqual([404, { message: "App '/shop/*' does not exist" }]);
});
