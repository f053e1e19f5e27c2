/** What every data plane must do, whatever it is made of. One suite, run against each driver. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Scope } from '../../src/dataplane/driver.ts';
import type { Condition } from '../../src/declared/vamp/condition.ts';
import type { ServerName, SlotName } from '../../src/model/ids.ts';
import { noDurations } from '../../src/model/latency.ts';
import type { EndpointTarget, PoolTarget, ServiceTarget } from '../../src/plan/target.ts';
import { endpoint, pool, service } from '../support/targets.ts';
import { until } from '../support/wait.ts';
import { type Bench, enter, first, listen, one, other, signal, slots, two, withPools } from './bench.ts';

/** Tests that a driver cannot pass, by name, with the reason. */
export interface Skip {
  readonly reason: string;
  readonly tests: readonly string[];
}

/**
 * Declares the suite for one driver.
 * @param make starts a driver on which nothing was ever applied
 */
export function driverContract(
  name: string,
  make: () => Promise<Bench>,
  options: { readonly skip?: readonly Skip[] } = {},
): void {
  const skipped = new Set((options.skip ?? []).flatMap((each) => each.tests));
  let bench: Bench | undefined;

  afterEach(async () => {
    await bench?.dispose();
    bench = undefined;
  });

  describe(`the contract of data planes: ${name}`, () => {
    test.for(Object.entries(clauses).filter(([title]) => !skipped.has(title)))('%s', async ([, clause]) => {
      expect.hasAssertions();
      bench = await make();
      await clause(bench);
    });
  });
}

const clauses: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
  'nothing applied, nothing observed': async ({ driver }) => {
    expect((await driver.observe(signal())).services.size).toBe(0);
    expect(await driver.verify([], signal())).toEqual({ outcome: 'yes' });
    expect(await driver.statistics(signal())).toEqual([]);
  },

  'what is applied is observed and verified, and the same again changes nothing': async (bench) => {
    const { driver } = bench;
    const target = [two(bench, 8_000, 2_000)];
    await enter(bench, target);
    const [a, b] = await slots(driver);
    expect([a?.app, a?.weight, a?.balance, a?.checkKind]).toEqual(['/a', 8_000, 'roundrobin', 'http']);
    expect([b?.app, b?.weight]).toEqual(['/b', 2_000]);
    expect([...(a?.endpoints.keys() ?? [])]).toEqual(['a-0', 'a-1']);
    expect([...(a?.endpoints.values() ?? [])].every((each) => each.inRotation)).toBe(true);
    expect(await driver.verify(target, signal())).toEqual({ outcome: 'yes' });
    expect(await driver.apply(target, signal())).toEqual({
      reloads: 0,
      changes: 0,
      changed: new Set(),
      diagnostics: [],
    });
  },

  'what is in scope is asked for and changed, and the other services are left alone': async (bench) => {
    const { driver } = bench;
    const both = [one(bench, 'in'), other(bench, 'in')];
    await enter(bench, both);
    const [first, second] = both.map((each) => each.service);
    if (first === undefined || second === undefined) throw new Error('two services were applied');
    const rotations = async (scope: Scope) =>
      [...(await driver.observe(signal(), scope)).services].map(([id, { slots }]) => [
        id,
        slots.flatMap(({ endpoints }) => [...endpoints.values()].map(({ inRotation }) => inRotation)),
      ]);
    expect(await rotations(new Set([second]))).toContainEqual([second, [true]]);
    const held = [other(bench, 'hold')];
    const applied = await driver.apply(held, signal(), new Set([second]));
    expect([applied.reloads, [...applied.changed]]).toEqual([0, [second]]);
    expect(await driver.verify(held, signal(), new Set([second]))).toEqual({ outcome: 'yes' });
    expect((await driver.verify([other(bench, 'in')], signal(), new Set([second]))).outcome).toBe('no');
    expect(await rotations(new Set([first]))).toContainEqual([first, [true]]);
    expect(await rotations(new Set([second]))).toContainEqual([second, [false]]);
    // Gone from the target, but only in scope.
    await driver.apply([], signal(), new Set([second]));
    await until('the service to go', async () => {
      await driver.apply([], signal(), new Set([second]));
      return !(await driver.observe(signal())).services.has(second);
    });
    expect(await driver.verify([one(bench, 'in')], signal())).toEqual({ outcome: 'yes' });
  },

  'weights move, to nobody and back, without a reload': async (bench) => {
    const { driver } = bench;
    await enter(bench, [two(bench, 10_000, 0)]);
    for (const [a, b] of [
      [0, 10_000],
      [9_999, 1],
      [0, 0],
      [3_333, 6_667],
    ] as const) {
      const target = [two(bench, a, b)];
      expect((await driver.apply(target, signal())).reloads).toBe(0);
      expect((await slots(driver)).slice(0, 2).map((slot) => slot.weight)).toEqual([a, b]);
      expect(await driver.verify(target, signal())).toEqual({ outcome: 'yes' });
    }
  },

  'matches and clients that stay are read back, and move without a reload once they are known': async (
    bench,
  ) => {
    const { driver } = bench;
    const rule = (value: string) => ({ kind: 'header', name: 'x-version', value }) as const;
    const led = (more: Partial<ServiceTarget>, a = 10_000, b = 0): ServiceTarget => ({
      ...two(bench, a, b),
      ...more,
    });
    const both = led({ matches: [{ slot: 'b' as SlotName, rule: rule('1') }], affinity: true });
    const draining = both.pools.map((each) => ({ ...each, draining: each.slot === 'b' }));
    await enter(bench, [both]);
    const scope = new Set([both.service]);
    let before = both;
    for (const next of [
      led({ affinity: true }),
      led({ matches: [{ slot: 'a' as SlotName, rule: rule('1') }], affinity: true }),
      led({ matches: [{ slot: 'a' as SlotName, rule: rule('2') }], affinity: true }),
      led({ affinity: false }),
      led({ affinity: true, pools: draining }),
      led({ affinity: true }, 5_000, 5_000),
    ]) {
      expect((await driver.verify([next], signal(), scope)).outcome).toBe('no');
      expect((await driver.apply([next], signal(), scope)).reloads).toBe(0);
      for (const each of [scope, 'all'] as const) {
        expect(await driver.verify([next], signal(), each)).toEqual({ outcome: 'yes' });
        expect((await driver.verify([before], signal(), each)).outcome).toBe('no');
      }
      expect((await driver.apply([next], signal(), scope)).changes).toBe(0);
      before = next;
    }
  },

  'conditions are read back, and lead elsewhere, or nowhere, without a reload': async (bench) => {
    const { driver } = bench;
    const [seen, known] = ['has-cookie', 'has-header'].map(
      (kind) => ({ kind, name: 'beta' }) as Condition,
    ) as [Condition, Condition];
    const led = (
      slots: readonly (string | null)[],
      strength = 100,
      conditions = [seen, known],
    ): ServiceTarget => ({
      ...two(bench, 10_000, 0),
      conditions: conditions.map((condition, at) => ({
        slot: (slots[at] ?? null) as SlotName | null,
        condition,
        strength,
      })),
    });
    const begin = led(['b', 'a']);
    await enter(bench, [begin]);
    const scope = new Set([begin.service]);
    let before = begin;
    for (const next of [led(['a', 'b']), led([null, 'b']), led([null, null]), led(['b', 'a'], 50)]) {
      expect((await driver.verify([next], signal(), scope)).outcome).toBe('no');
      expect((await driver.apply([next], signal(), scope)).reloads).toBe(0);
      for (const each of [scope, 'all'] as const) {
        expect(await driver.verify([next], signal(), each)).toEqual({ outcome: 'yes' });
        expect((await driver.verify([before], signal(), each)).outcome).toBe('no');
      }
      expect((await driver.apply([next], signal(), scope)).changes).toBe(0);
      before = next;
    }
    const other = led([null, 'b'], 50, [known, seen]);
    expect((await driver.verify([other], signal(), scope)).outcome).toBe('no');
    await driver.apply([other], signal(), scope);
    expect(await driver.verify([other], signal())).toEqual({ outcome: 'yes' });
  },

  'an endpoint that is withdrawn takes nothing until it is applied again': async (bench) => {
    const { driver } = bench;
    await enter(bench, [one(bench, 'in')]);
    const names = new Set(
      one(bench, 'in').pools.flatMap((pool) => pool.endpoints.map(({ server }) => server)),
    );
    const rotations = async () =>
      [...(await driver.observe(signal())).services.values()].flatMap(({ slots }) =>
        slots.flatMap(({ endpoints }) => [...endpoints.values()].map(({ inRotation }) => inRotation)),
      );
    expect(await driver.withdraw(new Set(['nobody' as ServerName]), signal())).toBe(0);
    expect(await driver.withdraw(names, signal())).toBe(names.size);
    expect(await rotations()).toEqual([...names].map(() => false));
    expect((await driver.verify([one(bench, 'in')], signal())).outcome).toBe('no');
    expect((await driver.apply([one(bench, 'in')], signal())).reloads).toBe(0);
    expect(await rotations()).toEqual([...names].map(() => true));
  },
  'an endpoint on hold is probed and takes nothing; in, it does; on hold again, not': async (bench) => {
    const { driver } = bench;
    await driver.apply([one(bench, 'hold')], signal());
    await until('it has passed', async () => (await first(driver))?.check === 'passed');
    expect((await first(driver))?.inRotation).toBe(false);
    await driver.apply([one(bench, 'in')], signal());
    expect(await first(driver)).toMatchObject({ check: 'passed', inRotation: true });
    await driver.apply([one(bench, 'hold')], signal());
    expect((await first(driver))?.inRotation).toBe(false);
    expect((await driver.verify([one(bench, 'in')], signal())).outcome).toBe('no');
  },

  'an endpoint that is closed is as one on hold': async (bench) => {
    const { driver } = bench;
    await enter(bench, [one(bench, 'in')]);
    await driver.apply([one(bench, 'close')], signal());
    expect(await first(driver)).toMatchObject({ inRotation: false, sessions: 0 });
    expect(await driver.verify([one(bench, 'close')], signal())).toEqual({ outcome: 'yes' });
    expect((await driver.apply([one(bench, 'close')], signal())).changes).toBe(0);
    await driver.apply([one(bench, 'in')], signal());
    expect(await first(driver)).toMatchObject({ check: 'passed', inRotation: true });
  },

  'endpoints come and go without a reload': async (bench) => {
    const { driver } = bench;
    const many = bench.ports.map((port, index) => endpoint(`m-${index}`, port));
    const target = (list: readonly EndpointTarget[]): readonly ServiceTarget[] => [
      service('/app', listen(bench), [pool('/app', 'a', 10_000, list)]),
    ];
    await enter(bench, target(many.slice(0, 1)));
    for (const list of [many, many.slice(1), [], many.slice(0, 2)]) {
      expect((await driver.apply(target(list), signal())).reloads).toBe(0);
      await until('the pool is the target', async () => {
        const [slot] = await slots(driver);
        return [...(slot?.endpoints.keys() ?? [])].join() === list.map((each) => each.server).join();
      });
      expect(await driver.verify(target(list), signal())).toEqual({ outcome: 'yes' });
    }
  },

  'an endpoint that leaves and comes back at once is there': async (bench) => {
    const { driver } = bench;
    const target = [two(bench, 5_000, 5_000)];
    await enter(bench, target);
    await driver.apply([two(bench, 5_000, 5_000, 1)], signal());
    await driver.apply(target, signal());
    await until('it has passed', async () => {
      const [slot] = await slots(driver);
      const back = slot?.endpoints.get('a-1' as ServerName);
      return back?.check === 'passed' && back.inRotation;
    });
    expect(await driver.verify(target, signal())).toEqual({ outcome: 'yes' });
  },

  'a pool that is gone frees its slot for another app': async (bench) => {
    const { driver } = bench;
    await enter(bench, [two(bench, 10_000, 0)]);
    await driver.apply([withPools(bench, (pools) => pools.slice(0, 1))], signal());
    await until('the slot is free', async () => {
      const slot = (await slots(driver))[1];
      return slot?.app === null && slot.endpoints.size === 0;
    });
    const next = withPools(bench, (pools) =>
      pools.map((each, index) => (index === 1 ? { ...each, app: '/c' as PoolTarget['app'] } : each)),
    );
    expect((await driver.apply([next], signal())).reloads).toBe(0);
    expect((await slots(driver))[1]?.app).toBe('/c');
  },

  'there are idle slots for versions to come': async (bench) => {
    await enter(bench, [two(bench, 10_000, 0)]);
    const idle = (await slots(bench.driver)).filter((slot) => slot.app === null);
    expect(idle.map((slot) => [slot.slot, slot.weight, slot.sessions])).toEqual([
      ['c', 0, 0],
      ['d', 0, 0],
    ]);
  },

  'verify says what differs': async (bench) => {
    const { driver } = bench;
    await enter(bench, [two(bench, 10_000, 0)]);
    const other = await driver.verify([two(bench, 0, 10_000)], signal());
    expect(other.outcome).toBe('no');
    const missing = await driver.verify(
      [two(bench, 10_000, 0), service('/else', listen(bench, 1), [])],
      signal(),
    );
    expect(missing).toMatchObject({ outcome: 'no' });
  },

  'services do not touch each other, and go when the target names them no more': async (bench) => {
    const { driver } = bench;
    const stays = two(bench, 7_000, 3_000);
    const goes = service('/goes', listen(bench, 1), [
      pool('/goes', 'a', 10_000, [endpoint('g-0', bench.ports[0] ?? 0)]),
    ]);
    await enter(bench, [goes, stays]);
    const before = (await driver.observe(signal())).services.get(stays.service);
    await driver.apply([stays], signal());
    await until('it has gone', async () => {
      await driver.apply([stays], signal());
      return !(await driver.observe(signal())).services.has(goes.service);
    });
    const after = (await driver.observe(signal())).services.get(stays.service);
    expect(after?.slots.map((slot) => [slot.app, slot.weight, [...slot.endpoints.keys()]])).toEqual(
      before?.slots.map((slot) => [slot.app, slot.weight, [...slot.endpoints.keys()]]),
    );
    expect(await driver.verify([stays], signal())).toEqual({ outcome: 'yes' });
  },

  'nothing was asked, nothing is counted: requests, errors and durations of every slot': async (bench) => {
    await enter(bench, [two(bench, 10_000, 0)]);
    for (const slot of await slots(bench.driver)) {
      expect([slot.requests, slot.errors, slot.durations]).toEqual([0, 0, noDurations]);
    }
  },

  'statistics name every slot': async (bench) => {
    await enter(bench, [two(bench, 10_000, 0)]);
    const statistics = await bench.driver.statistics(signal());
    expect(statistics.map((each) => [each.service, each.slot, each.requests])).toEqual([
      ['/app', 'a', 0],
      ['/app', 'b', 0],
      ['/app', 'c', 0],
      ['/app', 'd', 0],
    ]);
  },
};
