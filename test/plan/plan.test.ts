/** The planner, situation by situation. */
import { describe, expect, it } from 'vitest';
import { appId } from '../../src/model/ids.ts';
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

describe('the priority switch', () => {
  it('gives everything to the only version once it is ready', () => {
    const world = new World([app1]);
    world.settle();
    expect(world.weights()).toEqual({ '/app1': 10_000 });
    expect(phase(world)).toBe('settled');
    expect(pool(world, 'app1').because.code).toBe('only-pool');
  });

  it('moves all traffic to a higher priority at once when it is ready, on alternating sides', () => {
    const world = new World([app1]);
    world.settle();
    world.apps = [app1, app100];
    world.settle();
    expect(world.weights()).toEqual({ '/app1-100': 10_000 });
    expect(pool(world, 'app1-100')).toMatchObject({ side: 'B', slot: 'b', attached: true, state: 'active' });
    expect(world.verdict?.services[0]?.ratio).toBe(100);
    world.apps = [app1, app100, app200];
    world.settle();
    expect(world.weights()).toEqual({ '/app1-200': 10_000 });
    expect(pool(world, 'app1-200')).toMatchObject({ side: 'A', slot: 'c' });
    expect(pool(world, 'app1').attached).toBe(false);
    expect(world.verdict?.services[0]?.ratio).toBe(0);
  });

  it.each([
    ['not healthy', tasks('n', 2, 'unknown', 'passed'), 'waiting-for-instances'],
    ['down', tasks('n', 2, 'down', 'passed'), 'waiting-for-instances'],
    [
      'half healthy',
      [...tasks('n', 1, 'up', 'passed'), ...tasks('m', 1, 'unknown', 'passed')],
      'waiting-for-instances',
    ],
    ['healthy but not checked', tasks('n', 2, 'up', 'pending'), 'waiting-for-check'],
    ['healthy but failing its check', tasks('n', 2, 'up', 'failed'), 'waiting-for-check'],
    [
      'not past its readiness checks',
      up('n', 2).map((task) => ({ ...task, notReady: true })),
      'waiting-for-instances',
    ],
    [
      'of an older configuration',
      up('n', 2).map((task) => ({ ...task, old: true })),
      'waiting-for-instances',
    ],
  ])('gives nothing to a new version that is %s', (_, newTasks, code) => {
    const world = new World([app1]);
    world.settle();
    world.apps = [app1, { ...app100, tasks: newTasks }];
    world.settle();
    expect(world.weights()).toEqual({ '/app1': 10_000 });
    expect(phase(world)).toBe('waiting');
    expect(pool(world, 'app1-100').because.code).toBe(code);
  });

  it('waits until it has been ready for as long as declared', () => {
    const world = new World([app1]);
    world.settle();
    world.apps = [app1, { ...app100, readyForMs: 5000 }];
    const begun = world.now;
    expect(world.settle().services[0]?.wakeAt).toBe(begun + 5000);
    expect(pool(world, 'app1-100').because.code).toBe('waiting-for-time');
    world.now += 4999;
    world.turn();
    expect(world.weights()).toEqual({ '/app1': 10_000 });
    world.now += 1;
    world.turn();
    expect(world.weights()).toEqual({ '/app1-100': 10_000 });
  });

  it('begins the wait anew when an endpoint fails meanwhile', () => {
    const world = new World([app1]);
    world.settle();
    world.apps = [app1, { ...app100, readyForMs: 5000 }];
    world.turn();
    world.turn();
    world.now += 4000;
    world.apps = [app1, { ...app100, readyForMs: 5000, tasks: tasks('app1-100', 2, 'down', 'passed') }];
    world.turn();
    world.apps = [app1, { ...app100, readyForMs: 5000 }];
    world.now += 1500;
    world.turn();
    expect(world.weights()).toEqual({ '/app1': 10_000 });
  });

  it('asks for as many instances as declared', () => {
    const world = new World([app1]);
    world.settle();
    world.apps = [app1, { ...app100, instances: 3, readyCount: 1, tasks: up('app1-100', 1) }];
    world.settle();
    expect(world.weights()).toEqual({ '/app1-100': 10_000 });
  });
});

describe('staying', () => {
  const ten: TestApp = { id: 'app1-100', priority: 10, tasks: up('app1-100', 10) };

  it.each([
    ['loses one instance of ten', { ...ten, tasks: ten.tasks.slice(1), instances: 10 }],
    ['scales up', { ...ten, instances: 20 }],
    ['has one instance left', { ...ten, instances: 10, tasks: ten.tasks.slice(9) }],
    [
      'is upgraded in place',
      {
        ...ten,
        configuredAt: '2026-02-02T00:00:00.000Z',
        tasks: ten.tasks.map((task) => ({ ...task, old: true })),
      },
    ],
    [
      'has its health forgotten by Marathon',
      { ...ten, tasks: ten.tasks.map((task) => ({ ...task, health: 'unknown' as const })) },
    ],
    [
      'runs on agents that Mesos has lost sight of',
      {
        ...ten,
        tasks: ten.tasks.map((task) => ({ ...task, state: 'TASK_UNREACHABLE', health: 'unknown' as const })),
      },
    ],
  ])('an active pool that %s keeps its traffic', (_, changed: TestApp) => {
    const world = new World([app1, ten]);
    world.settle();
    world.apps = [app1, changed];
    world.settle();
    expect(world.weights()).toEqual({ '/app1-100': 10_000 });
  });
});

describe('an endpoint that Marathon has not judged yet, but that passes the same check here', () => {
  const rotations = (world: World, app: string) =>
    pool(world, app).endpoints.map((endpoint) => endpoint.rotation);

  it('serves in a pool that has entered: a rolling upgrade must not wait for Marathon', () => {
    const world = new World([app1]);
    world.settle();
    const next = { ...app1, configuredAt: '2026-02-02T00:00:00.000Z' };
    const [first] = app1.tasks;
    if (first === undefined) throw new Error('no task');
    world.apps = [
      {
        ...next,
        tasks: [
          { ...first, old: true },
          { name: 'new', health: 'unknown', probe: 'passed' },
        ],
      },
    ];
    world.settle();
    expect(rotations(world, 'app1')).toEqual(['in', 'in']);
  });

  it('does not serve in one that has not, and does not count as ready', () => {
    const world = new World([app1]);
    world.settle();
    world.apps = [app1, { ...app100, tasks: tasks('app1-100', 2, 'unknown', 'passed') }];
    world.settle();
    expect(rotations(world, 'app1-100')).toEqual(['hold', 'hold']);
    expect(pool(world, 'app1-100').ready).toBe(false);
  });
});

describe('failing over and back', () => {
  const dead: TestApp = { ...app200, tasks: tasks('app1-200', 2, 'up', 'failed') };

  it('gives the traffic to the next priority when nobody is up, and back after it was ready again', () => {
    const world = new World([app1, app100, app200]);
    world.settle();
    world.apps = [app1, app100, dead];
    world.settle();
    expect(world.weights()).toEqual({ '/app1-100': 10_000 });
    expect(phase(world)).toBe('failed-over');
    world.apps = [
      app1,
      app100,
      { ...app200, tasks: [...tasks('app1-200', 1, 'up', 'passed'), ...tasks('x', 1, 'down', 'passed')] },
    ];
    world.settle();
    expect(world.weights()).toEqual({ '/app1-100': 10_000 });
    world.apps = [app1, app100, app200];
    world.settle();
    expect(world.weights()).toEqual({ '/app1-200': 10_000 });
    expect(phase(world)).toBe('settled');
  });

  it('takes over with less than full readiness when it carried before', () => {
    const world = new World([app100]);
    world.settle();
    world.apps = [{ ...app100, instances: 2, tasks: up('app1-100', 1) }, app200];
    world.settle();
    world.apps = [{ ...app100, instances: 2, tasks: up('app1-100', 1) }, dead];
    world.settle();
    expect(world.weights()).toEqual({ '/app1-100': 10_000 });
    expect(phase(world)).toBe('failed-over');
  });

  it('leaves a pool that is declared not to fail over its traffic', () => {
    const world = new World([app1, { ...app100, failover: false }]);
    world.settle();
    world.apps = [app1, { ...app100, failover: false, tasks: tasks('app1-100', 2, 'down', 'failed') }];
    world.settle();
    expect(world.weights()).toEqual({ '/app1-100': 10_000 });
    expect(phase(world)).toBe('down');
    expect(pool(world, 'app1-100').because.code).toBe('no-fail-over');
  });

  it('gives the traffic on when the active version is scaled to 0 or deleted', () => {
    const world = new World([app1, { ...app100, failover: false }, app200]);
    world.settle();
    world.apps = [app1, app100, { ...app200, instances: 0 }];
    world.settle();
    expect(world.weights()).toEqual({ '/app1-100': 10_000 });
    world.apps = [app1];
    world.settle();
    expect(world.weights()).toEqual({ '/app1': 10_000 });
    expect(phase(world)).toBe('settled');
  });

  it('serves from whoever is up when nobody is ready, the highest priority first', () => {
    const world = new World(
      [app1, { ...app100, instances: 10, tasks: up('app1-100', 9) }].map((app) => ({
        ...app,
        instances: 10,
      })),
    );
    world.settle();
    expect(world.weights()).toEqual({ '/app1-100': 10_000 });
    expect(phase(world)).toBe('last-resort');
  });

  it('gives the last resort up as soon as anybody is ready', () => {
    const world = new World([{ ...app100, instances: 3 }]);
    world.settle();
    world.apps = [app1, { ...app100, instances: 3 }];
    world.settle();
    expect(world.weights()).toEqual({ '/app1': 10_000 });
    expect(phase(world)).toBe('waiting');
  });

  it('never serves from a version that was never healthy, not even as a last resort', () => {
    const world = new World([{ ...app1, tasks: tasks('app1', 2, 'unknown', 'passed') }]);
    world.settle();
    expect(world.weights()).toEqual({});
    expect(phase(world)).toBe('waiting');
  });

  it('leaves the weights when nobody is up', () => {
    const world = new World([app1, app100]);
    world.settle();
    world.apps = [app1, app100].map((app) => ({ ...app, tasks: tasks(app.id, 2, 'down', 'failed') }));
    world.settle();
    expect(world.weights()).toEqual({ '/app1-100': 10_000 });
    expect(phase(world)).toBe('down');
  });

  it('has the data plane try the carriers first, then who could take over, then the never ready', () => {
    const world = new World([app1, app100]);
    world.settle();
    world.apps = [app1, app100, { ...app200, instances: 3 }];
    world.settle();
    expect(world.verdict?.services[0]?.failover).toEqual(['b', 'a', 'c']);
  });
});

describe('conditions', () => {
  const condition = { kind: 'has-header', name: 'beta' } as const;
  const conditions = [
    { app: appId('app1-100'), condition, strength: 50 },
    { app: appId('elsewhere'), condition, strength: 100 },
  ];
  const slots = (world: World) => world.verdict?.services[0]?.conditions?.map(({ slot }) => slot);

  it('are known before their pool is ready, and lead to it from then on, whatever its weight', () => {
    const world = new World([
      app1,
      { ...app100, priority: 0, weight: 0, tasks: tasks('b', 2, 'unknown', 'passed') },
    ]);
    world.settle();
    expect(world.verdict?.services[0]).not.toHaveProperty('conditions');
    world.gateway = { conditions };
    world.settle();
    expect(slots(world)).toEqual([null, null]);
    world.apps = [app1, { ...app100, priority: 0, weight: 0 }];
    world.settle();
    expect(slots(world)).toEqual(['b', null]);
    expect(world.verdict?.services[0]?.conditions?.[0]).toEqual({ slot: 'b', condition, strength: 50 });
    expect(world.weights()).toEqual({ '/app1': 10_000 });
    world.apps = [app1, { ...app100, priority: 0, weight: 0, tasks: tasks('b', 2, 'down', 'failed') }];
    world.settle();
    expect(slots(world)).toEqual([null, null]);
  });

  it('keep those who meet them on a pool whose drain has timed out', () => {
    const drained = { ...app1, weight: 0, drainTimeoutMs: 1_000, sessions: 3 };
    const world = new World([{ ...drained, weight: 100 }]);
    world.settle();
    const closes = () => {
      world.settle();
      world.now += 2_000;
      world.settle();
      return pool(world, 'app1').close;
    };
    world.apps = [drained, { ...app100, priority: 0, weight: 100 }];
    expect(closes()).toBe(true);
    world.gateway = { conditions: [{ app: appId('app1'), condition, strength: 100 }] };
    expect(closes()).toBe(false);
  });
});
