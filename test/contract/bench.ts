/** What the contract's clauses apply: targets made of a bench's ports, and the way into rotation. */
import type { Driver, DriverNotice } from '../../src/dataplane/driver.ts';
import type { ObservedSlot } from '../../src/plan/observed.ts';
import type { EndpointTarget, PoolTarget, ServiceTarget } from '../../src/plan/target.ts';
import { endpoint, pool, service } from '../support/targets.ts';
import { until } from '../support/wait.ts';

/** What a driver's own test file makes for each test. */
export interface Bench {
  readonly driver: Driver;
  readonly notices: readonly DriverNotice[];
  /** Ports of servers that answer checks on `/health`. */
  readonly ports: readonly number[];
  /** Ports to listen on. */
  readonly listen: readonly number[];
  readonly dispose: () => Promise<void>;
}

export function signal(): AbortSignal {
  return AbortSignal.timeout(60_000);
}

export function listen(bench: Bench, index = 0): number {
  return bench.listen[index] ?? 0;
}

export function one(bench: Bench, rotation: EndpointTarget['rotation']): ServiceTarget {
  const only = endpoint('o-0', bench.ports[0] ?? 0, rotation);
  return service('/app', listen(bench), [pool('/app', 'a', 10_000, [only])]);
}

export function other(bench: Bench, rotation: 'in' | 'hold'): ServiceTarget {
  const only = endpoint('p-0', bench.ports[1] ?? 0, rotation);
  return service('/other', listen(bench, 1), [pool('/other', 'a', 10_000, [only])]);
}

export function two(bench: Bench, a: number, b: number, instances = 2): ServiceTarget {
  const list = (app: string): readonly EndpointTarget[] =>
    bench.ports.slice(0, instances).map((port, index) => endpoint(`${app}-${index}`, port));
  return service('/app', listen(bench), [pool('/a', 'a', a, list('a')), pool('/b', 'b', b, list('b'))]);
}

export function withPools(
  bench: Bench,
  change: (pools: readonly PoolTarget[]) => readonly PoolTarget[],
): ServiceTarget {
  const target = two(bench, 10_000, 0);
  const pools = change(target.pools);
  return { ...target, pools, failover: pools.map((each) => each.slot) };
}

export async function slots(driver: Driver): Promise<readonly ObservedSlot[]> {
  return [...(await driver.observe(signal())).services.values()][0]?.slots ?? [];
}

export async function first(driver: Driver) {
  return [...((await slots(driver))[0]?.endpoints.values() ?? [])][0];
}

/** As the planner does: first on hold, and in rotation when the checks have passed. */
export async function enter({ driver }: Bench, target: readonly ServiceTarget[]): Promise<void> {
  const held = target.map((each) => ({
    ...each,
    pools: each.pools.map((pool) => ({
      ...pool,
      weight: 0,
      endpoints: pool.endpoints.map((endpoint) => ({ ...endpoint, rotation: 'hold' as const })),
    })),
  }));
  await driver.apply(held, signal());
  await until('all checks passed', async () => {
    const { services } = await driver.observe(signal());
    const all = [...services.values()].flatMap((service) =>
      service.slots.flatMap((slot) => [...slot.endpoints.values()]),
    );
    return all.every((each) => each.check === 'passed');
  });
  await driver.apply(target, signal());
}
