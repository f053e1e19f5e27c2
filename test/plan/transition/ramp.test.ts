/** Ramps: their arithmetic, and what the golden files do not show. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadMemory, saveMemory } from '../../../src/controller/memory.ts';
import { appId } from '../../../src/model/ids.ts';
import { shares } from '../../../src/model/weights.ts';
import { same, toward } from '../../../src/plan/transition/ramp-shares.ts';
import type { Store, StoredDocument } from '../../../src/store/store.ts';
import { type TestApp, tasks, up, World } from '../world.ts';

const apps = ['/a', '/b', '/c', '/d', '/e'].map(appId);

const whole = fc.array(fc.nat(100), { minLength: 5, maxLength: 5 }).map((weights) =>
  shares(weights)
    .map((weight, index) => ({ app: apps[index] ?? appId('/a'), weight }))
    .filter(({ weight }) => weight > 0),
);
const weightOf = (list: ReturnType<typeof toward>, app: string) =>
  list.find((each) => each.app === app)?.weight ?? 0;

describe('a step', () => {
  it('moves nobody by more than it may, none away from where it goes, and arrives in as many as the longest way needs', () => {
    fc.assert(
      fc.property(whole, whole, fc.integer({ min: 1, max: 10_000 }), (from, goal, step) => {
        const longest = Math.max(...apps.map((app) => Math.abs(weightOf(goal, app) - weightOf(from, app))));
        let now: ReturnType<typeof toward> = from;
        let steps = 0;
        while (!same(now, goal) && steps < 50) {
          const next = toward(now, goal, step);
          expect(next.reduce((sum, { weight }) => sum + weight, 0)).toBe(10_000);
          for (const app of apps) {
            const [before, after, end] = [weightOf(now, app), weightOf(next, app), weightOf(goal, app)];
            expect(Math.abs(after - before)).toBeLessThanOrEqual(step);
            expect(Math.abs(end - after)).toBeLessThanOrEqual(Math.abs(end - before));
          }
          now = next;
          steps += 1;
        }
        expect(steps).toBe(Math.min(50, Math.ceil(longest / step)));
      }),
    );
  });
});

const one = (id: string, weight: number, more: Partial<TestApp> = {}): TestApp => ({
  id,
  priority: 0,
  weight,
  tasks: up(id, 1),
  ...more,
});

function ramping(): World {
  const world = new World([one('app1', 100), one('app2', 0)]);
  world.gateway = { ramp: { step: 1_000, holdMs: 60_000 } };
  world.settle();
  world.apps = [one('app1', 0), one('app2', 100)];
  world.settle();
  return world;
}

const service = (world: World) => world.verdict?.services[0];

describe('a ramp', () => {
  it('is where it was after a restart, with what was left of the hold', async () => {
    const world = ramping();
    world.order({ verb: 'pause' });
    world.settle();
    let kept: StoredDocument | null = null;
    const problems: string[] = [];
    const store: Store = {
      load: async () => kept,
      save: async (document) => {
        kept = JSON.parse(JSON.stringify(document));
      },
      keepAside: async (problem) => {
        problems.push(problem);
      },
    };
    const memory = world.memory;
    await saveMemory(store, { apps: [], gateways: [], plan: memory });
    const { plan } = await loadMemory(store);
    expect([plan, problems]).toEqual([memory, []]);
    expect(plan.services[0]?.ramp?.way?.paused?.by).toBe('anna');
    world.memory = plan;
    world.order({ verb: 'resume' });
    world.now += 59_000;
    world.settle();
    expect(world.weights()).toEqual({ '/app1': 9_000, '/app2': 1_000 });
    world.now += 1_000;
    world.settle();
    expect(world.weights()).toEqual({ '/app1': 8_000, '/app2': 2_000 });
    // Found on the data plane, without a memory, it goes on from there.
    world.memory = { services: [] };
    world.settle();
    expect(world.weights()).toEqual({ '/app1': 7_000, '/app2': 3_000 });
  });

  it('does not hold what is not asked for any more', () => {
    const world = ramping();
    world.gateway = {};
    world.settle();
    expect(world.weights()).toEqual({ '/app2': 10_000 });
    expect(world.memory.services[0]?.ramp).toBeNull();
  });

  it('ends complete, and says when it is to be looked at again', () => {
    const world = ramping();
    for (let step = 1; step < 10; step += 1) {
      expect(service(world)?.wakeAt).toBe(world.now + 60_000);
      world.now += 60_000;
      world.settle();
    }
    expect(service(world)?.lastTransition).toMatchObject({
      outcome: 'complete',
      to: ['/app2'],
      because: { code: 'complete', text: 'app2 has 100 %' },
    });
    expect(service(world)?.transition).toBeNull();
  });

  it('waits until the data plane was seen to run a step', () => {
    const world = ramping();
    world.now += 60_000;
    world.turn();
    const step = world.memory.services[0]?.ramp;
    expect([step?.since, service(world)?.transition?.phase, service(world)?.watching]).toEqual([
      null,
      'shifting',
      true,
    ]);
    world.now += 600_000;
    world.turn();
    expect(world.weights()).toEqual({ '/app1': 8_000, '/app2': 2_000 });
  });

  it('leaves fail-over at once, and gives everything to who enters where nobody carries', () => {
    const world = ramping();
    world.apps = [one('app1', 0, { tasks: tasks('app1', 1, 'down', 'failed') }), one('app2', 100)];
    world.settle();
    expect(world.weights()).toEqual({ '/app2': 10_000 });
    expect([service(world)?.transition, service(world)?.lastTransition?.outcome]).toEqual([null, 'complete']);
    world.apps = [one('app2', 100, { tasks: tasks('app2', 1, 'down', 'failed') }), one('app3', 100)];
    world.settle();
    expect(world.weights()).toEqual({ '/app3': 10_000 });
  });

  it.each([
    ['pause', 'it went back already; resume begins it anew'],
    ['abort', 'it went back already'],
  ] as const)('%s is refused after an abort, of which a death changes nothing', (verb, problem) => {
    const world = ramping();
    world.order({ verb: 'abort' });
    world.settle();
    expect(service(world)?.lastTransition?.outcome).toBe('aborted');
    expect(world.order({ verb })).toEqual({ outcome: 'refused', problem });
    const [alive, dead] = [world.apps, [one('app1', 0), one('app2', 100, { tasks: [], instances: 1 })]];
    for (const apps of [dead, alive]) {
      world.apps = apps;
      world.settle();
      world.now += 600_000;
      world.settle();
      expect(world.weights()).toEqual({ '/app1': 10_000 });
    }
    expect(world.order({ verb: 'resume' })).toMatchObject({ outcome: 'done', text: 'begins anew' });
    world.settle();
    expect(world.weights()).toEqual({ '/app1': 9_000, '/app2': 1_000 });
    expect(world.order({ verb: 'resume' })).toEqual({ outcome: 'refused', problem: 'nobody has paused it' });
    world.order({ verb: 'pause' });
    expect(world.order({ verb: 'pause' })).toMatchObject({ problem: 'it has been paused by anna already' });
  });

  it('goes on from weights that somebody had set', () => {
    const world = ramping();
    world.apps = [one('app1', 10), one('app2', 90)];
    world.order({ verb: 'weight', app: appId('app2'), percent: 50 });
    world.settle();
    expect([world.weights()['/app2'], service(world)?.phase]).toEqual([5_000, 'manual']);
    world.order({ verb: 'resume' });
    world.settle();
    expect([world.weights()['/app2'], service(world)?.phase]).toEqual([6_000, 'transition']);
  });
});
