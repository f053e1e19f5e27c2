/** Commands by people: what is refused, and why. What is carried out is in the golden files. */
import { describe, expect, it } from 'vitest';
import { appId } from '../../../src/model/ids.ts';
import type { Command } from '../../../src/plan/command.ts';
import { type TestApp, tasks, up, World } from '../world.ts';

const app1: TestApp = { id: 'app1', priority: 0, tasks: up('app1', 2) };
const canary: TestApp = {
  id: 'app1-100',
  priority: 10,
  tasks: up('app1-100', 2),
  rollout: {
    steps: [
      { weight: 20, holdMs: 60_000, pause: false, analysis: false },
      { weight: 50, holdMs: 60_000, pause: false, analysis: false },
    ],
  },
};

function settled(...apps: readonly TestApp[]): World {
  const world = new World([app1]);
  world.settle();
  world.apps = [app1, ...apps];
  world.settle();
  return world;
}

const weight = (percent: number, app = 'app1-100'): Command => ({ verb: 'weight', app: appId(app), percent });

describe('refused, with the reason', () => {
  it.each<[Command, string]>([
    [{ verb: 'promote', full: false }, 'no transition is under way: there is nothing to promote'],
    [{ verb: 'pause' }, 'no transition is under way: there is nothing to pause'],
    [{ verb: 'resume' }, 'no transition is under way: there is nothing to resume'],
    [{ verb: 'abort' }, 'no transition is under way: there is nothing to abort'],
    [{ verb: 'retry' }, 'nothing was sent back'],
    [{ verb: 'rollback' }, 'no version before this one is known'],
    [weight(20, 'app1'), 'app1 is the only pool, and has everything'],
    [weight(20, 'app2'), 'app2 is no pool of this service; its pools are app1'],
  ])('%j of a service with one version', (command, problem) => {
    expect(settled().order(command)).toEqual({ outcome: 'refused', problem });
  });

  it.each<[Command, string]>([
    [{ verb: 'resume' }, 'nobody has paused it'],
    [{ verb: 'rollback' }, 'a transition is under way; abort goes back'],
    [{ verb: 'retry' }, 'nothing was sent back'],
  ])('%j amid a transition', (command, problem) => {
    expect(settled(canary).order(command)).toEqual({ outcome: 'refused', problem });
  });

  it('a second pause', () => {
    const world = settled(canary);
    expect(world.order({ verb: 'pause' }).outcome).toBe('done');
    world.settle();
    expect(world.order({ verb: 'pause' }, 'bert')).toEqual({
      outcome: 'refused',
      problem: 'it has been paused by anna already',
    });
  });

  it('weight for a version that is not ready, has nobody up, or was sent back', () => {
    const half = settled({ ...canary, tasks: [...up('app1-100', 1), ...tasks('b', 1, 'down', 'passed')] });
    expect(half.order(weight(20))).toMatchObject({
      problem: 'app1-100 is not ready: app1-100 has 1 of 2 instances up',
    });
    const dead = settled({ ...canary, tasks: tasks('app1-100', 2, 'down', 'failed') });
    expect(dead.order(weight(20))).toMatchObject({ problem: 'app1-100 has no endpoint up' });
    const back = settled(canary);
    back.order({ verb: 'abort' }, 'anna', 'smells');
    back.settle();
    expect(back.order(weight(20))).toMatchObject({
      problem: 'app1-100 was sent back (app1-100 was sent back by anna (smells)); retry it first',
    });
  });

  it('weights that come to more than everything', () => {
    const world = settled(canary);
    world.order(weight(60));
    world.settle();
    expect(world.order(weight(50, 'app1'))).toMatchObject({
      problem: 'the weights set by hand would come to 110 %',
    });
  });

  it('a way to the end at once, of what goes instance by instance', () => {
    const world = settled({ ...canary, rollout: { strategy: 'rolling' } });
    expect(world.order({ verb: 'promote', full: true })).toMatchObject({
      problem: 'it goes instance by instance; there is no way to the end at once',
    });
  });

  it('rolling back to a version of which nobody is up', () => {
    const world = settled(canary);
    world.order({ verb: 'promote', full: true });
    world.settle();
    world.apps = [{ ...app1, tasks: tasks('app1', 2, 'down', 'failed') }, canary];
    world.settle();
    expect(world.order({ verb: 'rollback' })).toMatchObject({ problem: 'app1 has no endpoint up any more' });
  });
});

it('a version is sent back also when nobody of the old one is up: it has what nobody else can have, until they are', () => {
  const world = settled(canary);
  const dead = { ...app1, tasks: tasks('app1', 2, 'down', 'failed') };
  world.apps = [dead, canary];
  world.settle();
  expect(world.order({ verb: 'abort' }).outcome).toBe('done');
  world.settle();
  expect(world.weights()).toEqual({ '/app1-100': 10_000 });
  expect(world.verdict?.services[0]).toMatchObject({ phase: 'last-resort', transition: null });
  world.apps = [app1, canary];
  world.settle();
  expect(world.weights()).toEqual({ '/app1': 10_000 });
  expect(world.verdict?.services[0]?.phase).toBe('aborted');
});

describe('without a memory', () => {
  function lost(): World {
    const world = settled(canary);
    world.memory = { services: [] };
    world.settle();
    return world;
  }

  it('weights over several priorities stay, and people are asked', () => {
    const world = lost();
    expect(world.weights()).toEqual({ '/app1': 8000, '/app1-100': 2000 });
    expect(world.verdict?.services[0]).toMatchObject({ phase: 'manual', because: { code: 'memory-lost' } });
    world.now += 3_600_000;
    world.settle();
    expect(world.weights()).toEqual({ '/app1': 8000, '/app1-100': 2000 });
  });

  it.each<[Command, Readonly<Record<string, number>>]>([
    [{ verb: 'promote', full: true }, { '/app1-100': 10_000 }],
    [{ verb: 'abort' }, { '/app1': 10_000 }],
    [{ verb: 'resume' }, { '/app1': 8000, '/app1-100': 2000 }],
  ])('%j decides', (command, weights) => {
    const world = lost();
    expect(world.order(command).outcome).toBe('done');
    world.settle();
    expect(world.weights()).toEqual(weights);
    expect(world.verdict?.services[0]?.phase).not.toBe('manual');
  });

  it('a change of labels decides', () => {
    const world = lost();
    world.apps = [app1, { ...canary, configuredAt: '2026-02-02T00:00:00.000Z' }];
    world.settle();
    expect(world.verdict?.services[0]?.phase).toBe('transition');
  });

  describe('who was sent back', () => {
    function forgotten(version: TestApp = canary): World {
      const world = settled(version);
      expect(world.order({ verb: version === canary ? 'abort' : 'rollback' }).outcome).toBe('done');
      world.settle();
      expect(world.weights()).toEqual({ '/app1': 10_000 });
      world.memory = { services: [] };
      world.settle();
      return world;
    }

    it.each([canary, { ...canary, rollout: {} }])('takes nothing, and people are asked', (version) => {
      const world = forgotten(version);
      world.now += 3_600_000;
      world.settle();
      expect(world.weights()).toEqual({ '/app1': 10_000 });
      const service = world.verdict?.services[0];
      const because = {
        code: 'memory-lost',
        text: 'what was known of app1-100 is lost, and whether it was sent back; retry or abort decides',
      };
      expect(service).toMatchObject({ phase: 'waiting', because });
      expect(service?.pools.find(({ app }) => app === '/app1-100')).toMatchObject({
        state: 'waiting',
        because,
      });
    });

    it.each<[Command, Readonly<Record<string, number>>, string]>([
      [{ verb: 'retry' }, { '/app1': 8000, '/app1-100': 2000 }, 'transition'],
      [{ verb: 'abort' }, { '/app1': 10_000 }, 'aborted'],
    ])('%j decides', (command, weights, phase) => {
      const world = forgotten();
      expect(world.order(command).outcome).toBe('done');
      world.settle();
      expect(world.weights()).toEqual(weights);
      expect(world.verdict?.services[0]?.phase).toBe(phase);
    });

    it('takes part again when it is changed, and not because another version comes', () => {
      const world = forgotten();
      const newest: TestApp = {
        ...canary,
        id: 'app1-200',
        priority: 20,
        tasks: up('app1-200', 2),
        rollout: {},
      };
      world.apps = [app1, canary, newest];
      world.settle();
      expect(world.weights()).toEqual({ '/app1-200': 10_000 });
      world.apps = [app1, canary];
      world.settle();
      expect(world.weights()).toEqual({ '/app1': 10_000 });
      world.apps = [app1, { ...canary, configuredAt: '2026-02-02T00:00:00.000Z' }];
      world.settle();
      expect(world.weights()).toEqual({ '/app1': 8000, '/app1-100': 2000 });
    });

    it('also beside one of an equal priority, where it is judged', () => {
      const analysis = {
        maxErrorRate: 0.01,
        maxP95Ms: null,
        minRequests: 0,
        intervalMs: 10_000,
        failureLimit: 0,
        inconclusiveLimit: 0,
        prometheus: [],
        webhook: null,
      };
      const beside: TestApp = { ...app1, id: 'app2', weight: 20, tasks: up('app2', 2) };
      const world = new World([{ ...app1, weight: 80 }]);
      world.settle();
      world.memory = { services: [] };
      world.apps = [
        { ...app1, weight: 80 },
        { ...beside, rollout: { analysis } },
      ];
      world.settle();
      expect(world.weights()).toEqual({ '/app1': 10_000 });
      world.apps = [{ ...app1, weight: 80 }, beside];
      world.memory = { services: [] };
      world.settle();
      expect(world.weights()).toEqual({ '/app1': 8000, '/app2': 2000 });
    });

    it('does not keep out who is below the one that carries', () => {
      const world = settled(canary);
      world.order({ verb: 'promote', full: true });
      world.settle();
      world.memory = { services: [] };
      world.apps = [app1, { ...canary, tasks: tasks('app1-100', 2, 'down', 'failed') }];
      world.settle();
      expect(world.weights()).toEqual({ '/app1': 10_000 });
    });
  });

  it('equal priorities are left alone', () => {
    const world = new World([
      { ...app1, weight: 80 },
      { ...app1, id: 'app2', weight: 20, tasks: up('app2', 2) },
    ]);
    world.settle();
    world.memory = { services: [] };
    world.settle();
    expect(world.verdict?.services[0]?.phase).toBe('settled');
    expect(world.weights()).toEqual({ '/app1': 8000, '/app2': 2000 });
  });
});
