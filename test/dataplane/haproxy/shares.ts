/** Shares as clients see them, counted over many requests of each of several services at once. */
import { expect } from 'vitest';
import type { ServiceTarget } from '../../../src/plan/target.ts';
import { freePorts } from '../../support/free-ports.ts';
import { pipeline } from '../../support/load.ts';
import { endpoints, pool, service } from '../../support/targets.ts';
import { deadline, enter, type Stage } from './stage.ts';

/** A balance, and how many instances the two pools have. */
export type Mix = `${'roundrobin' | 'leastconn'} ${number}:${number}`;

/** Moves each service through the shares of its first pool (basis points), and counts that pool's answers. */
export async function countShares(
  stage: Stage,
  mixes: readonly Mix[],
  shares: readonly number[],
  requests: number,
): Promise<readonly { readonly share: number; readonly counted: number }[]> {
  const { driver } = stage;
  const pairs = await Promise.all(
    mixes.map(async (mix, index) => {
      const [balance, counts] = mix.split(' ') as ['roundrobin' | 'leastconn', string];
      const [one = 1, two = 1] = counts.split(':').map(Number);
      const farms = await Promise.all([stage.farm(`x${index}`, one), stage.farm(`y${index}`, two)]);
      return { balance, one: farms[0], two: farms[1] };
    }),
  );
  const ports = await freePorts(pairs.length);
  const at = (share: number): readonly ServiceTarget[] =>
    pairs.map(({ balance, one, two }, index) =>
      service(`/pair${index}`, ports[index] ?? 0, [
        pool(`/${one.app}`, 'a', share, endpoints(one.app, one.ports), { balance }),
        pool(`/${two.app}`, 'b', 10_000 - share, endpoints(two.app, two.ports), { balance }),
      ]),
    );
  await enter(driver, at(shares[0] ?? 0));
  const counted: { share: number; counted: number }[] = [];
  let reloads = 0;
  for (const share of shares) {
    reloads += (await driver.apply(at(share), deadline())).reloads;
    const tallies = await Promise.all(ports.map((port) => pipeline(port, requests)));
    for (const [index, { apps, failures }] of tallies.entries()) {
      expect(failures).toEqual([]);
      counted.push({ share, counted: apps[pairs[index]?.one.app ?? ''] ?? 0 });
      expect(Object.values(apps).reduce((a, b) => a + b, 0)).toBe(requests);
    }
  }
  expect(reloads).toBe(0);
  const statistics = await driver.statistics(deadline());
  const answered = statistics.filter((each) => each.service === '/pair0');
  expect(answered.reduce((sum, each) => sum + each.requests, 0)).toBe(requests * shares.length);
  return counted;
}
