/** Services in mode tcp, through a real HAProxy: shares, fail-over, drains, and who has a port. */
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Listener, plainListener, plainRules } from '../../../src/declared/types.ts';
import { appId } from '../../../src/model/ids.ts';
import type { EndpointTarget, PoolTarget, ServiceTarget } from '../../../src/plan/target.ts';
import { freePorts } from '../../support/free-ports.ts';
import { type Greeter, greet, greetings, startGreeter } from '../../support/greeter.ts';
import { request } from '../../support/load.ts';
import { endpoint, endpoints, pool, service } from '../../support/targets.ts';
import { until } from '../../support/wait.ts';
import { deadline, enter, openStage, type Stage } from './stage.ts';

let stage: Stage;
let greeters: readonly Greeter[];
let ports: readonly [number, number];

beforeEach(async () => {
  stage = await openStage();
  greeters = await Promise.all(['one', 'two', 'three'].map(startGreeter));
  ports = (await freePorts(2)) as [number, number];
});
afterEach(async () => {
  await stage.dispose();
  await Promise.all(greeters.map((greeter) => greeter.close().catch(() => undefined)));
});

function listening(port: number, more: Partial<Listener> = {}): Listener {
  return { ...plainListener(port, port), mode: 'tcp', ...more };
}

function served(index: number, name: string): readonly EndpointTarget[] {
  const each = endpoint(name, greeters[index]?.port ?? 0);
  return [{ ...each, check: { ...each.check, kind: 'tcp' } }];
}

function pools(weights: readonly number[]): readonly PoolTarget[] {
  return weights.map((weight, index) => {
    const name = ['one', 'two', 'three'][index] ?? '';
    return pool(`/${name}`, 'abc'[index] ?? '', weight, served(index, name), { checkKind: 'tcp' });
  });
}

function target(weights: readonly number[], more: Partial<ServiceTarget> = {}): readonly ServiceTarget[] {
  return [service('/app', ports[0], pools(weights), { listeners: [listening(ports[0])], ...more })];
}

test('connections are shared as requests are, and counted', async () => {
  const { driver } = stage;
  expect(await enter(driver, target([7_500, 2_500, 0]))).toBe(1);
  expect(await greetings(ports[0], 100)).toEqual({ one: 75, two: 25 });
  expect((await driver.apply(target([0, 0, 10_000]), deadline())).reloads).toBe(0);
  expect(await greetings(ports[0], 10)).toEqual({ three: 10 });
  expect(await driver.verify(target([0, 0, 10_000]), deadline())).toEqual({ outcome: 'yes' });
  const statistics = await driver.statistics(deadline());
  expect(statistics.slice(0, 3).map(({ requests }) => requests)).toEqual([75, 25, 10]);
});

test('a pool that is dead fails over in HAProxy, in order, and a moment without anybody is waited out', async () => {
  const { driver } = stage;
  await enter(driver, target([10_000, 0, 0]));
  await greeters[0]?.close();
  expect(await greetings(ports[0], 5)).toEqual({ two: 5 });
  await greeters[1]?.close();
  expect(await greetings(ports[0], 5)).toEqual({ three: 5 });
  await greeters[2]?.close();
  const early = greet(ports[0]);
  greeters = [await startGreeter('back'), ...greeters.slice(1)];
  const back = target([10_000], {
    pools: [pool('/one', 'a', 10_000, served(0, 'back'), { checkKind: 'tcp' })],
  });
  await driver.apply(back, deadline());
  const { name, socket } = await early;
  socket.destroy();
  expect(name).toBe('back');
  await greeters[0]?.close();
  // In the end it is closed.
  expect(await greetings(ports[0], 1)).toEqual({ '': 1 });
});

test("a connection outlives its pool's share, is seen as a session, and is closed when that is asked for", async () => {
  const { driver } = stage;
  await enter(driver, target([10_000, 0]));
  const { name, socket } = await greet(ports[0]);
  expect(name).toBe('one');
  await driver.apply(target([0, 10_000]), deadline());
  socket.write('still here');
  expect(String((await once(socket, 'data'))[0])).toBe('still here');
  const sessions = async () =>
    [...(await driver.observe(deadline())).services.values()][0]?.slots.map((slot) => slot.sessions);
  expect(await sessions()).toEqual([1, 0, 0, 0]);
  const closing = pools([0, 10_000]).map((each) => ({ ...each, close: each.slot === 'a' }));
  const closed = once(socket, 'close');
  await driver.apply(target([], { pools: closing }), deadline());
  await closed;
  await until('it is gone', async () => (await sessions())?.[0] === 0);
});

test('a listener of one app has its connections, and networks that are not allowed have none', async () => {
  const { driver } = stage;
  const both = [listening(ports[0]), listening(ports[1], { only: appId('/two') })];
  await enter(driver, target([10_000, 0], { listeners: both }));
  expect([await greetings(ports[0], 3), await greetings(ports[1], 3)]).toEqual([{ one: 3 }, { two: 3 }]);
  const rules = { ...plainRules, allowedNetworks: ['10.0.0.0/8'] };
  expect((await driver.apply(target([10_000, 0], { listeners: both, rules }), deadline())).reloads).toBe(1);
  expect(await greetings(ports[0], 2)).toEqual({ '': 2 });
  const loopback = { ...plainRules, allowedNetworks: ['127.0.0.0/8'] };
  await driver.apply(target([10_000, 0], { listeners: both, rules: loopback }), deadline());
  await greeters[0]?.close();
  expect(await greetings(ports[0], 2)).toEqual({ two: 2 });
});

test('a change of mode costs one reload and back, and keeps endpoints', async () => {
  const { driver } = stage;
  const farm = await stage.farm('web', 1);
  const web = (mode: 'http' | 'tcp') => [
    service('/app', ports[0], [pool('/web', 'a', 10_000, endpoints('web', farm.ports))], {
      listeners: [listening(ports[0], { mode })],
    }),
  ];
  await enter(driver, web('tcp'));
  const heard = async () => JSON.parse((await request(ports[0])).body).headers['x-forwarded-port'];
  expect(await heard()).toBeUndefined();
  const scope = new Set(web('http').map((each) => each.service));
  expect((await driver.apply(web('http'), deadline(), scope)).reloads).toBe(1);
  expect(await heard()).toBe(String(ports[0]));
  expect(await driver.verify(web('http'), deadline(), scope)).toEqual({ outcome: 'yes' });
  expect((await driver.apply(web('tcp'), deadline())).reloads).toBe(1);
  expect(await heard()).toBeUndefined();
  expect(await driver.apply(web('tcp'), deadline())).toMatchObject({ reloads: 0, changes: 0 });
});

test('who came later with another mode gives way, is told, and does so again', async () => {
  const { driver } = stage;
  const farm = await stage.farm('web', 1);
  // By name it would come first.
  const web = service('/a', ports[0], [pool('/web', 'a', 10_000, endpoints('web', farm.ports))], {
    listeners: [plainListener(ports[0], ports[0]), plainListener(ports[1], ports[1])],
  });
  const rival = service('/b', ports[0], [], { listeners: [listening(ports[0])] });
  const [first] = target([10_000]);
  if (first === undefined) throw new Error('there is one');
  await enter(driver, [first]);
  const all = [first, web, rival];
  await enter(driver, [first, web]);
  const scope = new Set([rival.service]);
  for (const [some, within] of [
    [all, 'all'],
    [all, 'all'],
    [[rival], scope],
  ] as const) {
    const { diagnostics } = await driver.apply(some, deadline(), within);
    expect(diagnostics.map(({ code, app, value }) => [code, app, value])).toEqual([
      ['listener-mixed', '/a', `127.0.0.1:${ports[0]}`],
      ['listener-mixed', '/b', `127.0.0.1:${ports[0]}`],
    ]);
    expect(await driver.verify(some, deadline(), within)).toEqual({ outcome: 'yes' });
  }
  expect((await driver.apply(all, deadline())).reloads).toBe(0);
  expect([await greetings(ports[0], 1), (await request(ports[1])).status]).toEqual([{ one: 1 }, 200]);
  await driver.apply([web], deadline());
  await until(
    'the port is free',
    async () => (await driver.apply([web], deadline())).diagnostics.length === 0,
  );
  expect((await request(ports[0])).status).toBe(200);
});
