/** The planner where two rules meet: what is left on purpose, what is left to the data plane, what is not yet free. */
import { describe, expect, it } from 'vitest';
import { millis } from '../../src/model/ids.ts';
import { noNews, plan } from '../../src/plan/plan.ts';
import { type TestApp, tasks, up, World } from './world.ts';

const app1: TestApp = { id: 'app1', priority: 0, tasks: up('app1', 2) };
const app100: TestApp = { id: 'app1-100', priority: 10, tasks: up('app1-100', 2) };

function settled(...apps: readonly TestApp[]): World {
  const world = new World(apps);
  world.settle();
  return world;
}

describe('an endpoint of a pool that has entered', () => {
  const rotations = (world: World) =>
    world.verdict?.services[0]?.pools[0]?.endpoints.map((endpoint) => endpoint.rotation);

  it.each([
    ['unknown', 'in'],
    ['up', 'in'],
    ['down', 'hold'],
  ] as const)(
    'that the data plane marks down and Marathon calls %s is %s rotation there',
    (health, rotation) => {
      const world = settled(app1);
      world.apps = [{ ...app1, tasks: tasks('app1', 2, health, 'failed') }];
      world.settle();
      expect(rotations(world)).toEqual([rotation, rotation]);
    },
  );

  it('does not serve before its readiness checks have passed, though the data plane finds it well', () => {
    const world = settled(app1);
    const fresh = { name: 'fresh', health: 'unknown', probe: 'passed', notReady: true } as const;
    world.apps = [{ ...app1, tasks: [...app1.tasks, fresh] }];
    world.settle();
    expect(rotations(world)).toEqual(['in', 'in', 'hold']);
  });
});

it('a pool that does not fail over is left when it is scaled to 0: that is on purpose', () => {
  const last: TestApp = { ...app100, failover: false };
  const world = settled(app1, last);
  world.apps = [app1, { ...last, instances: 0, tasks: [] }];
  world.settle();
  expect(world.weights()).toEqual({ '/app1': 10_000 });
  expect(world.verdict?.services[0]?.phase).toBe('settled');
});

it('a newcomer takes no slot that still has sessions of the one before', () => {
  const world = settled(app1);
  world.apps = [app1, app100];
  const busy = [...world.observed().services].map(([id, { service, slots }]) => {
    const held = slots.map((slot) => (slot.slot === 'b' ? { ...slot, sessions: 1 } : slot));
    return [id, { service, slots: held }] as const;
  });
  const verdict = plan({
    ...noNews,
    now: millis(world.now),
    services: world.services(),
    cluster: world.cluster(),
    observed: { services: new Map(busy) },
    memory: world.memory,
  });
  expect(verdict.services[0]?.pools.map((each) => each.slot)).toEqual(['a', 'c']);
});
