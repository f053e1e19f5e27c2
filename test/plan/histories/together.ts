/** What holds of all services together after every turn: independence, and what is done about apps that several need. */
import { isDeepStrictEqual } from 'node:util';
import { plan } from '../../../src/plan/plan.ts';
import { settleWishes } from '../../../src/plan/settle-wishes.ts';
import { reread, type Turned } from './stage.ts';

/**
 * I4 and I7 and that the planner is a function: each service alone, with a memory that has been to the disk and the
 * apps in another order, gets the verdict that it got among the others.
 */
export async function checkAlone({ input, verdict }: Turned): Promise<void> {
  const memory = await reread(input.memory);
  const cluster = { apps: new Map([...input.cluster.apps].toReversed()) };
  for (const service of input.services) {
    const alone = plan({ ...input, memory, cluster, services: [service] });
    const among = {
      services: verdict.services.filter((each) => each.service === service.id),
      memory: { services: verdict.memory.services.filter((each) => each.service === service.id) },
    };
    if (!isDeepStrictEqual(alone, among))
      throw new Error(
        `I4, I7: ${service.id} alone and after a restart: ${JSON.stringify(alone)}\nnot ${JSON.stringify(among)}`,
      );
  }
}

/** What takes instances away is wished by all services, and nobody needs them in any. */
export function checkSettled({ input, verdict }: Turned): void {
  const settled = settleWishes(verdict.services);
  const apps = settled.map(({ wish }) => wish.app);
  if (new Set(apps).size < apps.length) throw new Error(`several wishes about one app: ${apps.join(' ')}`);
  for (const { wish } of settled) {
    const instances = input.cluster.apps.get(wish.app)?.instances ?? 0;
    if (wish.kind === 'scale' && wish.instances >= instances) continue;
    for (const { service, pools, listenerApp } of verdict.services) {
      const pool = pools.find((each) => each.app === wish.app);
      if (pool === undefined) continue;
      const fail = (what: string) => {
        throw new Error(`settled: ${JSON.stringify(wish)}: ${what} in ${service}`);
      };
      if (wish.kind === 'delete' && listenerApp === wish.app) fail('declares the listener');
      const slot = input.observed.services.get(service)?.slots.find((each) => each.app === wish.app);
      if (wish.kind === 'kill') {
        for (const { task, server, rotation } of pool.endpoints) {
          const seen = slot?.endpoints.get(server);
          if (!wish.tasks.includes(task)) continue;
          if (rotation === 'in' || seen?.inRotation === true || (seen?.sessions ?? 0) > 0)
            fail(`${task} is in use`);
        }
      } else if (pool.weight > 0 || (slot?.weight ?? 0) > 0 || (slot?.sessions ?? 0) > 0) fail('is in use');
    }
  }
}
