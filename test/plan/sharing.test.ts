/** The planner, situation by situation: shares of equal priorities, draining, slots. */
import { describe, expect, it } from 'vitest';
import { emptyMemory } from '../../src/plan/verdict.ts';
import { type TestApp, tasks, up, World } from './world.ts';

const app1: TestApp = { id: 'app1', priority: 0, tasks: up('app1', 2) };
const app100: TestApp = { id: 'app1-100', priority: 10, tasks: up('app1-100', 2) };
const app200: TestApp = { id: 'app1-200', priority: 20, tasks: up('app1-200', 2) };

function phase(world: World): string | undefined {
  return world.verdict?.services[0]?.phase;
}

function pool(world: World, app: string) {
  const found = world.verdict?.services[0]?.pools.find((each) => each.app === `/${app}`);
  if (found === undefined) throw new Error(`no pool ${app}`);
  return found;
}

describe('equal priorities', () => {
  const blue: TestApp = { id: 'app1', priority: 10, weight: 80, tasks: up('app1', 1) };
  const green: TestApp = { id: 'app1-100', priority: 10, weight: 20, tasks: up('app1-100', 10) };

  it('share by declared weight, whatever the instance counts', () => {
    const world = new World([blue, green]);
    world.settle();
    expect(world.weights()).toEqual({ '/app1': 8000, '/app1-100': 2000 });
  });

  it('share by instances up when nobody declares a weight', () => {
    const world = new World([
      { ...blue, weight: null },
      { ...green, weight: null },
    ]);
    world.settle();
    expect(world.weights()).toEqual({ '/app1': 909, '/app1-100': 9091 });
  });

  it('count 100 for one that declares no weight beside one that does', () => {
    const world = new World([
      { ...blue, weight: 300 },
      { ...green, weight: null },
    ]);
    world.settle();
    expect(world.weights()).toEqual({ '/app1': 7500, '/app1-100': 2500 });
  });

  it('let a newcomer in when it is ready, and give its part to the others when it dies', () => {
    const world = new World([blue]);
    world.settle();
    world.apps = [blue, { ...green, tasks: tasks('app1-100', 10, 'unknown', 'passed') }];
    world.settle();
    expect(world.weights()).toEqual({ '/app1': 10_000 });
    world.apps = [blue, green];
    world.settle();
    expect(world.weights()).toEqual({ '/app1': 8000, '/app1-100': 2000 });
    world.apps = [{ ...blue, tasks: tasks('app1', 1, 'up', 'failed') }, green];
    world.settle();
    expect(world.weights()).toEqual({ '/app1-100': 10_000 });
  });

  it('give nothing to weight 0 while anybody else can serve', () => {
    const world = new World([app1, { ...app100, weight: 0 }]);
    world.settle();
    expect(world.weights()).toEqual({ '/app1': 10_000 });
    expect(pool(world, 'app1-100').because.code).toBe('weight-zero');
    world.apps = [
      { ...app1, tasks: [] },
      { ...app100, weight: 0 },
    ];
    world.settle();
    expect(world.weights()).toEqual({ '/app1-100': 10_000 });
  });
});

describe('draining', () => {
  it('reports the old pool as draining until its requests are done, then stands by', () => {
    const world = new World([app1]);
    world.settle();
    world.apps = [{ ...app1, sessions: 3 }, app100];
    world.settle();
    expect(pool(world, 'app1')).toMatchObject({
      state: 'draining',
      weight: 0,
      draining: true,
      close: false,
    });
    expect(phase(world)).toBe('draining');
    world.apps = [app1, app100];
    world.settle();
    expect(pool(world, 'app1')).toMatchObject({ state: 'standby', draining: false });
    expect(phase(world)).toBe('settled');
  });

  it.each([
    ['close', true],
    ['keep', false],
  ] as const)('after the timeout it does what is declared: %s', (then, close) => {
    const world = new World([app1]);
    world.settle();
    world.apps = [{ ...app1, sessions: 3, drainTimeoutMs: 60_000, drainThen: then }, app100];
    world.settle();
    world.now += 59_999;
    world.turn();
    expect(pool(world, 'app1').close).toBe(false);
    world.now += 1;
    world.turn();
    expect(pool(world, 'app1')).toMatchObject({ close, draining: false });
    expect(pool(world, 'app1').because.code).toBe('drain-timeout');
  });
});

describe('slots', () => {
  it('are kept, and a deleted version frees its own', () => {
    const world = new World([app1, app100, app200]);
    world.settle();
    world.apps = [app1, app200];
    world.settle();
    world.apps = [app1, app200, { ...app100, id: 'app1-300', priority: 30, tasks: up('app1-300', 2) }];
    world.settle();
    expect(pool(world, 'app1-300')).toMatchObject({ slot: 'b', side: 'B' });
    expect(pool(world, 'app1-200').slot).toBe('c');
  });
});

describe('a pool that takes a part before it is ready', () => {
  const blue: TestApp = { id: 'app1', priority: 0, readyCount: 1, tasks: up('app1', 4) };
  const green: TestApp = {
    id: 'app1-100',
    priority: 1,
    joins: 0,
    readyCount: 4,
    instances: 4,
    tasks: up('app1-100', 2),
  };
  const whole: TestApp = { ...green, tasks: up('app1-100', 4) };

  it('does not take the rest because the memory was lost', () => {
    const world = new World([blue, green]);
    world.settle();
    world.memory = emptyMemory;
    world.settle();
    expect(world.weights()).toEqual({ '/app1': 6667, '/app1-100': 3333 });
  });

  it('keeps what it has taken although the memory was lost', () => {
    const world = new World([blue, whole]);
    world.settle();
    world.memory = emptyMemory;
    world.apps = [blue, green];
    world.settle();
    expect(world.weights()).toEqual({ '/app1-100': 10_000 });
  });

  it('begins anew with another configuration, once it has left', () => {
    const world = new World([blue, whole]);
    world.settle();
    world.apps = [blue, { ...whole, tasks: [], instances: 0 }];
    world.settle();
    world.apps = [blue, { ...green, configuredAt: '2026-02-01T00:00:00.000Z' }];
    world.settle();
    expect(world.weights()).toEqual({ '/app1': 6667, '/app1-100': 3333 });
  });
});
