/** Which service answers which request: by name and beginning of the path, through a real HAProxy. */
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import type { Listener } from '../../../src/declared/types.ts';
import { plainListener } from '../../../src/declared/types.ts';
import { routesOf } from '../../../src/dataplane/haproxy/routes.ts';
import { run } from '../../../src/dataplane/haproxy/socket.ts';
import type { Service } from '../../../src/dataplane/haproxy/state.ts';
import { appId } from '../../../src/model/ids.ts';
import type { ServiceTarget } from '../../../src/plan/target.ts';
import { freePorts } from '../../support/free-ports.ts';
import { request } from '../../support/load.ts';
import { endpoints, pool, service } from '../../support/targets.ts';
import { deadline, enter, openStage, type Stage } from './stage.ts';
import { cases } from '../../support/cases.ts';

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.dispose();
  stage = undefined;
});

async function who(port: number, host: string, path: string): Promise<string> {
  const answer = await request(port, { path, headers: { host } });
  return answer.status === 200 ? JSON.parse(answer.body).app : String(answer.status);
}

function at(port: number, host: string, prefixes: readonly string[], more: Partial<Listener> = {}): Listener {
  const paths = prefixes.map((prefix) => ({ prefix, ignoresCase: false }));
  return { ...plainListener(port, port), hosts: host === '' ? [] : [host], paths, ...more };
}

test('the highest rank has a request, then the longest beginning; without one, who has the name, then the port', async () => {
  stage = await openStage();
  const { driver } = stage;
  const names = ['api', 'v2', 'site', 'first', 'loose', 'rest'] as const;
  const farms = await Promise.all(names.map((name) => (stage as Stage).farm(name, 1)));
  const [port] = (await freePorts(1)) as [number];
  const insensitive = [{ prefix: '/Loose', ignoresCase: true }];
  const listeners: Readonly<Record<(typeof names)[number], readonly Listener[]>> = {
    api: [at(port, 'a.example', ['/api', '/loose'], { rank: 1 })],
    v2: [at(port, 'a.example', ['/api/v2', '/only'], { rank: 1 })],
    site: [at(port, 'a.example', [])],
    first: [at(port, 'a.example', ['/api/v2/f', '/on'], { rank: 5 })],
    loose: [
      at(port, 'a.example', [], { rank: 1, paths: insensitive }),
      at(port, 'l.example', [], { paths: insensitive }),
    ],
    rest: [at(port, '', [])],
  };
  const target = names.map((name, index) =>
    service(`/${name}`, port, [pool(`/${name}`, 'a', 10_000, endpoints(name, farms[index]?.ports ?? []))], {
      listeners: listeners[name],
    }),
  );
  expect(await enter(driver, target)).toBe(1);
  const expected: readonly (readonly [string, string, string])[] = [
    ['a.example', '/', 'site'],
    ['a.example', '/ap', 'site'],
    ['A.Example:80', '/api', 'api'],
    ['a.example', '/api/v1?q=/api/v2', 'api'],
    ['a.example', '/API', 'site'],
    ['a.example', '/apix', 'api'],
    ['a.example', '/api/v2', 'v2'],
    ['a.example', '/api/v2/x', 'v2'],
    ['a.example', '/api/v2/f', 'first'],
    // A higher rank wins over a longer beginning.
    ['a.example', '/only', 'first'],
    ['a.example', '/LOOSE', 'loose'],
    // The same beginning in its own case: of equal rank and length, the one that minds the case.
    ['a.example', '/loose', 'api'],
    ['l.example', '/lOOse/x', 'loose'],
    ['l.example', '/other', 'rest'],
    ['b.example', '/api', 'rest'],
  ];
  const found = await Promise.all(
    expected.map(async ([host, path]) => [host, path, await who(port, host, path)]),
  );
  expect(found).toEqual(expected);
  expect(await driver.verify(target, deadline())).toEqual({ outcome: 'yes' });
  for (const each of target) {
    const scope = new Set([each.service]);
    expect(await driver.verify([each], deadline(), scope)).toEqual({ outcome: 'yes' });
    expect(await driver.apply([each], deadline(), scope)).toMatchObject({ reloads: 0, changes: 0 });
  }
});

test('hosts and paths of a service come and go without a reload, also by themselves, and verify finds other hands', async () => {
  stage = await openStage();
  const { driver, dir } = stage;
  const [one, two] = await Promise.all([stage.farm('one', 1), stage.farm('two', 1)]);
  const [port] = (await freePorts(1)) as [number];
  const target = (hosts: readonly Listener[]): readonly [ServiceTarget, ServiceTarget] => [
    service('/one', port, [pool('/one', 'a', 10_000, endpoints('one', one.ports))], {
      listeners: [at(port, 'a.example', []), at(port, 'a.example', ['/deep/er'])],
    }),
    service('/two', port, [pool('/two', 'a', 10_000, endpoints('two', two.ports))], { listeners: hosts }),
  ];
  await enter(driver, target([at(port, 'b.example', [])]));
  expect(await who(port, 'a.example', '/deep/er')).toBe('one');
  const steps: readonly (readonly [readonly Listener[], readonly [string, string, string]])[] = [
    [[at(port, 'a.example', ['/deep'], { rank: 2 })], ['a.example', '/deep/er', 'two']],
    [[at(port, 'a.example', ['/deep'], { rank: -1 })], ['a.example', '/deep/er', 'one']],
    [
      [at(port, 'c.example', ['/x']), at(port, 'd.example', [])],
      ['c.example', '/x/', 'two'],
    ],
    [[at(port, 'd.example', [])], ['c.example', '/x/', '503']],
  ];
  for (const [hosts, [host, path, app]] of steps) {
    const [, changed] = target(hosts);
    const scope = new Set([changed.service]);
    expect((await driver.verify([changed], deadline(), scope)).outcome).toBe('no');
    expect((await driver.apply([changed], deadline(), scope)).reloads).toBe(0);
    expect(await driver.verify([changed], deadline(), scope)).toEqual({ outcome: 'yes' });
    expect(await driver.verify(target(hosts), deadline())).toEqual({ outcome: 'yes' });
    expect(await who(port, host, path)).toBe(app);
  }
  const socket = `${dir}/haproxy/runtime.sock`;
  const [, last] = target([at(port, 'a.example', ['/p'])]);
  const scope = new Set([last.service]);
  await driver.apply([last], deadline(), scope);
  await run(socket, [`del map maps/paths.map 127.0.0.1:${port}/a.example/p`], deadline());
  expect((await driver.verify([last], deadline(), scope)).outcome).toBe('no');
  await driver.apply([last], deadline(), scope);
  expect(await who(port, 'a.example', '/p')).toBe('two');
});

test('a listener of one app leads to its pool wherever that is, and nowhere else', async () => {
  stage = await openStage();
  const { driver } = stage;
  const [blue, green] = await Promise.all([stage.farm('blue', 1), stage.farm('green', 1)]);
  const [port, direct] = (await freePorts(2)) as [number, number];
  const only = { ...plainListener(direct, direct), only: appId('/green') };
  const target = (slot: string, apps = ['blue', 'green']): readonly ServiceTarget[] => [
    service(
      '/app',
      port,
      [
        pool('/blue', 'a', 10_000, endpoints('blue', blue.ports)),
        pool('/green', slot, 0, endpoints('green', green.ports)),
      ].filter((each) => apps.includes(each.app.slice(1))),
      { listeners: [plainListener(port, port), only] },
    ),
  ];
  await enter(driver, target('b'));
  expect(await Promise.all([who(port, 'x', '/'), who(direct, 'x', '/')])).toEqual(['blue', 'green']);
  expect((await driver.apply(target('b', ['blue']), deadline())).reloads).toBe(0);
  expect(await who(direct, 'x', '/')).toBe('503');
  expect(await driver.verify(target('b', ['blue']), deadline())).toEqual({ outcome: 'yes' });
  await enter(driver, target('c'));
  expect(await driver.verify(target('c'), deadline())).toEqual({ outcome: 'yes' });
  expect(await Promise.all([who(port, 'x', '/'), who(direct, 'x', '/')])).toEqual(['blue', 'green']);
  await green.kill();
  expect(await Promise.all([who(port, 'x', '/'), who(direct, 'x', '/')])).toEqual(['blue', '503']);
});

test('the rows give every request to whom a look at all claims gives it', () => {
  const prefix = fc
    .array(fc.constantFrom('a', 'A', 'b', '/'), { maxLength: 4 })
    .map((all) => `/${all.join('')}`);
  const claims = fc.array(
    fc.record({
      paths: fc.array(fc.record({ prefix, ignoresCase: fc.boolean() }), { maxLength: 3 }),
      rank: fc.integer({ min: -2, max: 2 }),
    }),
    { minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(claims, prefix, (all, path) => {
      const services = all.map(({ paths, rank }, index) => ({
        name: `s${index}`,
        removed: false,
        slots: [],
        listeners: [{ ...plainListener(80, 80), hosts: ['h'], paths, rank }],
      })) as unknown as readonly Service[];
      const { hosts, paths, anycase } = routesOf(services, { bind: '*' });
      const longest = (rows: ReadonlyMap<string, string>, text: string) => {
        const fitting = [...rows.keys()].filter((key) => text.startsWith(key.slice('*:80/h'.length)));
        return rows.get(fitting.reduce((a, b) => (b.length > a.length ? b : a), ''));
      };
      const rows = [longest(paths, path), longest(anycase, path.toLowerCase())].filter(
        (row) => row !== undefined,
      );
      const [best] = rows.sort((a, b) => Number(b.split(':')[0]) - Number(a.split(':')[0]));
      const found = best?.split(':')[1] ?? hosts.get('*:80/h');
      const scores = all.map(({ paths: wanted, rank }) => {
        const fitting = wanted.filter(({ prefix: text, ignoresCase }) =>
          ignoresCase ? path.toLowerCase().startsWith(text.toLowerCase()) : path.startsWith(text),
        );
        if (wanted.length > 0 && fitting.length === 0) return null;
        return rank * 1_000 + Math.max(0, ...fitting.map(({ prefix: text }) => text.length));
      });
      const most = Math.max(...scores.map((score) => score ?? Number.NEGATIVE_INFINITY));
      const score = found === undefined ? Number.NEGATIVE_INFINITY : scores[Number(found.slice(1))];
      expect(score).toBe(most);
    }),
    { numRuns: cases(500) },
  );
});

test('an id leads to the service of that name, any other app to its pool in the first service', () => {
  const of = (id: string, apps: readonly string[], pools = apps.length) => ({
    id,
    name: id.slice(1),
    removed: false,
    listeners: [plainListener(80, 80)],
    slots: apps.map((app, index) => ({ slot: 'abc'[index], app })),
    weights: apps.slice(0, pools).map((_, index) => ({ slot: 'abc'[index], weight: 0, draining: false })),
  });
  // What is in its last slot has left, and only waits for its last requests to end.
  const [a, b] = [of('/a', ['/a', '/both', '/left'], 2), of('/b', ['/both', '/b', '/a'])];
  const services = [a, b] as unknown as Service[];
  const { apps } = routesOf(services, { bind: '*', appIds: { host: '*', port: 9091 } });
  expect(Object.fromEntries(apps)).toEqual({ '/a': 'a', '/b': 'b', '/both': 'a:b' });
});
