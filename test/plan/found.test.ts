/** What random histories have found, each in a history of its own. */
import { describe, expect, it } from 'vitest';
import type { AnalysisRule, Rollout, Step } from '../../src/declared/rollout.ts';
import { appId } from '../../src/model/ids.ts';
import { checkServices } from './histories/invariants.ts';
import { playHistory } from './histories/histories.ts';
import { plainSpec, type Spec } from './histories/marathon.ts';
import { Stage, type StageSettings } from './histories/stage.ts';

const [app1, app100, app200, app300] = ['/app1', '/app1-100', '/app1-200', '/app1-300'].map(appId) as [
  ReturnType<typeof appId>,
  ReturnType<typeof appId>,
  ReturnType<typeof appId>,
  ReturnType<typeof appId>,
];

function step(weight: number, holdMs = 60_000, pause = false): Step {
  return { weight, holdMs, pause, analysis: false };
}

/** app1 carries everything, and app1-200 has been posted. */
async function begun(
  rollout: Partial<Rollout>,
  instances = 3,
  settings: Partial<StageSettings> = {},
): Promise<Stage> {
  const stage = new Stage(settings, checkServices);
  stage.marathon.post(app1, plainSpec(0), 3);
  await stage.pass(10_000);
  stage.marathon.post(app200, plainSpec(20, rollout), instances);
  await stage.pass(5000);
  return stage;
}

function service(stage: Stage) {
  const found = stage.verdict?.services.find((each) => each.service === '/app1');
  if (found === undefined) throw new Error('there is no service');
  return found;
}

function tasksOf(stage: Stage, app: typeof app1) {
  return stage.marathon.apps.get(app)?.tasks ?? [];
}

describe('waiting', () => {
  it('needs no turn while others are awaited: they say when they have answered', async () => {
    const analysis: AnalysisRule = {
      maxErrorRate: null,
      maxP95Ms: null,
      minRequests: 0,
      intervalMs: 5000,
      failureLimit: 0,
      inconclusiveLimit: 0,
      prometheus: [{ query: 'up', min: 1, max: null, againstOld: false }],
      webhook: null,
    };
    const stage = await begun({ steps: [step(50, 0, true)], analysis });
    stage.others = null;
    await stage.pass(60_000);
    expect(service(stage).asks).toHaveLength(1);
    expect(service(stage).wakeAt).toBeNull();
  });

  it('of a step that was paused before it was seen to run goes on, and does not begin later', async () => {
    const stage = await begun({ steps: [step(50)] }, 3, { probeMs: 5000 });
    while (service(stage).transition === null) {
      stage.elapse(100);
      await stage.turn();
    }
    stage.order('/app1', { verb: 'pause' });
    await stage.pass(30_000);
    stage.order('/app1', { verb: 'weight', app: app200, percent: 10 });
    await stage.pass(30_000);
    stage.order('/app1', { verb: 'resume' });
    await stage.pass(30_000);
    stage.order('/app1', { verb: 'resume' });
    await stage.turn();
    const { stepSince } = stage.memory.services[0]?.transition ?? {};
    expect(stepSince).toBeLessThanOrEqual(stage.now);
  });
});

it('no step passes while nobody of the new version is up', async () => {
  const stage = await begun({ steps: [step(5, 10_000), step(25, 10_000), step(50, 10_000)] });
  for (const task of tasksOf(stage, app200)) task.broken = true;
  await stage.pass(25_000);
  for (const task of tasksOf(stage, app200)) task.broken = false;
  await stage.turn();
  expect(service(stage).transition).toMatchObject({ step: 1, weight: 500 });
});

describe('the first share', () => {
  it('waits for a version that was ready at a first step of 0 % and is not any more', async () => {
    const stage = await begun({ steps: [step(0), step(50)] });
    const [task] = tasksOf(stage, app200);
    if (task !== undefined) task.said = 'down';
    await stage.pass(300_000);
    expect(stage.weights()).toEqual({ [app1]: 10_000 });
    if (task !== undefined) task.said = null;
    await stage.pass(5000);
    expect(stage.weights()).toEqual({ [app1]: 5000, [app200]: 5000 });
  });

  it('is not taken from a transition at 0 % by the silence of Marathon', async () => {
    const stage = await begun({ steps: [step(0), step(50)] });
    stage.marathon.silent = true;
    await stage.pass(30_000);
    expect(service(stage).transition).toMatchObject({ step: 1, phase: 'holding' });
  });

  it('with capacity match waits until all that was scaled has been up for long enough', async () => {
    const stage = new Stage({}, checkServices);
    stage.marathon.post(app1, plainSpec(0), 3);
    await stage.pass(10_000);
    const spec = plainSpec(20, { capacity: 'match' });
    stage.marathon.post(app200, { ...spec, ready: { ...spec.ready, forMs: 5000 } }, 1);
    await stage.pass(60_000);
    expect(stage.weights()).toEqual({ [app200]: 10_000 });
  });
});

describe('capacity that follows the weight', () => {
  const rollout: Partial<Rollout> = { capacity: 'match', steps: [step(50, 600_000), step(100)] };

  /** The second share is to come, and waits for instances. */
  async function growing(): Promise<Stage> {
    const stage = await begun({ ...rollout, steps: [step(25, 10_000), step(75)] }, 1, {
      wishDelayMs: 20_000,
    });
    while (service(stage).transition?.step !== 2) {
      stage.elapse(100);
      await stage.turn();
    }
    return stage;
  }

  it('takes no share back because Marathon is silent', async () => {
    const stage = await begun(rollout, 1);
    await stage.pass(60_000);
    expect(stage.weights()).toEqual({ [app1]: 5000, [app200]: 5000 });
    stage.marathon.silent = true;
    await stage.pass(60_000);
    expect(stage.weights()).toEqual({ [app1]: 5000, [app200]: 5000 });
  });

  it('takes no share while somebody has paused it, and is not late for that', async () => {
    const stage = await growing();
    expect(service(stage).transition?.phase).toBe('growing');
    stage.order('/app1', { verb: 'pause' });
    await stage.turn();
    expect(service(stage).wishes).toEqual([]);
    stage.marathon.scale(app200, 3);
    await stage.pass(3_600_000);
    expect(service(stage).transition).toMatchObject({ phase: 'paused', weight: 2500 });
    expect(stage.weights()).toEqual({ [app1]: 7500, [app200]: 2500 });
    stage.order('/app1', { verb: 'resume' });
    await stage.pass(5000);
    expect(stage.weights()).toEqual({ [app1]: 2500, [app200]: 7500 });
  });

  it('is asked for again when they let go, and has its time', async () => {
    const stage = await growing();
    stage.order('/app1', { verb: 'weight', app: app200, percent: 10 });
    await stage.pass(3_600_000);
    expect(stage.weights()).toEqual({ [app1]: 9000, [app200]: 1000 });
    expect(stage.marathon.apps.get(app200)?.instances).toBe(1);
    stage.order('/app1', { verb: 'resume' });
    await stage.pass(120_000);
    expect(stage.weights()).toEqual({ [app200]: 10_000 });
  });

  it('is waited for at the end, and no further, however often somebody promotes it there', async () => {
    const stage = await begun({ ...rollout, steps: [step(50), step(75), step(100)] }, 1, {
      wishDelayMs: 60_000,
    });
    for (let times = 0; times < 2; times += 1) stage.order('/app1', { verb: 'promote', full: true });
    stage.order('/app1', { verb: 'promote', full: false });
    expect(stage.memory.services[0]?.transition?.step).toBe(3);
    await stage.pass(300_000);
    expect(stage.weights()).toEqual({ [app200]: 10_000 });
  });

  it('is waited for also when somebody has promoted it', async () => {
    const stage = await begun({ ...rollout, steps: [step(50), step(75), step(100)] }, 1, {
      wishDelayMs: 60_000,
    });
    stage.order('/app1', { verb: 'promote', full: false });
    await stage.turn();
    await stage.turn();
    expect(service(stage).transition?.phase).toBe('growing');
    expect(stage.weights()).toEqual({ [app1]: 10_000 });
  });
});

describe('who is not ready', () => {
  it('gets nothing of what a weight set by hand leaves', async () => {
    const stage = await begun({}, 3);
    stage.order('/app1', { verb: 'weight', app: app200, percent: 20 });
    await stage.turn();
    expect(stage.weights()).toEqual({ [app1]: 8000, [app200]: 2000 });
    const spec = plainSpec(30);
    stage.marathon.apps.delete(app1);
    stage.marathon.post(app300, { ...spec, ready: { ...spec.ready, forMs: 600_000 } }, 2);
    await stage.pass(60_000);
    expect(stage.weights()).toEqual({ [app200]: 10_000 });
  });

  it('gets nothing of a weight that was set by hand when it was another configuration', async () => {
    const stage = await begun({}, 2);
    stage.order('/app1', { verb: 'weight', app: app1, percent: 20 });
    await stage.pass(5000);
    stage.marathon.scale(app1, 0);
    await stage.pass(60_000);
    expect(stage.weights()).toEqual({ [app200]: 10_000 });
    const spec = plainSpec(0);
    stage.marathon.post(app1, { ...spec, ready: { ...spec.ready, forMs: 600_000 } }, 2);
    await stage.pass(60_000);
    expect(stage.weights()).toEqual({ [app200]: 10_000 });
  });

  it('does not stand in for an old version that is deleted while the new one can serve', async () => {
    const stage = await begun({ steps: [step(0, 0, true), step(100)] });
    const spec = plainSpec(10, {}, 0);
    stage.marathon.post(app100, { ...spec, ready: { ...spec.ready, forMs: 600_000 } }, 2);
    stage.marathon.apps.delete(app1);
    await stage.pass(60_000);
    expect(stage.weights()).toEqual({ [app200]: 10_000 });
  });
});

describe('instance by instance', () => {
  const rollout: Partial<Rollout> = { strategy: 'rolling' };

  it('an old version of which all instances leave has no share', async () => {
    const stage = new Stage({ sessionMs: 30_000 }, checkServices);
    stage.marathon.post(app100, plainSpec(10), 1);
    stage.marathon.post(app200, plainSpec(10), 1);
    await stage.pass(10_000);
    expect(stage.weights()).toEqual({ [app100]: 5000, [app200]: 5000 });
    stage.marathon.post(app300, plainSpec(20, rollout), 1);
    await stage.pass(10_000);
    expect(service(stage).transition?.phase).toBe('leaving');
    const shares = Object.values(stage.weights());
    expect(shares).toEqual([5000, 5000]);
    expect(stage.weights()[app300]).toBe(5000);
  });

  it('waits for a version that is not ready any more before its first share', async () => {
    const stage = new Stage({}, checkServices);
    stage.marathon.post(app1, plainSpec(0), 3);
    await stage.pass(10_000);
    const { ready, ...spec } = plainSpec(20, rollout, 0);
    const slowly = { ...ready, instances: { count: 1 }, forMs: 30_000, graceMs: 600_000 };
    stage.marathon.post(app200, { ...spec, ready: slowly }, 1);
    await stage.turn();
    const app = stage.marathon.apps.get(app200);
    if (app !== undefined) app.spec = { ...app.spec, startMs: 60_000 };
    stage.marathon.scale(app200, 5);
    await stage.pass(35_000);
    expect(service(stage).transition).toMatchObject({ phase: 'growing', weight: 0 });
    const [first] = tasksOf(stage, app200);
    if (first !== undefined) stage.marathon.lose(app200, first.id);
    await stage.pass(50_000);
    expect(stage.weights()).toEqual({ [app1]: 10_000 });
    await stage.pass(60_000);
    expect(stage.weights()[app200]).toBeGreaterThan(0);
  });

  it('who leaves comes back when no new instance serves any more', async () => {
    const stage = await begun(rollout, 3, { sessionMs: 600_000 });
    for (let turns = 0; turns < 3; turns += 1) await stage.turn();
    expect(service(stage).transition?.phase).toBe('leaving');
    for (const task of tasksOf(stage, app200)) task.broken = true;
    await stage.pass(1000);
    expect(stage.weights()).toEqual({ [app1]: 10_000 });
    const old = service(stage).pools.find((pool) => pool.app === app1);
    expect(old?.endpoints.map((each) => each.rotation)).toEqual(['in', 'in', 'in']);
  });

  it('an old version that died is scaled away only when its sessions have ended', async () => {
    const stage = await begun(rollout, 3, { sessionMs: 60_000 });
    for (const task of tasksOf(stage, app1)) task.broken = true;
    await stage.turn();
    await stage.turn();
    expect(service(stage).wishes).toEqual([]);
    await stage.pass(120_000);
    expect(stage.marathon.apps.get(app1)?.instances).toBe(0);
  });

  it('who was sent back carries all of it when the old version dies before it has its instances again', async () => {
    const stage = await begun(rollout, 1);
    while ((stage.marathon.apps.get(app1)?.instances ?? 0) > 1) {
      stage.elapse(100);
      await stage.turn();
    }
    stage.fulfilment.mood = 'fails';
    stage.order('/app1', { verb: 'abort' });
    await stage.turn();
    expect(stage.weights()).toEqual({ [app1]: 3333, [app200]: 6667 });
    for (const task of tasksOf(stage, app1)) task.said = 'down';
    await stage.pass(1000);
    expect(stage.weights()).toEqual({ [app200]: 10_000 });
  });

  it('who was old and is declared to be new amid does not leave', async () => {
    const stage = await begun({ ...rollout, pending: { path: '/pending', name: null } }, 1, {
      sessionMs: 600_000,
    });
    while (service(stage).transition?.phase !== 'leaving') {
      stage.elapse(100);
      await stage.turn();
    }
    stage.marathon.post(app1, { ...plainSpec(20), weight: 300 }, 1);
    await stage.pass(60_000);
    expect(stage.weights()[app1]).toBeGreaterThan(0);
  });

  it('a weight set by hand leads nobody to instances that leave', async () => {
    const post = (app: typeof app1, spec: Spec, instances: number) =>
      ({ what: 'post', app, spec, instances }) as const;
    const other = { ...plainSpec(20, { pending: { path: '/pending', name: null }, strategy: 'rolling' }) };
    const weight = { verb: 'weight', app: app1, percent: 50 } as const;
    const happenings = [
      { afterMs: 0, happening: post(app1, plainSpec(0), 3) },
      { afterMs: 5000, happening: post(app300, other, 1) },
      { afterMs: 30_000, happening: { what: 'order', service: '/app1', command: weight } as const },
      { afterMs: 0, happening: post(app1, { ...plainSpec(0), startMs: 2000 }, 1) },
    ];
    const settings = { probeMs: 0, sessionMs: 0, requestsPerSecond: 0, wishDelayMs: 2000 };
    await expect(playHistory({ settings, happenings }, checkServices)).resolves.toBeUndefined();
  });
});
