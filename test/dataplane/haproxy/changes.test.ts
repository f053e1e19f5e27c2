/** What changes in HAProxy and what stays: reloads, slots, services that go, names of agents, other people's hands. */
import { plainListener } from '../../../src/declared/types.ts';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { run } from '../../../src/dataplane/haproxy/socket.ts';
import type { Balance } from '../../../src/declared/types.ts';
import type { ServiceTarget } from '../../../src/plan/target.ts';
import type { Farm } from '../../support/farm.ts';
import { freePorts } from '../../support/free-ports.ts';
import { pipeline, request, startLoad } from '../../support/load.ts';
import { endpoint, endpoints, pool, service } from '../../support/targets.ts';
import { until } from '../../support/wait.ts';
import { deadline, enter, openStage, type Stage } from './stage.ts';

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.dispose();
  stage = undefined;
});

function split(port: number, a: Farm, b: Farm): ServiceTarget {
  return service('/app', port, [
    pool('/a', 'a', 7_500, endpoints('a', a.ports)),
    pool('/b', 'b', 2_500, endpoints('b', b.ports)),
  ]);
}

async function slotsOf(stage: Stage): Promise<readonly (readonly [string | null, number])[]> {
  const { services } = await stage.driver.observe(deadline());
  return [...services.values()][0]?.slots.map((slot) => [slot.app, slot.weight] as const) ?? [];
}

test('a reload for another service keeps weights and endpoints, and loses no request', async () => {
  stage = await openStage();
  const { driver } = stage;
  const [a, b] = await Promise.all([stage.farm('a', 2), stage.farm('b', 2)]);
  const [port, ...others] = (await freePorts(4)) as [number, ...number[]];
  await enter(driver, [split(port, a, b)]);
  const load = startLoad(port, { kept: 4, fresh: 2 });
  let target = [split(port, a, b)];
  let answered = 0;
  for (const [index, other] of others.entries()) {
    await until('traffic flows', () => load.count() > (index + 1) * 150);
    target = [...target, service(`/other${index}`, other, [pool('/x', 'a', 0, [])])];
    expect((await driver.apply(target, deadline())).reloads).toBe(1);
    expect(await slotsOf(stage)).toEqual([
      ['/a', 7_500],
      ['/b', 2_500],
      [null, 0],
      [null, 0],
    ]);
    expect(await driver.verify(target, deadline())).toEqual({ outcome: 'yes' });
    const statistics = await driver.statistics(deadline());
    const now = statistics.reduce((sum, each) => sum + each.requests, 0);
    expect(now).toBeGreaterThan(answered);
    answered = now;
  }
  const { failures } = await load.stop();
  expect(failures).toEqual([]);
  // The counter stands anywhere, so a hundred requests may be two off.
  expect(Math.abs(((await pipeline(port, 100)).apps['a'] ?? 0) - 75)).toBeLessThanOrEqual(2);
  expect((await driver.apply(target, deadline())).changes).toBe(0);
});

test('a reload keeps an endpoint down that was down, and probes it until it is back', async () => {
  stage = await openStage();
  const { driver } = stage;
  const [a, b] = await Promise.all([stage.farm('a', 1), stage.farm('b', 1)]);
  const [port, other] = (await freePorts(2)) as [number, number];
  await enter(driver, [split(port, a, b)]);
  await b.kill();
  expect((await pipeline(port, 20)).failures).toEqual([]);
  const target = [split(port, a, b), service('/other', other, [])];
  expect((await driver.apply(target, deadline())).reloads).toBe(1);
  const slots = [...(await driver.observe(deadline())).services.values()][0]?.slots;
  const check = [...(slots?.[1]?.endpoints.values() ?? [])][0];
  expect(check?.inRotation).toBe(true);
  expect(check?.check).not.toBe('passed');
  expect((await pipeline(port, 20)).apps).toEqual({ a: 20 });
});

test('agents are resolved by name; one that does not resolve is a diagnostic', async () => {
  stage = await openStage({
    resolve: async (host) => {
      if (host === 'agent.example') return { address: '127.0.0.1' };
      throw new Error('ENOTFOUND');
    },
  });
  const a = await stage.farm('a', 1);
  const [port] = (await freePorts(1)) as [number];
  const good = endpoint('good', a.ports[0] ?? 0, 'in', { host: 'agent.example' });
  const bad = endpoint('bad', a.ports[0] ?? 0, 'in', { host: 'nowhere.example' });
  await enter(stage.driver, [service('/app', port, [pool('/a', 'a', 10_000, [good])])]);
  const { diagnostics } = await stage.driver.apply(
    [service('/app', port, [pool('/a', 'a', 10_000, [good, bad])])],
    deadline(),
  );
  expect(diagnostics.map(({ code, app, value }) => [code, app, value])).toEqual([
    ['agent-unresolvable', '/a', 'nowhere.example'],
  ]);
  expect((await request(port)).status).toBe(200);
});

test('a change made behind its back is found by verify and undone by the next apply', async () => {
  stage = await openStage();
  const { driver, dir } = stage;
  const [a, b] = await Promise.all([stage.farm('a', 1), stage.farm('b', 1)]);
  const [port] = (await freePorts(1)) as [number];
  const target = [split(port, a, b)];
  await enter(driver, target);
  const socket = join(dir, 'haproxy', 'runtime.sock');
  await run(socket, ['set map maps/split.map app 10000:b', 'disable server app:a/a-0'], deadline());
  expect((await driver.verify(target, deadline())).outcome).toBe('no');
  expect((await driver.apply(target, deadline())).reloads).toBe(0);
  expect(await driver.verify(target, deadline())).toEqual({ outcome: 'yes' });
});

test('more pools than slots, and another balance, cost one reload and keep what runs', async () => {
  stage = await openStage({ spareSlots: 1 });
  const { driver } = stage;
  const a = await stage.farm('a', 1);
  const [port] = (await freePorts(1)) as [number];
  const letters = ['a', 'b', 'c', 'd', 'e'];
  const pools = letters.map((slot) => pool(`/v-${slot}`, slot, 2_000, endpoints(`v${slot}`, a.ports)));
  const four = service(
    '/app',
    port,
    pools.slice(0, 3).map((each, index) => ({ ...each, weight: index === 0 ? 10_000 : 0 })),
  );
  expect(await enter(driver, [four])).toBe(1);
  expect((await driver.apply([service('/app', port, pools)], deadline())).reloads).toBe(1);
  const slots = [...(await driver.observe(deadline())).services.values()][0]?.slots;
  expect(slots?.map((slot) => slot.slot)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  const other = pools.map((each, index) => (index === 4 ? { ...each, balance: 'source' as const } : each));
  expect((await driver.apply([service('/app', port, other)], deadline())).reloads).toBe(1);
  expect((await driver.apply([service('/app', port, other)], deadline())).reloads).toBe(0);
  expect((await request(port)).status).toBe(200);
});

test('a service that goes is removed when it has drained, and its port is given back', async () => {
  stage = await openStage();
  const { driver } = stage;
  const a = await stage.farm('a', 1);
  const [port, other] = (await freePorts(2)) as [number, number];
  const stays = service('/stays', other, [pool('/a', 'a', 10_000, endpoints('s', a.ports))]);
  const goes = service('/goes', port, [pool('/a', 'a', 10_000, endpoints('g', a.ports))]);
  await enter(driver, [stays, goes]);
  const slow = request(port, { path: '/?wait=500' });
  await until('it is busy', async () => {
    const { services } = await driver.observe(deadline());
    return services.get(goes.service)?.slots[0]?.sessions === 1;
  });
  await driver.apply([stays], deadline());
  expect((await driver.observe(deadline())).services.has(goes.service)).toBe(true);
  expect((await slow).status).toBe(200);
  await until('it is gone', async () => {
    await driver.apply([stays], deadline());
    return !(await driver.observe(deadline())).services.has(goes.service);
  });
  await expect(request(port)).rejects.toThrow('ECONNREFUSED');
  expect((await request(other)).status).toBe(200);
  expect(await readdir(join(stage.dir, 'haproxy', 'services'))).toEqual(['stays.cfg']);
});

test('a reload that fails leaves everything as it was, and what could not be bound is left out after it', async () => {
  stage = await openStage();
  const { driver, notices } = stage;
  const a = await stage.farm('a', 1);
  const [port] = (await freePorts(1)) as [number];
  const good = service('/good', port, [pool('/a', 'a', 10_000, endpoints('g', a.ports))]);
  await enter(driver, [good]);
  // On another address than the one that HAProxy holds this port on, where it is not probed before.
  const squatter = createServer();
  squatter.listen(port, '127.0.0.2');
  await once(squatter, 'listening');
  const taken = service('/taken', port, [], {
    listeners: [{ ...plainListener(port, port), address: '127.0.0.2' }],
  });
  await expect(driver.apply([good, taken], deadline())).rejects.toMatchObject({
    code: 'data-plane-reload-failed',
  });
  expect(notices.map((notice) => notice.kind)).toContain('reload-failed');
  expect((await request(port)).status).toBe(200);
  expect(await driver.verify([good], deadline())).toEqual({ outcome: 'yes' });
  const { diagnostics } = await driver.apply([good, taken], deadline());
  expect(diagnostics.map(({ code, app }) => [code, app])).toEqual([['port-taken', '/taken']]);
  expect((await request(port)).status).toBe(200);
  squatter.close();
  await once(squatter, 'close');
});

test('a pool whose kind of check or balance changes keeps its traffic through the reload', async () => {
  stage = await openStage();
  const { driver } = stage;
  const [a, b] = await Promise.all([stage.farm('a', 2), stage.farm('b', 1)]);
  const [port] = (await freePorts(1)) as [number];
  const target = (checkKind: 'http' | 'tcp', balance: Balance): readonly ServiceTarget[] => [
    service('/app', port, [
      pool(
        '/a',
        'a',
        10_000,
        endpoints('a', a.ports).map((each) => ({ ...each, check: { ...each.check, kind: checkKind } })),
        { checkKind, balance },
      ),
      pool('/b', 'b', 0, endpoints('b', b.ports)),
    ]),
  ];
  await enter(driver, target('tcp', 'roundrobin'));
  const load = startLoad(port, { kept: 2, fresh: 2 });
  let goal = load.count() + 100;
  await until('some answers', () => load.count() >= goal);
  expect((await driver.apply(target('http', 'roundrobin'), deadline())).reloads).toBe(1);
  expect((await driver.apply(target('http', 'leastconn'), deadline())).reloads).toBe(1);
  goal = load.count() + 100;
  await until('more answers', () => load.count() >= goal);
  const { apps, failures } = await load.stop();
  expect(failures).toEqual([]);
  expect(Object.keys(apps)).toEqual(['a']);
});
