/** Requests that meet conditions, through a real HAProxy. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { plainListener } from '../../../src/declared/types.ts';
import type { Condition } from '../../../src/declared/vamp/condition.ts';
import { appId, type SlotName } from '../../../src/model/ids.ts';
import type { ConditionTarget, ServiceTarget } from '../../../src/plan/target.ts';
import type { Farm } from '../../support/farm.ts';
import { freePorts } from '../../support/free-ports.ts';
import { pipeline, request } from '../../support/load.ts';
import { endpoints, pool, service } from '../../support/targets.ts';
import { deadline, enter, openStage, type Stage } from './stage.ts';

let stage: Stage;
let old: Farm;
let fresh: Farm;
let port: number;
let direct: number;
let shared: number;

beforeEach(async () => {
  stage = await openStage();
  [old, fresh] = await Promise.all([stage.farm('old', 1), stage.farm('fresh', 1)]);
  [port, direct, shared] = (await freePorts(3)) as [number, number, number];
});
afterEach(async () => {
  await stage.dispose();
});

const and = (...operands: Condition[]): Condition => ({ kind: 'and', operands });
const or = (...operands: Condition[]): Condition => ({ kind: 'or', operands });
const not = (operand: Condition): Condition => ({ kind: 'not', operand });
const has = (name: string): Condition => ({ kind: 'has-header', name });
const agent = (value: string): Condition => ({ kind: 'user-agent', value });
const led = (condition: Condition, strength = 100, slot: string | null = 'b'): ConditionTarget => ({
  slot: slot as SlotName | null,
  condition,
  strength,
});

/** All shares are the old pool's, unless others are asked for. */
function target(
  conditions: readonly ConditionTarget[],
  more: Partial<ServiceTarget> = {},
  share = 0,
): ServiceTarget {
  return service(
    '/app',
    port,
    [
      pool('/old', 'a', 10_000 - share, endpoints('old', old.ports)),
      pool('/fresh', 'b', share, endpoints('fresh', fresh.ports)),
    ],
    {
      listeners: [
        plainListener(port, port),
        { ...plainListener(direct, direct), only: appId('/old') },
        { ...plainListener(shared, shared), hosts: ['one.example'] },
      ],
      conditions,
      ...more,
    },
  );
}

async function appFor(headers: Readonly<Record<string, string>>, at = port): Promise<string> {
  return JSON.parse((await request(at, { headers })).body).app;
}

test('each thing that can be asked is asked of the request', async () => {
  const cases: readonly [Condition, Record<string, string>[], Record<string, string>[]][] = [
    [
      { kind: 'host', value: 'Shop.example' },
      [{ host: 'shop.EXAMPLE' }, { host: 'shop.example:8080' }],
      [{ host: 'shop.example.org' }, { host: 'my.shop.example' }],
    ],
    [
      agent('Firefox'),
      [{ 'user-agent': 'Mozilla/5.0, (X11) Firefox/130' }],
      [{ 'user-agent': 'firefox' }, {}],
    ],
    [has('X-Beta'), [{ 'x-beta': 'no' }, { 'X-BETA': '' }], [{ 'x-betas': '1' }, {}]],
    [{ kind: 'has-cookie', name: 'beta' }, [{ cookie: 'a=1; beta=2' }], [{ cookie: 'Beta=2' }, {}]],
    [
      { kind: 'header', name: 'X-Who', value: 'ann' },
      [{ 'x-who': 'joanna' }, { 'x-who': 'bob, ann' }],
      [{ 'x-who': 'Ann' }, {}],
    ],
    [
      { kind: 'cookie', name: 'who', value: 'ann' },
      [{ cookie: 'who=joanna' }],
      [{ cookie: 'x=ann; who=bob' }],
    ],
  ];
  await enter(stage.driver, [target([])]);
  for (const [condition, met, others] of cases) {
    const asked = target([led(condition)]);
    expect((await stage.driver.apply([asked], deadline())).reloads).toBe(1);
    for (const headers of met) {
      expect([headers, await appFor(headers)]).toEqual([headers, 'fresh']);
      // Whoever asks for one app has that one.
      expect(await appFor(headers, direct)).toBe('old');
    }
    for (const headers of others) expect([headers, await appFor(headers)]).toEqual([headers, 'old']);
    expect(await appFor(Object.assign({}, ...met, { host: 'one.example' }), shared)).toBe(
      condition.kind === 'host' ? 'old' : 'fresh',
    );
  }
});

test('not, and, or, nested and long, are what they say', async () => {
  const [a, b, c] = [has('a'), has('b'), has('c')];
  const many = Array.from({ length: 64 }, (_, at) => has(`n${at}`));
  const all = Object.fromEntries(many.map((_, at) => [`n${at}`, '1']));
  const without = (at: number) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => name !== `n${at}`));
  const three = ['', 'a', 'b', 'c', 'ab', 'ac', 'bc', 'abc'];
  const headersOf = (letters: string) => Object.fromEntries(letters.split('').map((letter) => [letter, '1']));
  const cases: readonly [Condition, (x: { a: boolean; b: boolean; c: boolean }) => boolean][] = [
    [not(a), (x) => !x.a],
    [not(not(a)), (x) => x.a],
    [and(a, b, c), (x) => x.a && x.b && x.c],
    [or(a, and(b, not(c))), (x) => x.a || (x.b && !x.c)],
    [and(or(a, b), or(b, c), not(and(a, c))), (x) => (x.a || x.b) && (x.b || x.c) && !(x.a && x.c)],
    [not(or(not(and(a, not(b))), c)), (x) => !(!(x.a && !x.b) || x.c)],
    [or(not(and(a, or(b, not(c)))), and(or(a), not(not(b)))), (x) => !(x.a && (x.b || !x.c)) || (x.a && x.b)],
  ];
  await enter(stage.driver, [target([])]);
  for (const [condition, truth] of cases) {
    await stage.driver.apply([target([led(condition)])], deadline());
    for (const letters of three) {
      const here = (letter: string) => letters.includes(letter);
      const expected = truth({ a: here('a'), b: here('b'), c: here('c') }) ? 'fresh' : 'old';
      expect([condition, letters, await appFor(headersOf(letters))]).toEqual([condition, letters, expected]);
    }
  }
  await stage.driver.apply([target([led(and(...many))])], deadline());
  expect([await appFor(all), await appFor(without(0)), await appFor(without(63))]).toEqual([
    'fresh',
    'old',
    'old',
  ]);
  await stage.driver.apply([target([led(not(or(...many)))])], deadline());
  expect([await appFor({}), await appFor({ n0: '1' }), await appFor({ n63: '1' })]).toEqual([
    'fresh',
    'old',
    'old',
  ]);
});

test('the first that is met and leads somewhere decides; where they lead moves without a reload', async () => {
  const { driver } = stage;
  const first = (slot: string | null, strength = 100) => led(has('a'), strength, slot);
  const second = (slot: string | null) => led(or(has('a'), has('b')), 100, slot);
  await enter(driver, [target([first('b'), second('a')])]);
  const found = async () => [await appFor({ a: '1' }), await appFor({ b: '1' }), await appFor({})];
  expect(await found()).toEqual(['fresh', 'old', 'old']);
  const scope = new Set([target([]).service]);
  const steps: readonly [ServiceTarget, readonly string[]][] = [
    [target([first(null), second('b')]), ['fresh', 'fresh', 'old']],
    [target([first('a'), second('b')]), ['old', 'fresh', 'old']],
    [target([first(null), second(null)]), ['old', 'old', 'old']],
    [target([first('b', 0), second('b')]), ['old', 'fresh', 'old']],
    [target([first('a'), second(null)], {}, 10_000), ['old', 'fresh', 'fresh']],
    [
      target([first('b'), second('b')], {
        matches: [{ slot: 'a' as SlotName, rule: { kind: 'header', name: 'a', value: '1' } }],
      }),
      ['old', 'fresh', 'old'],
    ],
  ];
  let before = target([first('b'), second('a')]);
  for (const [at, [next, expected]] of steps.entries()) {
    expect((await driver.verify([next], deadline(), scope)).outcome).toBe('no');
    // A match's name that was never seen is another thing.
    expect((await driver.apply([next], deadline(), scope)).reloads).toBe(at === steps.length - 1 ? 1 : 0);
    for (const each of [scope, 'all'] as const) {
      expect(await driver.verify([next], deadline(), each)).toEqual({ outcome: 'yes' });
      expect((await driver.verify([before], deadline(), each)).outcome).toBe('no');
    }
    expect((await driver.apply([next], deadline())).changes).toBe(0);
    expect([at, await found()]).toEqual([at, expected]);
    before = next;
  }
});

test('other conditions, or another order, are one reload; the next Baton finds them', async () => {
  const { driver } = stage;
  const conditions = [led(has('a')), led(has('b'), 100, 'a')];
  await enter(driver, [target(conditions)]);
  const scope = new Set([target([]).service]);
  const reloads: number[] = [];
  for (const next of [conditions.toReversed(), conditions.slice(0, 1), [], conditions, conditions]) {
    expect((await driver.verify([target(next)], deadline(), scope)).outcome).toBe(
      reloads.length === 4 ? 'yes' : 'no',
    );
    reloads.push((await driver.apply([target(next)], deadline(), scope)).reloads);
    expect(await driver.verify([target(next)], deadline(), scope)).toEqual({ outcome: 'yes' });
  }
  expect(reloads).toEqual([1, 1, 1, 1, 0]);
  const { driver: next } = stage.another();
  await driver.stop(deadline());
  await next.start(deadline());
  expect(await next.verify([target(conditions)], deadline())).toEqual({ outcome: 'yes' });
  const applied = await next.apply([target(conditions)], deadline());
  expect([applied.reloads, applied.changes]).toEqual([0, 0]);
  expect(await appFor({ a: '1' })).toBe('fresh');
});

test('strength 50 on shares of 80 and 20 gives 40 and 60 to those who meet it, whoever else asks meanwhile', async () => {
  await enter(stage.driver, [target([led({ kind: 'host', value: 'x' }, 50)], {}, 2_000)]);
  const count = 2_000;
  const [met, others] = await Promise.all([pipeline(port, count, 'x'), pipeline(port, count, 'y')]);
  expect([...met.failures, ...others.failures]).toEqual([]);
  // One walk of the split for both: together they have their part, and who of them has which step of it is chance.
  const [some, rest] = [met.apps['fresh'] ?? 0, others.apps['fresh'] ?? 0];
  expect(Math.abs(some + rest - 1_600)).toBeLessThanOrEqual(10);
  expect(Math.abs(some - 1_200)).toBeLessThanOrEqual(150);
  const alone = await pipeline(port, 2_000, 'x');
  expect(Math.abs((alone.apps['fresh'] ?? 0) - 1_200)).toBeLessThanOrEqual(4);
  for (const strength of [1, 33, 99]) {
    await stage.driver.apply([target([led({ kind: 'host', value: 'x' }, strength)], {}, 0)], deadline());
    expect((await pipeline(port, 1_000, 'x')).apps['fresh']).toBe(strength * 10);
  }
});

test('values and names are taken as they are, and what cannot be asked is named and left out', async () => {
  const nasty = '"; shutdown sessions; # %[src] ${HOME} \\ \'x';
  const name = "!#$%&'*+.^_`|~9Az-";
  const good: readonly ConditionTarget[] = [
    led({ kind: 'header', name, value: nasty }),
    led({ kind: 'cookie', name: `a${name}`, value: 'b c "%[env(PATH)]' }),
    led(agent('ünï 😀')),
    led({ kind: 'raw', acl: 'hdr_sub(user-agent) -i Android Tizen' }),
  ];
  const bad: readonly Condition[] = [
    { kind: 'raw', acl: 'no_such_fetch x' },
    { kind: 'raw', acl: 'be_conn gt 0' },
    { kind: 'raw', acl: 'path -f /etc/passwd' },
    { kind: 'raw', acl: 'always_true\n  http-request deny' },
    not({ kind: 'raw', acl: 'path_reg (' }),
    agent('a\nglobal'),
    agent(''),
    has('a b'),
    and(),
    and(...Array.from({ length: 1_000 }, () => agent('Mozilla'))),
    Array.from({ length: 100 }).reduce<Condition>((inner) => not(inner), agent('Mozilla')),
  ];
  await enter(stage.driver, [target(good)]);
  const { diagnostics, reloads } = await stage.driver.apply(
    [target([...bad.map((condition) => led(condition)), ...good])],
    deadline(),
  );
  expect(diagnostics.map(({ code }) => code)).toEqual(bad.map(() => 'condition-invalid'));
  expect(reloads).toBe(0);
  const latin = (value: string) => Buffer.from(value, 'utf8').toString('latin1');
  expect(await appFor({ [name]: `x${nasty}x` })).toBe('fresh');
  expect(await appFor({ cookie: `a${name}=xb c "%[env(PATH)]x` })).toBe('fresh');
  expect(await appFor({ 'user-agent': latin('is ünï 😀') })).toBe('fresh');
  expect(await appFor({ 'user-agent': 'on android 14' })).toBe('fresh');
  expect(await appFor({ 'user-agent': 'Mozilla' })).toBe('old');
});

test('each service is asked for its own, on a port that they share', async () => {
  const { driver } = stage;
  const second = service(
    '/second',
    shared,
    [
      pool('/old', 'a', 10_000, endpoints('old', old.ports)),
      pool('/fresh', 'b', 0, endpoints('fresh', fresh.ports)),
    ],
    { hosts: ['two.example'], conditions: [led(and(has('b'), not(has('a'))))] },
  );
  await enter(driver, [target([led(and(has('a'), not(has('c'))))]), second]);
  const found = async (headers: Readonly<Record<string, string>>) => [
    await appFor({ ...headers, host: 'one.example' }, shared),
    await appFor({ ...headers, host: 'two.example' }, shared),
  ];
  expect(await found({})).toEqual(['old', 'old']);
  expect(await found({ a: '1' })).toEqual(['fresh', 'old']);
  expect(await found({ b: '1' })).toEqual(['old', 'fresh']);
  expect(await found({ a: '1', b: '1' })).toEqual(['fresh', 'old']);
});
