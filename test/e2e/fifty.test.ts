/** Fifty services move at once, some go back, some stand still: none of them touches another one (invariant I4). */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { app, versionApp } from '../support/apps.ts';
import type { ServiceView } from '../support/baton.ts';
import { pipeline } from '../support/load.ts';
import { until } from '../support/wait.ts';
import { order } from './order.ts';
import { setStage } from './stage.ts';

const moving = 50;
const still = 5;
const names = Array.from({ length: moving + still }, (_, index) => `m${index + 1}`);
const movers = names.slice(0, moving);
/** Each has a share of its own, so that one that got another's would be seen. */
const shareOf = (name: string): number => Number(name.slice(1)) + 10;
const goesBack = (name: string): boolean => Number(name.slice(1)) % 5 === 0;
const hostOf = (name: string): string => `${name}.example`;

/** The new version's share, and who serves for each. */
function row({ pools }: ServiceView): string {
  const parts = pools.map(({ app: id, slot, weight, endpoints }) => [
    id,
    slot,
    weight,
    endpoints.map(({ server, rotation }) => `${server} ${rotation}`),
  ]);
  return JSON.stringify(parts);
}

function newShare({ service, pools }: ServiceView): number {
  return pools.find((pool) => pool.app === `${service}-100`)?.weight ?? 0;
}

it('fifty at once', async () => {
  const stage = await setStage();
  const baton = await stage.startBaton();
  for (const name of names) {
    const listener = { listener: { port: 80, hosts: [hostOf(name)] } };
    await stage.post(app(name, { ab_config: JSON.stringify(listener) }, { instances: 1 }));
  }
  const all = async (what: string, so: (view: ServiceView) => boolean, of: readonly string[] = names) => {
    let missing: unknown;
    await until(
      what,
      async () => {
        const views = await baton.services();
        const wrong = of.filter((name) => !views.some((each) => each.service === `/${name}` && so(each)));
        missing = wrong;
        return wrong.length === 0;
      },
      { everyMs: 100, detail: () => missing },
    );
  };
  await all('everybody to be served', ({ pools }) => pools[0]?.weight === 100);
  const standing = async () =>
    (await baton.services()).filter(({ service }) => !movers.includes(service.slice(1))).map(row);
  const before = await standing();
  expect(before).toHaveLength(still);
  const moves = (name: string) => baton.metric('baton_traffic_moves_total', { service: `/${name}` });
  const movesBefore = new Map<string, number>();
  for (const name of names) movesBefore.set(name, await moves(name));

  const seen = new Map(movers.map((name) => [name, new Set<number>()]));
  const ends = new AbortController();
  const watching = (async () => {
    while (!ends.signal.aborted) {
      for (const view of await baton.services()) seen.get(view.service.slice(1))?.add(newShare(view));
      await pause(100);
    }
  })();
  await Promise.all(
    movers.map((name) =>
      stage.post(
        versionApp(
          `${name}-100`,
          { service: name, priority: 10, steps: [{ weight: shareOf(name), pause: true }, { weight: 100 }] },
          { instances: 1 },
        ),
      ),
    ),
  );
  await all(
    'everybody to be in its own step',
    (view) => newShare(view) === shareOf(view.service.slice(1)) && view.transition?.phase === 'paused',
    movers,
  );
  for (const name of movers.filter((each) => Number(each.slice(1)) % 10 === 0)) {
    const { apps, failures } = await pipeline(stage.port, 1000, hostOf(name));
    expect(failures).toEqual([]);
    expect(Math.abs((apps[`${name}-100`] ?? 0) - shareOf(name) * 10), name).toBeLessThanOrEqual(2);
  }
  await Promise.all(
    movers.map(async (name) => {
      expect(await order(baton, name, goesBack(name) ? 'abort' : 'promote')).toBe(200);
    }),
  );
  await all(
    'everybody to be where it was sent',
    (view) => newShare(view) === (goesBack(view.service.slice(1)) ? 0 : 100) && view.transition === null,
    movers,
  );
  ends.abort();
  await watching;

  expect(await standing()).toEqual(before);
  for (const name of movers) {
    const known = new Set([0, shareOf(name), 100]);
    expect(
      [...(seen.get(name) ?? [])].filter((share) => !known.has(share)),
      name,
    ).toEqual([]);
  }
  const counted = await Promise.all(
    names.map(async (name) => (await moves(name)) - (movesBefore.get(name) ?? 0)),
  );
  expect(counted).toEqual(names.map((name) => (movers.includes(name) ? 2 : 0)));
  expect(await baton.metric('baton_dataplane_errors_total')).toBe(0);
});
