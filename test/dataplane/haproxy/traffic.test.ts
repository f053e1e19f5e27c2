/** Traffic through a real HAProxy: shares, moves without reloads, and pools that die without a word. */
import http from 'node:http';
import { afterEach, expect, test } from 'vitest';
import type { Balance } from '../../../src/declared/types.ts';
import type { SlotName } from '../../../src/model/ids.ts';
import type { ServiceTarget } from '../../../src/plan/target.ts';
import { freePorts } from '../../support/free-ports.ts';
import { pipeline, request, startLoad } from '../../support/load.ts';
import { endpoints, pool, service } from '../../support/targets.ts';
import { until } from '../../support/wait.ts';
import { countShares } from './shares.ts';
import { deadline, enter, openStage, type Stage } from './stage.ts';

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.dispose();
  stage = undefined;
});

test('a share is exact at any instance counts and with any balance', async () => {
  stage = await openStage();
  const counted = await countShares(stage, ['leastconn 1:10', 'roundrobin 7:3'], [8_000, 9_900], 2_000);
  expect(counted).toHaveLength(4);
  // Wherever in the walk 2,000 requests begin, no share is further than 3 from its part of them.
  for (const { share, counted: found } of counted) expect(Math.abs(found - share / 5)).toBeLessThanOrEqual(3);
});

test('the first ten requests of 80/20 already go 8 and 2', async () => {
  stage = await openStage();
  const [a, b] = await Promise.all([stage.farm('a', 2), stage.farm('b', 1)]);
  const [port] = (await freePorts(1)) as [number];
  await enter(stage.driver, [
    service('/app', port, [
      pool('/a', 'a', 8_000, endpoints('a', a.ports)),
      pool('/b', 'b', 2_000, endpoints('b', b.ports)),
    ]),
  ]);
  expect((await pipeline(port, 10)).apps).toEqual({ a: 8, b: 2 });
});

test('traffic moves through three versions under load without a failure and without a reload', async () => {
  stage = await openStage();
  const { driver } = stage;
  const farms = await Promise.all(['one', 'two', 'three'].map((app) => (stage as Stage).farm(app, 2)));
  const [port] = (await freePorts(1)) as [number];
  const pools = (live: number, count: number): readonly ServiceTarget[] => [
    service(
      '/app',
      port,
      farms
        .slice(0, count)
        .map((farm, index) =>
          pool(
            `/${farm.app}`,
            'abc'[index] ?? '',
            index === live ? 10_000 : 0,
            endpoints(farm.app, farm.ports),
          ),
        ),
    ),
  ];
  await enter(driver, pools(0, 1));
  const load = startLoad(port, { kept: 3, fresh: 2 });
  let reloads = 0;
  for (const live of [1, 2, 0]) {
    const count = Math.max(2, Math.min(3, live + 1));
    reloads += (await driver.apply(pools(Math.max(0, live - 1), count), deadline())).reloads;
    await until('the newcomer is up', async () => {
      const { services } = await driver.observe(deadline());
      const slot = [...services.values()][0]?.slots[live];
      return [...(slot?.endpoints.values() ?? [])].every((each) => each.check === 'passed');
    });
    reloads += (await driver.apply(pools(live, live === 0 ? 3 : count), deadline())).reloads;
    const before = load.count();
    await until('some requests', () => load.count() > before + 300);
    expect(JSON.parse((await request(port)).body).app).toBe(farms[live]?.app);
  }
  const { failures, apps } = await load.stop();
  expect(failures).toEqual([]);
  expect(Object.keys(apps).sort()).toEqual(['one', 'three', 'two']);
  expect(reloads).toBe(0);
});

test.each<Balance>(['roundrobin', 'leastconn', 'source'])(
  'a pool that is killed under load fails over in HAProxy, no GET fails (%s)',
  async (balance) => {
    stage = await openStage();
    const [live, spare] = await Promise.all([stage.farm('live', 5), stage.farm('spare', 2)]);
    const [port] = (await freePorts(1)) as [number];
    await enter(stage.driver, [
      service('/app', port, [
        pool('/live', 'a', 10_000, endpoints('live', live.ports), { balance }),
        pool('/spare', 'b', 0, endpoints('spare', spare.ports), { balance }),
      ]),
    ]);
    const load = startLoad(port, { kept: 6, fresh: 2 });
    await until('traffic flows', () => load.count() > 200);
    await live.kill();
    const before = load.count();
    await until('traffic flows on', () => load.count() > before + 300);
    const { failures, apps } = await load.stop();
    expect(failures).toEqual([]);
    expect(apps['spare']).toBeGreaterThan(200);
  },
);

test('fail-over goes on down the list, keeps the address of the client, and ends in 503', async () => {
  stage = await openStage();
  const { driver } = stage;
  const [one, two, three] = await Promise.all([
    stage.farm('one', 2),
    stage.farm('two', 2),
    stage.farm('three', 1),
  ]);
  const [port] = (await freePorts(1)) as [number];
  const target = [
    service('/app', port, [
      pool('/one', 'a', 10_000, endpoints('one', one.ports)),
      pool('/two', 'b', 0, endpoints('two', two.ports)),
      pool('/three', 'c', 0, endpoints('three', three.ports)),
    ]),
  ];
  await enter(driver, target);
  await Promise.all([one.kill(), two.kill()]);
  const answer = await request(port, { path: '/x', headers: { 'X-Forwarded-For': '192.0.2.7' } });
  const { app, headers } = JSON.parse(answer.body);
  expect(app).toBe('three');
  expect(headers['x-forwarded-for']).toBe('192.0.2.7, 127.0.0.1');
  expect(headers['x-forwarded-port']).toBe(String(port));
  await three.kill();
  expect((await request(port)).status).toBe(503);
  const slots = [...(await driver.observe(deadline())).services.values()][0]?.slots ?? [];
  expect([...(slots[0]?.endpoints.values() ?? [])].map((each) => each.check)).toEqual(['failed', 'failed']);
});

test('a pool that may not fail over answers 503 when it is dead', async () => {
  stage = await openStage();
  const [one, two] = await Promise.all([stage.farm('one', 1), stage.farm('two', 1)]);
  const [port] = (await freePorts(1)) as [number];
  await enter(stage.driver, [
    service(
      '/app',
      port,
      [
        pool('/one', 'a', 10_000, endpoints('one', one.ports)),
        pool('/two', 'b', 0, endpoints('two', two.ports)),
      ],
      { noFailover: ['a' as SlotName] },
    ),
  ]);
  await one.kill();
  expect((await request(port)).status).toBe(503);
});

test('a moment without servers is waited out', async () => {
  stage = await openStage();
  const [old, next] = await Promise.all([stage.farm('old', 1), stage.farm('next', 1)]);
  const [port] = (await freePorts(1)) as [number];
  const target = (farm: typeof old) => [
    service('/app', port, [pool('/app', 'a', 10_000, endpoints(farm.app, farm.ports))]),
  ];
  await enter(stage.driver, target(old));
  await old.kill();
  const early = request(port);
  await stage.driver.apply(target(next), deadline());
  expect((await early).status).toBe(200);
});

test('an endpoint that leaves finishes its request; one that is closed does not', async () => {
  stage = await openStage();
  const { driver } = stage;
  const farm = await stage.farm('app', 2);
  const [port] = (await freePorts(1)) as [number];
  const all = endpoints('app', farm.ports);
  const target = (list: typeof all, close = false): readonly ServiceTarget[] => [
    service('/app', port, [pool('/app', 'a', 10_000, list, { close })]),
  ];
  await enter(driver, target(all));
  const slow = [request(port, { path: '/?wait=700' }), request(port, { path: '/?wait=700' })];
  await until('both are busy', async () => {
    const slot = [...(await driver.observe(deadline())).services.values()][0]?.slots[0];
    return slot?.sessions === 2;
  });
  await driver.apply(target(all.slice(0, 1)), deadline());
  const during = [...(await driver.observe(deadline())).services.values()][0]?.slots[0];
  expect(during?.endpoints.size).toBe(2);
  expect(during?.sessions).toBe(2);
  for (let n = 0; n < 4; n++) {
    expect(JSON.parse((await request(port)).body).name).toBe('app-0');
  }
  expect((await Promise.all(slow)).map((answer) => answer.status)).toEqual([200, 200]);
  await until('the one that left is gone', async () => {
    const slot = [...(await driver.observe(deadline())).services.values()][0]?.slots[0];
    return slot?.endpoints.size === 1;
  });
  const cut = request(port, { path: '/?wait=15000', method: 'POST' }).then(
    (answer) => answer.status,
    () => 0,
  );
  await until('one is busy', async () => {
    const slot = [...(await driver.observe(deadline())).services.values()][0]?.slots[0];
    return slot?.sessions === 1;
  });
  await driver.apply(target(all.slice(0, 1), true), deadline());
  expect(await cut).not.toBe(200);
});

test('host names choose the service, and change without a reload', async () => {
  stage = await openStage();
  const { driver } = stage;
  const [one, two, rest] = await Promise.all([
    stage.farm('one', 1),
    stage.farm('two', 1),
    stage.farm('rest', 1),
  ]);
  const [port] = (await freePorts(1)) as [number];
  const target = (name: string): readonly ServiceTarget[] => [
    service('/one', port, [pool('/one', 'a', 10_000, endpoints('one', one.ports))], { hosts: [name] }),
    service('/two', port, [pool('/two', 'a', 10_000, endpoints('two', two.ports))], {
      hosts: ['two.example'],
    }),
    service('/rest', port, [pool('/rest', 'a', 10_000, endpoints('rest', rest.ports))]),
  ];
  const agent = new http.Agent({ keepAlive: true });
  const who = async (host: string): Promise<string> =>
    JSON.parse((await request(port, { headers: { host }, agent })).body).app;
  await enter(driver, target('One.example'));
  expect([await who('one.EXAMPLE:80'), await who('two.example'), await who('other')]).toEqual([
    'one',
    'two',
    'rest',
  ]);
  expect((await driver.apply(target('uno.example'), deadline())).reloads).toBe(0);
  expect([await who('uno.example'), await who('one.example')]).toEqual(['one', 'rest']);
  expect((await driver.apply(target('uno.example').slice(0, 2), deadline())).reloads).toBe(0);
  expect((await request(port, { headers: { host: 'other' } })).status).toBe(503);
  agent.destroy();
});

test('each version is probed on its own path, and a changed path needs no reload', async () => {
  stage = await openStage();
  const { driver } = stage;
  const [old, fresh] = await Promise.all([stage.farm('old', 1), stage.farm('new', 1, '/health/v2;x=1')]);
  const [port] = (await freePorts(1)) as [number];
  const target = (path: string): readonly ServiceTarget[] => [
    service('/app', port, [
      pool('/app', 'a', 10_000, [
        ...endpoints('new', fresh.ports, 'hold', path),
        ...endpoints('old', old.ports),
      ]),
    ]),
  ];
  await driver.apply(target('/health'), deadline());
  const checks = async (): Promise<readonly string[]> => {
    const slot = [...(await driver.observe(deadline())).services.values()][0]?.slots[0];
    return [...(slot?.endpoints.values() ?? [])].map((each) => each.check);
  };
  await until('the wrong path fails', async () => (await checks()).join() === 'failed,passed');
  const { reloads } = await driver.apply(target('/health/v2%3Bx=1'), deadline());
  expect(reloads).toBe(0);
  expect((await checks())[0]).not.toBe('passed');
  await driver.apply(target('/health/v2;x=1'), deadline());
  expect((await driver.verify(target('/health/v2;x=1'), deadline())).outcome).toBe('yes');
});

test('a service with a long id fails over too', async () => {
  stage = await openStage();
  const [a, b] = await Promise.all([stage.farm('a', 1), stage.farm('b', 1)]);
  const [one, two] = (await freePorts(2)) as [number, number];
  const department = '/department'.repeat(13);
  const target = [`${department}/app1`, `${department}/app2`].map((id, index) =>
    service(id, index === 0 ? one : two, [
      pool('/a', 'a', 10_000, endpoints('a', a.ports)),
      pool('/b', 'b', 0, endpoints('b', b.ports)),
    ]),
  );
  await enter(stage.driver, target);
  await a.kill();
  for (const port of [one, two]) expect((await request(port)).status).toBe(200);
});
