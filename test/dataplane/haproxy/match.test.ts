/** Requests with a header or cookie of their own, through a real HAProxy. */
import http from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MatchRule } from '../../../src/declared/rollout.ts';
import { plainListener, plainRules } from '../../../src/declared/types.ts';
import { appId, type SlotName } from '../../../src/model/ids.ts';
import type { ServiceTarget } from '../../../src/plan/target.ts';
import type { Farm } from '../../support/farm.ts';
import { freePorts } from '../../support/free-ports.ts';
import { request } from '../../support/load.ts';
import { endpoints, pool, service } from '../../support/targets.ts';
import { deadline, enter, openStage, type Stage } from './stage.ts';

let stage: Stage;
let old: Farm;
let fresh: Farm;
let port: number;
let direct: number;

beforeEach(async () => {
  stage = await openStage();
  [old, fresh] = await Promise.all([stage.farm('old', 1), stage.farm('fresh', 1)]);
  [port, direct] = (await freePorts(2)) as [number, number];
});
afterEach(async () => {
  await stage.dispose();
});

type Led = readonly (readonly [string, MatchRule])[];

function target(led: Led, more: Partial<ServiceTarget> = {}): ServiceTarget {
  return service(
    '/app',
    port,
    [
      pool('/old', 'a', 10_000, endpoints('old', old.ports)),
      pool('/fresh', 'b', 0, endpoints('fresh', fresh.ports)),
    ],
    {
      listeners: [plainListener(port, port), { ...plainListener(direct, direct), only: appId('/old') }],
      matches: led.map(([slot, rule]) => ({ slot: slot as SlotName, rule })),
      ...more,
    },
  );
}

const header = (name: string, value: string): MatchRule => ({ kind: 'header', name, value });
const cookie = (name: string, value: string): MatchRule => ({ kind: 'cookie', name, value });

async function appFor(
  headers: Readonly<Record<string, string>>,
  at = port,
  agent?: http.Agent,
): Promise<string> {
  const options = agent === undefined ? { headers } : { headers, agent };
  return JSON.parse((await request(at, options)).body).app;
}

test('a header leads to its slot at weight 0, and on, off and elsewhere without a reload', async () => {
  const { driver } = stage;
  const led = target([['b', header('X-Version', '1.1')]]);
  await enter(driver, [led]);
  const agent = new http.Agent({ keepAlive: true });
  const who = (value: string) => appFor({ 'x-version': value }, port, agent);
  expect([await who('1.1'), await who('1.10'), await who('1.0'), await appFor({})]).toEqual([
    'fresh',
    'old',
    'old',
    'old',
  ]);
  // Whoever asks for one app has that one.
  expect(await appFor({ 'x-version': '1.1' }, direct)).toBe('old');
  const scope = new Set([led.service]);
  for (const [next, found] of [
    [target([]), 'old'],
    [led, 'fresh'],
    [target([['a', header('X-Version', '1.1')]]), 'old'],
    [target([['b', header('x-VERSION', ' 1.1 ')]]), 'fresh'],
  ] as const) {
    expect((await driver.apply([next], deadline(), scope)).reloads).toBe(0);
    expect(await driver.verify([next], deadline(), scope)).toEqual({ outcome: 'yes' });
    expect(await driver.verify([next], deadline())).toEqual({ outcome: 'yes' });
    expect(await who('1.1')).toBe(found);
    expect((await driver.apply([next], deadline(), scope)).changes).toBe(0);
  }
  expect((await driver.verify([target([])], deadline(), scope)).outcome).toBe('no');
  agent.destroy();
});

test('a name that was never seen costs one reload, and none when it comes back', async () => {
  const { driver } = stage;
  await enter(driver, [target([])]);
  const scope = new Set([target([]).service]);
  const reloads: number[] = [];
  for (const led of [
    [['b', cookie('beta', 'on')]],
    [],
    [['b', cookie('beta', 'yes')]],
    [['b', cookie('Beta', 'yes')]],
    [['b', cookie('beta', 'yes')]],
  ] satisfies Led[]) {
    reloads.push((await driver.apply([target(led)], deadline(), scope)).reloads);
  }
  expect(reloads).toEqual([1, 0, 0, 1, 0]);
  const found = await Promise.all(
    ['beta=yes', 'a=1; beta=yes; b=2', 'Beta=yes', 'beta=on', 'xbeta=yes'].map((cookies) =>
      appFor({ cookie: cookies }),
    ),
  );
  expect(found).toEqual(['fresh', 'fresh', 'old', 'old', 'old']);
});

test('of several that match, the first in the order of choice has the request', async () => {
  const both: Led = [
    ['b', header('z-first', '1')],
    ['a', header('a-second', '1')],
  ];
  await enter(stage.driver, [target(both)]);
  const asked = { 'z-first': '1', 'a-second': '1' };
  expect(await appFor(asked)).toBe('fresh');
  expect((await stage.driver.apply([target(both.toReversed())], deadline())).reloads).toBe(0);
  expect(await appFor(asked)).toBe('old');
  expect(await appFor({ 'z-first': '1' })).toBe('fresh');
});

test('names and values are taken as they are, whatever they hold', async () => {
  const hostile: readonly MatchRule[] = [
    header("!#$%&'*+.^_`|~9Az-", '"; shutdown sessions; # %[src] ${HOME} \\ \'x'),
    cookie("a!#$%&'*+.^_`|~9Az-", 'b c "%[env(PATH)]'),
    header('x-unicode', 'ünï 😀'),
  ];
  await enter(stage.driver, [target(hostile.map((rule) => ['b', rule] as const))]);
  for (const { kind, name, value } of hostile) {
    const text = Buffer.from(value, 'utf8').toString('latin1');
    const sent = kind === 'header' ? { [name]: text } : { cookie: `${name}=${text}` };
    expect([name, await appFor(sent)]).toEqual([name, 'fresh']);
    expect(await appFor(kind === 'header' ? { [name]: 'x' } : { cookie: `${name}=x` })).toBe('old');
  }
});

test('who is led to a dead pool is served by the next, and who stays on a task of another is led too', async () => {
  const { driver } = stage;
  const sticky = { rules: { ...plainRules, sticky: true } };
  await enter(driver, [target([['b', header('x-version', '1.1')]], sticky)]);
  const stays = (await request(port)).headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  expect(stays).toMatch(/=a\.old-0$/);
  expect(await appFor({ 'x-version': '1.1', cookie: stays })).toBe('fresh');
  await fresh.kill();
  expect(await appFor({ 'x-version': '1.1' })).toBe('old');
  const refused = target([['b', header('x-version', '1.1')]], { ...sticky, noFailover: ['b' as SlotName] });
  await driver.apply([refused], deadline());
  expect((await request(port, { headers: { 'x-version': '1.1' } })).status).toBe(503);
  expect(await appFor({})).toBe('old');
});
