/** How long it takes to take a share back, from the decision until HAProxy has been seen to run it. */
import { createHaproxyDriver } from '../../src/dataplane/haproxy/driver.ts';
import { stopDetached } from '../../src/dataplane/haproxy/stop.ts';
import type { ServiceTarget } from '../../src/plan/target.ts';
import { freePort } from '../support/free-ports.ts';
import { endpoints, pool, service } from '../support/targets.ts';
import { type Cleanup, temporaryDirectory } from './children.ts';
import { type Spread, spreadOf } from './numbers.ts';

const aborts = 20;
const tasksOfPool = 5;
const canary = 2_000;

function signal(): AbortSignal {
  return AbortSignal.timeout(60_000);
}

/**
 * Of one service among so many, each with two pools, clients that stay, and a match; another service each time.
 * @param tasks the port of whoever answers for all tasks
 * @throws Error when the share that was taken back is not confirmed
 */
export async function measureAborts(
  services: number,
  tasks: number,
  binary: string,
  cleanup: Cleanup,
): Promise<Spread> {
  const stateDir = await temporaryDirectory(cleanup);
  const driver = createHaproxyDriver(
    { stateDir, bind: '127.0.0.1', mode: 'detached', binary, hardStopAfterMs: 1_000 },
    { notify: () => undefined },
  );
  cleanup.add(async () => {
    await driver.stop(signal());
    await stopDetached(stateDir, signal());
  });
  await driver.start(signal());
  const port = await freePort();
  const at = (index: number, share: number): ServiceTarget => {
    const ports = Array.from({ length: tasksOfPool }, () => tasks);
    const pools = [
      pool('/old', 'a', 10_000 - share, endpoints(`old-${index}`, ports)),
      pool('/new', 'b', share, endpoints(`new-${index}`, ports)),
    ];
    const rule = { kind: 'header', name: 'x-version', value: 'new' } as const;
    const matches = share === 0 ? [] : pools.slice(1).map(({ slot }) => ({ slot, rule }));
    return service(`/bench/${index}`, port, pools, {
      hosts: [`app${index}.example`],
      affinity: true,
      matches,
    });
  };
  const all = Array.from({ length: services }, (_, index) => at(index, canary));
  await driver.apply(all, signal());
  const times: number[] = [];
  for (let n = 0; n < aborts; n += 1) {
    const index = (n * 7) % services;
    const scope = new Set([at(index, 0).service]);
    await driver.apply([at(index, canary)], signal(), scope);
    const decided = performance.now();
    await driver.apply([at(index, 0)], signal(), scope);
    const { outcome } = await driver.verify([at(index, 0)], signal(), scope);
    times.push(performance.now() - decided);
    if (outcome !== 'yes') throw new Error(`the abort was not confirmed: ${outcome}`);
  }
  return spreadOf(times);
}
