/** The paths of Vamp's API that pipelines used, with the statuses that Vamp gave. */
import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { tellingBaton } from '../cli/running.ts';
import { vampBaton } from './vamp-baton.ts';

const yaml = 'application/x-yaml';
const web =
  'name: web\nport: 8080/http\nroutes:\n  old:\n    weight: 60%\n  new:\n    weight: 40%\n    condition: User-Agent = Chrome\n    condition_strength: 50%\n';
const api = 'name: shop/api\nport: 9000/tcp\nroutes: old\n';

async function stage() {
  const { url, controller } = await vampBaton();
  return {
    controller,
    ask: async (
      method: string,
      path: string,
      body?: string,
      headers: Readonly<Record<string, string>> = {},
    ) => {
      const type = body === undefined ? {} : { 'content-type': yaml };
      const answer = await fetch(`${url}/api/v1/${path}`, {
        method,
        headers: { ...type, ...headers },
        ...(body !== undefined && { body }),
      });
      const text = await answer.text();
      return { status: answer.status, type: answer.headers.get('content-type'), text };
    },
  };
}

test('201 when it is new, 200 when it is changed, 204 when it is deleted, also twice', async () => {
  const { ask, controller } = await stage();
  expect((await ask('PUT', 'gateways/web', web)).status).toBe(201);
  expect((await ask('PUT', 'gateways/web', web)).status).toBe(200);
  expect((await ask('POST', 'gateways/web', web)).status).toBe(200);
  expect(controller.gateways().map(({ name }) => name)).toEqual(['web']);
  expect(await ask('DELETE', 'gateways/web')).toMatchObject({ status: 204, text: '' });
  expect((await ask('DELETE', 'gateways/web')).status).toBe(204);
  expect(controller.gateways()).toEqual([]);
});

test('a gateway with a selector is shown with the routes that it makes, and can be written again', async () => {
  const { ask, controller } = await stage();
  const selecting =
    'name: web\nport: 8080\nselector: "id((.*))"\nservice: {host: shop.example.com, port: 80/tcp}\n';
  const made = await ask('PUT', 'gateways/web', selecting);
  expect([made.status, JSON.parse(made.text)]).toMatchObject([
    201,
    {
      selector: 'id((.*))',
      service: { host: 'shop.example.com', port: '80/tcp' },
      routes: { '(new)': { weight: '100%' }, '(old)': { weight: '0%' } },
    },
  ]);
  const before = controller.gateways();
  const again = await ask('PUT', 'gateways/web', (await ask('GET', 'gateways/web')).text);
  expect([again.status, controller.gateways()]).toEqual([200, before]);
  const other = await ask('PUT', 'gateways/web', `${selecting}routes: (older)\n`);
  expect([other.status, other.text]).toEqual([
    400,
    expect.stringContaining("the gateway's selector finds only (new), (old)"),
  ]);
});

test('what is read can be written again, in JSON and in YAML', async () => {
  const { ask, controller } = await stage();
  await ask('POST', 'gateways?step=5%25&hold=1m&by=anna', web);
  const before = controller.gateways();
  expect(before).toMatchObject([{ ramp: { stepPercent: 5, holdMs: 60_000 }, immediate: false }]);
  const json = await ask('GET', 'gateways/web');
  expect(json.type).toContain('application/json');
  expect(JSON.parse(json.text)).toMatchObject({
    name: 'web',
    port: '8080/http',
    routes: { old: { weight: '60%', condition: null }, new: { weight: '40%', condition_strength: '50%' } },
  });
  const type = { 'content-type': 'application/json' };
  expect((await ask('PUT', 'gateways/web?step=5&hold=1m', json.text, type)).status).toBe(200);
  expect(controller.gateways()).toEqual(before);
  const asYaml = await ask('GET', 'gateways/web', undefined, { accept: yaml });
  expect(asYaml.type).toContain(yaml);
  expect(parse(asYaml.text)).toEqual(JSON.parse(json.text));
  expect((await ask('PUT', 'gateways/web?step=5&hold=1m', asYaml.text)).status).toBe(200);
  expect(controller.gateways()).toEqual(before);
});

test('several documents at once, and names with slashes, encoded or not', async () => {
  const { ask } = await stage();
  expect((await ask('POST', 'gateways', `${web}---\n${api}`)).status).toBe(201);
  expect(JSON.parse((await ask('GET', 'gateways')).text)).toMatchObject([
    { name: 'shop/api' },
    { name: 'web' },
  ]);
  expect((await ask('GET', 'gateways/shop%2Fapi')).status).toBe(200);
  expect((await ask('GET', 'gateways/shop/api')).status).toBe(200);
});

test('validate_only says whether, and changes nothing', async () => {
  const { ask, controller } = await stage();
  expect((await ask('POST', 'gateways?validate_only=true', web)).status).toBe(200);
  expect((await ask('POST', 'gateways?validate_only=true', web.replace('40%', '30%'))).status).toBe(400);
  expect(controller.gateways()).toEqual([]);
});

test.each<[string, string, string, number, string]>([
  ['PUT', 'gateways/other', web, 400, 'the gateway is called web, and it is sent to other'],
  ['PUT', 'gateways', web, 405, 'PUT /api/v1/gateways/NAME is'],
  ['DELETE', 'gateways', '', 405, 'DELETE /api/v1/gateways/NAME is'],
  ['PATCH', 'gateways/web', web, 405, 'GET, PUT, POST and DELETE is'],
  ['PUT', 'gateways/%zz', web, 400, 'is no valid path'],
  ['POST', 'breeds', web, 404, 'Baton has no breeds as Vamp had them'],
  ['POST', 'gateways', web.replace('40%', '30%'), 400, '"rule": "total-weight"'],
  ['POST', 'gateways', web.replace('  new:', '  newer:'), 400, '"line": 6'],
  ['POST', 'gateways?hold=1m', web, 400, 'hold needs a step'],
  ['POST', 'gateways?step=500', web, 400, 'it should be a percentage'],
  ['POST', 'gateways?step=5&hold=soon', web, 400, 'it should be a time'],
  ['POST', 'gateways?immediate=maybe', web, 400, 'it should be true or false'],
  ['PUT', 'deployments/shop', 'name: shop\n', 400, '"rule": "clusters"'],
  ['PUT', 'deployments', 'name: shop\n', 405, 'is not understood here'],
])('%s %s %j: %d', async (method, path, body, status, words) => {
  const { ask, controller } = await stage();
  const answer = await ask(method, path, body === '' ? undefined : body);
  expect(answer).toMatchObject({ status, text: expect.stringContaining(words) });
  expect(controller.gateways()).toEqual([]);
});

test.each<[string, Readonly<Record<string, string>>, number]>([
  ['another type', { 'content-type': 'text/plain' }, 415],
  ['a page of another site', { 'content-type': yaml, origin: 'http://evil.example' }, 403],
])('%s is refused', async (_, headers, status) => {
  const { ask, controller } = await stage();
  expect((await ask('POST', 'gateways', web, headers)).status).toBe(status);
  expect(controller.gateways()).toEqual([]);
});

test('a page of another site deletes nothing', async () => {
  const { ask, controller } = await stage();
  await ask('POST', 'gateways', web);
  expect((await ask('DELETE', 'gateways/web', undefined, { origin: 'http://evil.example' })).status).toBe(
    403,
  );
  expect(controller.gateways()).toHaveLength(1);
});

test('a shadow keeps no gateways', async () => {
  const url = await tellingBaton({});
  expect((await fetch(`${url}/api/v1/gateways`)).status).toBe(409);
});

test('deployments: none, and one that is gone is gone', async () => {
  const { ask } = await stage();
  expect((await ask('GET', 'deployments')).text).toBe('[]\n');
  expect((await ask('GET', 'deployments/shop')).status).toBe(404);
  expect((await ask('DELETE', 'deployments/shop')).status).toBe(204);
});

test.each<[string, string]>([
  ['workflows/canary', 'Baton has no workflows as Vamp had them. Let steps and analysis in ab_config'],
  ['blueprints', 'Deploy it: PUT /api/v1/deployments/NAME'],
  ['events?tag=gateways:web', 'GET /v1/services/gateway/NAME/history'],
  ['gatways', 'nothing is served at /api/v1/gatways; try /api/v1/gateways'],
  [
    'deployments/shop/clusters/web/services/web:1/scale',
    'nothing is served at /api/v1/deployments/shop/clusters/web/services/web:1/scale; deploy the blueprint',
  ],
])('%s is not here, and what is instead is said', async (path, words) => {
  const { ask } = await stage();
  const { status, text } = await ask('GET', path);
  expect([status, (JSON.parse(text) as { message: string }).message]).toEqual([
    404,
    expect.stringContaining(words),
  ]);
});

test('a list comes in pages where pages are asked for', async () => {
  const { ask } = await stage();
  await ask('POST', 'gateways', `${web}---\n${api}`);
  const names = async (query: string) =>
    (JSON.parse((await ask('GET', `gateways?${query}`)).text) as { name: string }[]).map(({ name }) => name);
  expect(await names('')).toEqual(['shop/api', 'web']);
  expect(await names('page=1')).toEqual(['shop/api', 'web']);
  expect(await names('page=2')).toEqual([]);
  expect(await names('page=2&per_page=1')).toEqual(['web']);
  expect((await ask('GET', 'gateways?page=0')).text).toContain('page is \\"0\\"; it should be a number');
  expect((await ask('GET', 'deployments?per_page=5')).text).toBe('[]\n');
});
