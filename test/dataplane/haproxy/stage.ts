/** A HAProxy of its own for a test: driver, notices, and everything gone afterwards. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Driver, DriverNotice } from '../../../src/dataplane/driver.ts';
import { createHaproxyDriver } from '../../../src/dataplane/haproxy/driver.ts';
import type { HaproxyOptions } from '../../../src/dataplane/haproxy/options.ts';
import { stopDetached } from '../../../src/dataplane/haproxy/stop.ts';
import type { ServerName } from '../../../src/model/ids.ts';
import type { ServiceTarget } from '../../../src/plan/target.ts';
import { type Farm, startFarm } from '../../support/farm.ts';
import { until } from '../../support/wait.ts';

export interface Stage {
  readonly dir: string;
  readonly driver: Driver;
  readonly notices: readonly DriverNotice[];
  readonly farm: (app: string, count: number, healthPath?: string) => Promise<Farm>;
  /** Another driver on the same state directory, as a next Baton makes it. */
  readonly another: (options?: Partial<HaproxyOptions>) => {
    driver: Driver;
    notices: readonly DriverNotice[];
  };
  readonly masterPid: () => Promise<number>;
  readonly dispose: () => Promise<void>;
}

export function deadline(ms = 60_000): AbortSignal {
  return AbortSignal.timeout(ms);
}

export async function openStage(options: Partial<HaproxyOptions> = {}): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), 'b-'));
  const drivers: Driver[] = [];
  const farms: Farm[] = [];
  const another: Stage['another'] = (more = {}) => {
    const notices: DriverNotice[] = [];
    const driver = createHaproxyDriver(
      {
        stateDir: dir,
        bind: '127.0.0.1',
        mode: 'detached',
        binary: null,
        hardStopAfterMs: 2_000,
        ...options,
        ...more,
      },
      { notify: (notice) => notices.push(notice) },
    );
    drivers.push(driver);
    return { driver, notices };
  };
  const first = another();
  await first.driver.start(deadline());
  return {
    dir,
    ...first,
    another,
    async farm(app, count, healthPath) {
      const farm = await startFarm(app, count, healthPath);
      farms.push(farm);
      return farm;
    },
    async masterPid() {
      return Number(await readFile(join(dir, 'haproxy.pid'), 'utf8'));
    },
    async dispose() {
      for (const driver of drivers) await driver.stop(deadline());
      await stopDetached(dir, deadline());
      for (const farm of farms) await farm.kill();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Brings endpoints in as the planner does: on hold, until their checks have passed, then in rotation. */
export async function enter(driver: Driver, target: readonly ServiceTarget[]): Promise<number> {
  const held = target.map((each) => ({
    ...each,
    pools: each.pools.map((pool) => ({
      ...pool,
      weight: 0,
      endpoints: pool.endpoints.map((endpoint) => ({ ...endpoint, rotation: 'hold' as const })),
    })),
  }));
  const { reloads } = await driver.apply(held, deadline());
  await passed(driver, target);
  await driver.apply(target, deadline());
  return reloads;
}

/** Waits until every endpoint of the target has passed its check. */
export async function passed(driver: Driver, target: readonly ServiceTarget[]): Promise<void> {
  const wanted: readonly [string, ServerName][] = target.flatMap((each) =>
    each.pools.flatMap((pool) =>
      pool.endpoints.map((endpoint): [string, ServerName] => [each.service, endpoint.server]),
    ),
  );
  await until('all checks passed', async () => {
    const { services } = await driver.observe(deadline());
    const found = new Map<string, string>();
    for (const service of services.values()) {
      for (const slot of service.slots) {
        for (const [name, { check }] of slot.endpoints) found.set(`${service.service} ${name}`, check);
      }
    }
    return wanted.every(([service, server]) => found.get(`${service} ${server}`) === 'passed');
  });
}
