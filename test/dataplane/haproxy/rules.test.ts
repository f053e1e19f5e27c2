/** What happens to a service's requests besides being handed on, through a real HAProxy. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { plainListener, plainRules, type Rules } from '../../../src/declared/types.ts';
import type { ServiceTarget } from '../../../src/plan/target.ts';
import type { Farm } from '../../support/farm.ts';
import { freePorts } from '../../support/free-ports.ts';
import { type Answer, request } from '../../support/load.ts';
import { endpoints, pool, service } from '../../support/targets.ts';
import { deadline, enter, openStage, type Stage } from './stage.ts';

let stage: Stage;
let one: Farm;
let two: Farm;
let port: number;
let direct: number;

beforeEach(async () => {
  stage = await openStage();
  [one, two] = await Promise.all([stage.farm('one', 1), stage.farm('two', 1)]);
  [port, direct] = (await freePorts(2)) as [number, number];
});
afterEach(async () => {
  await stage.dispose();
});

/** On one port by name, on the other one by nothing; the second pool only takes over. */
function ruled(rules: Partial<Rules>): readonly ServiceTarget[] {
  return [
    service(
      '/app',
      port,
      [
        pool('/one', 'a', 10_000, endpoints('one', one.ports)),
        pool('/two', 'b', 0, endpoints('two', two.ports)),
      ],
      {
        listeners: [{ ...plainListener(port, port), hosts: ['a.example'] }, plainListener(direct, direct)],
        rules: { ...plainRules, ...rules },
      },
    ),
  ];
}

async function ask(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return request(port, { path, headers: { host: 'a.example', ...headers } });
}

/** In the first pool, and after fail-over. */
async function inBoth(check: () => Promise<void>): Promise<void> {
  await check();
  await one.kill();
  await check();
}

test('plain requests for a name are sent to https, others are served', async () => {
  await enter(stage.driver, ruled({ redirectToHttps: true }));
  const answer = await ask('/x?y=%20', { host: `A.example:${port}` });
  expect([answer.status, answer.headers.location]).toEqual([301, 'https://a.example/x?y=%20']);
  expect((await request(direct, { headers: { host: 'a.example' } })).status).toBe(200);
  expect((await request(direct)).status).toBe(200);
  // Who names no host cannot be sent to one.
  expect((await request(direct, { headers: { host: '' } })).status).toBe(200);
});

test('who came over TLS to a load balancer in front is sent nowhere, and told to come so again', async () => {
  await enter(stage.driver, ruled({ redirectToHttps: true, useHsts: true }));
  const hsts = 'strict-transport-security';
  await inBoth(async () => {
    const answer = await ask('/', { 'x-forwarded-proto': 'https' });
    expect([answer.status, answer.headers[hsts]]).toEqual([200, 'max-age=15768000']);
    const plain = await ask('/', { 'x-forwarded-proto': 'http' });
    expect([plain.status, plain.headers[hsts]]).toEqual([301, undefined]);
  });
});

test('a password is asked for once, also when another pool takes over', async () => {
  const password =
    '$6$abcdefgh$yVfUwsw5T.JApa8POvClA1pQ5peiq97DUNyXCZN5IrF.BMSkiaLQ5kvpuEm/VQ1Tvh/KV2TcaWh8qinoW5dhA1';
  await enter(stage.driver, ruled({ auth: { realm: 'team', user: 'john', password } }));
  await inBoth(async () => {
    const refused = await ask('/');
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, 'Basic realm="team"']);
    expect((await ask('/', { authorization: basic('john', 'wrong') })).status).toBe(401);
    expect((await ask('/', { authorization: basic('john', 'password') })).status).toBe(200);
  });
});

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

test('only the networks that are allowed come through', async () => {
  const { driver } = stage;
  const many = Array.from({ length: 50 }, (_, n) => `10.0.${n}.0/24`);
  await enter(driver, ruled({ allowedNetworks: many }));
  expect((await ask('/')).status).toBe(403);
  expect(
    (await driver.apply(ruled({ allowedNetworks: [...many, '127.0.0.1', '2001:db8::/32'] }), deadline()))
      .reloads,
  ).toBe(1);
  await inBoth(async () => {
    expect((await ask('/')).status).toBe(200);
  });
  // A rule that cannot be kept to lets nobody in.
  const { diagnostics } = await driver.apply(ruled({ allowedNetworks: ['10.0.0.0/8 } global'] }), deadline());
  expect(diagnostics.map(({ code }) => code)).toEqual(['rule-invalid']);
  expect((await ask('/')).status).toBe(403);
});

test('paths are cut off on the way in, put before on the way out, once; the root leads elsewhere', async () => {
  await enter(
    stage.driver,
    ruled({ proxyPassPath: '/a.b/c', reverseProxyPath: '/a.b/c/', redirectPath: '/a.b/c/home' }),
  );
  await inBoth(async () => {
    const root = await ask('/');
    expect([root.status, root.headers.location]).toEqual([301, '/a.b/c/home']);
    const paths: readonly (readonly [string, string])[] = [
      ['/a.b/c/x/y?z=/a.b/c', '/x/y?z=/a.b/c'],
      ['/a.b/c', '/'],
      ['/a.b/c/a.b/c/x', '/a.b/c/x'],
      ['/a.b/cx', '/a.b/cx'],
      ['/aXb/c/x', '/aXb/c/x'],
    ];
    for (const [asked, given] of paths) expect(JSON.parse((await ask(asked)).body).path).toBe(given);
    const places: readonly (readonly [string, string])[] = [
      ['/in?q=a,b', '/a.b/c/in?q=a,b'],
      [`http://a.example:${port}/in`, '/a.b/c/in'],
      ['https://A.Example', '/a.b/c'],
      ['http://b.example/in', 'http://b.example/in'],
      ['//b.example/in', '//b.example/in'],
      ['in', 'in'],
    ];
    for (const [said, heard] of places) {
      const { headers } = await ask(`/x?location=${encodeURIComponent(said)}`);
      expect(headers.location).toBe(heard);
    }
  });
});

test('what the server hears of the client, and rules that change cost one reload, none when they stay', async () => {
  const { driver } = stage;
  await enter(driver, ruled({}));
  const heard = async (headers = {}) => JSON.parse((await ask('/', headers)).body).headers;
  await inBoth(async () => {
    expect(await heard()).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': String(port),
    });
    // From a load balancer in front that ends TLS.
    expect(await heard({ 'x-forwarded-proto': 'https' })).toMatchObject({ 'x-forwarded-proto': 'https' });
  });
  for (const [rules, reloads] of [
    [{ redirectPath: '/home' }, 1],
    [{ redirectPath: '/home' }, 0],
    [{ redirectPath: '/', useHsts: true }, 1],
    [{}, 1],
  ] as const) {
    const target = ruled(rules);
    const scope = new Set(target.map((each) => each.service));
    expect((await driver.apply(target, deadline(), scope)).reloads).toBe(reloads);
    expect(await driver.verify(target, deadline(), scope)).toEqual({ outcome: 'yes' });
    expect((await driver.apply(target, deadline())).changes).toBe(0);
  }
});

test('rules outlive Baton', async () => {
  await enter(stage.driver, ruled({ redirectPath: '/home' }));
  await stage.driver.stop(deadline());
  const { driver } = stage.another();
  await driver.start(deadline());
  expect(await driver.apply(ruled({ redirectPath: '/home' }), deadline())).toMatchObject({
    reloads: 0,
    changes: 0,
  });
  expect((await ask('/')).status).toBe(301);
});
