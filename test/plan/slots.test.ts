/** Slots: one pool each, whatever the memory says, and what their endpoints are told. */
import { expect, it } from 'vitest';
import { appId, millis, type SlotName } from '../../src/model/ids.ts';
import { noNews, plan } from '../../src/plan/plan.ts';
import { up, World } from './world.ts';

const apps = ['app1', 'app1-100', 'app1-200'].map((id, index) => ({
  id,
  priority: index * 10,
  tasks: up(id, 2),
}));

it('two pools are never put into one slot by a memory that is older than the data plane', () => {
  const world = new World(apps.slice(0, 2));
  world.settle();
  const slot = 'a' as SlotName;
  const stale = {
    app: appId('app1-100'),
    slot,
    side: 'B',
    readySince: null,
    drainingSince: null,
    enteredAs: null,
    completeAs: null,
    seenAs: null,
    waitingSince: null,
  } as const;
  world.apps = apps;
  // Slot b is free again, app1-100 is nowhere, and app1 holds the slot that app1-100 is remembered in.
  const observed = [...world.observed().services].map(([id, { service, slots }]) => {
    const freed = slots.map((each) => (each.slot === 'b' ? { ...each, app: null } : each));
    return [id, { service, slots: freed }] as const;
  });
  const verdict = plan({
    ...noNews,
    now: millis(world.now),
    services: world.services(),
    cluster: world.cluster(),
    observed: { services: new Map(observed) },
    memory: { services: world.memory.services.map((each) => ({ ...each, pools: [stale] })) },
  });
  const slots = verdict.services[0]?.pools.map((each) => [each.app, each.slot]) ?? [];
  expect(slots).toHaveLength(3);
  expect(new Set(slots.map(([, name]) => name)).size).toBe(3);
  expect(slots).toContainEqual(['/app1', 'a']);
});

it('the endpoints of a pool get the header that it asks for, and no others', () => {
  const world = new World([
    { id: 'app1', priority: 0, tasks: up('app1', 2) },
    { id: 'app1-100', priority: 0, tasks: up('app1-100', 2), sendProxy: 'v2' },
  ]);
  world.settle();
  const pools = world.verdict?.services[0]?.pools ?? [];
  const asked = pools.map(({ app, endpoints }) => [app, endpoints.map(({ sendProxy }) => sendProxy)]);
  expect(asked).toEqual([
    ['/app1', [undefined, undefined]],
    ['/app1-100', ['v2', 'v2']],
  ]);
});
