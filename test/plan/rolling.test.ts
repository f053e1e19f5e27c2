/** Instance by instance, as people did it by hand: scale, wait, shift, drain, wait for 0 sessions, kill, again. */
import { describe, expect, it } from 'vitest';
import type { Rollout } from '../../src/declared/rollout.ts';
import { type AppId, appId } from '../../src/model/ids.ts';
import { checkServices } from './histories/invariants.ts';
import { plainSpec } from './histories/marathon.ts';
import { Stage, type StageSettings, type Turned } from './histories/stage.ts';
import { checkAlone, checkSettled } from './histories/together.ts';

const [blue, green, newest] = [appId('app1-200'), appId('app1-300'), appId('app1-100')];
const rolling: Partial<Rollout> = { strategy: 'rolling', retire: 'delete', retireAfterMs: 0 };
const busy: Partial<StageSettings> = { probeMs: 1000, sessionMs: 5000, wishDelayMs: 500 };

/** How many instances each app was seen to have, whenever that changed, and the least that ever served. */
class Diary {
  readonly capacity: string[] = [];
  /** How many of the new app's instances were up whenever its share changed. */
  readonly shares: string[] = [];
  least = Number.POSITIVE_INFINITY;

  readonly note = async (turned: Turned): Promise<void> => {
    checkServices(turned);
    checkSettled(turned);
    await checkAlone(turned);
    const { input, verdict } = turned;
    const count = (app: AppId) => input.cluster.apps.get(app)?.instances ?? '-';
    const line = `${count(blue)}+${count(green)}`;
    if (this.capacity.at(-1) !== line) this.capacity.push(line);
    const pool = verdict.services[0]?.pools.find(({ app }) => app === green);
    const share = `${pool?.endpoints.filter(({ probed }) => probed === 'passed').length ?? 0} ${pool?.weight ?? 0}`;
    if (pool !== undefined && this.shares.at(-1)?.split(' ')[1] !== String(pool.weight))
      this.shares.push(share);
    const serving = verdict.services
      .filter(({ service }) => service === '/app1')
      .flatMap(({ pools }) => pools.filter((pool) => pool.weight > 0))
      .flatMap((pool) => pool.endpoints)
      .filter((each) => each.rotation === 'in' && each.probed === 'passed');
    this.least = Math.min(this.least, serving.length);
  };
}

async function begun(old: number, posted: number, rollout = rolling, habits = busy) {
  const diary = new Diary();
  const stage = new Stage(habits, diary.note);
  stage.marathon.post(blue, plainSpec(10), old);
  await stage.pass(60_000);
  diary.capacity.length = 0;
  diary.least = Number.POSITIVE_INFINITY;
  stage.marathon.post(green, plainSpec(20, rollout), posted);
  return { stage, diary };
}

/** Until there are so many of both. */
async function untilCapacity(stage: Stage, diary: Diary, capacity: string): Promise<void> {
  for (let turns = 0; diary.capacity.at(-1) !== capacity; turns += 1) {
    if (turns > 1000) throw new Error(`there was only ${diary.capacity.join(' ')}`);
    stage.elapse(100);
    await stage.turn();
  }
}

it.each([
  [3, 3, '3+3 2+3 1+3 0+3 -+3'],
  [3, 1, '3+1 2+1 2+2 1+2 1+3 0+3 -+3'],
  [
    50,
    5,
    '50+5 45+5 45+10 40+10 40+15 35+15 35+20 30+20 30+25 25+25 25+30 20+30 20+35 15+35 15+40 10+40 10+45 5+45 5+50 0+50 -+50',
  ],
  [2, 4, '2+4 1+4 0+4 -+4'],
])('replaces %i by an app that was posted with %i', async (old, posted, expected) => {
  const { stage, diary } = await begun(old, posted);
  await stage.pass(600_000);
  expect(diary.capacity.join(' ')).toBe(expected);
  expect(diary.least).toBe(old);
  expect(stage.weights()).toEqual({ [green]: 10_000 });
  expect(stage.marathon.apps.has(blue)).toBe(false);
  const killed = stage.fulfilment.done.flatMap((wish) => (wish.kind === 'kill' ? wish.tasks : []));
  expect(new Set(killed).size).toBe(old);
  expect(stage.verdict?.services[0]?.lastTransition?.outcome).toBe('complete');
});

it('keeps the old app, at 0, where nothing else is declared', async () => {
  const { stage, diary } = await begun(3, 1, { strategy: 'rolling' });
  await stage.pass(600_000);
  expect(diary.capacity.at(-1)).toBe('0+3');
});

it('restores the old capacity before the old version has everything again, when it is aborted amid', async () => {
  const { stage, diary } = await begun(3, 1);
  await untilCapacity(stage, diary, '1+2');
  expect(stage.order('/app1', { verb: 'abort' })?.outcome).toBe('done');
  await stage.turn();
  expect(stage.weights()).toEqual({ [blue]: 3333, [green]: 6667 });
  await stage.pass(60_000);
  expect(diary.capacity.slice(-2)).toEqual(['1+2', '3+2']);
  expect(diary.least).toBe(3);
  expect(stage.weights()).toEqual({ [blue]: 10_000 });
});

describe('when something else takes its place amid', () => {
  const bySteps: Partial<Rollout> = {
    steps: [{ weight: 50, holdMs: 600_000, pause: false, analysis: false }],
  };

  function instances(stage: Stage): number | undefined {
    return stage.marathon.apps.get(blue)?.instances;
  }

  it('a newer version by steps: the old one gets its instances back, and everything when that is sent back', async () => {
    const { stage, diary } = await begun(3, 1);
    await untilCapacity(stage, diary, '1+2');
    stage.marathon.post(newest, plainSpec(30, bySteps), 3);
    await stage.pass(60_000);
    expect(stage.weights()).toEqual({ [newest]: 5000, [green]: 3334, [blue]: 1666 });
    expect(instances(stage)).toBe(3);
    expect(stage.order('/app1', { verb: 'abort' })?.outcome).toBe('done');
    await stage.turn();
    expect(stage.weights()).toEqual({ [blue]: 10_000 });
    await stage.pass(600_000);
    expect(instances(stage)).toBe(3);
    expect(diary.least).toBeGreaterThanOrEqual(3);
  });

  it('one that is sent back before they are there: the one before it has what the old version cannot carry meanwhile', async () => {
    const { stage, diary } = await begun(3, 1);
    await untilCapacity(stage, diary, '1+2');
    const app = stage.marathon.apps.get(blue);
    if (app !== undefined) app.spec = { ...app.spec, startMs: 120_000 };
    stage.marathon.post(newest, plainSpec(30, bySteps), 3);
    await stage.pass(30_000);
    expect(stage.order('/app1', { verb: 'abort' })?.outcome).toBe('done');
    await stage.turn();
    expect(stage.weights()).toEqual({ [blue]: 3333, [green]: 6667 });
    expect(stage.verdict?.services[0]?.because.text).toBe('the old version has 1 of 3 instances back');
    await stage.pass(300_000);
    expect(stage.weights()).toEqual({ [blue]: 10_000 });
  });

  it('a newer version at once: that has everything, and somebody can go back to all of the old one', async () => {
    const { stage, diary } = await begun(3, 1);
    await untilCapacity(stage, diary, '1+2');
    stage.marathon.post(newest, plainSpec(30), 3);
    while (stage.weights()[newest] === undefined) {
      stage.elapse(100);
      await stage.turn();
    }
    expect(stage.weights()).toEqual({ [newest]: 10_000 });
    expect(instances(stage)).toBe(1);
    await stage.turn();
    await stage.turn();
    expect(stage.weights()).toEqual({ [newest]: 10_000 });
    expect(stage.verdict?.services[0]).toMatchObject({ phase: 'draining' });
    await stage.pass(60_000);
    expect(instances(stage)).toBe(3);
    expect(stage.order('/app1', { verb: 'rollback' })?.outcome).toBe('done');
    await stage.turn();
    expect(stage.weights()).toEqual({ [blue]: 10_000 });
  });

  it('a newer version while the old one gets its instances back after an abort: it gets them still', async () => {
    const { stage, diary } = await begun(3, 1);
    await untilCapacity(stage, diary, '1+2');
    stage.fulfilment.mood = 'fails';
    expect(stage.order('/app1', { verb: 'abort' })?.outcome).toBe('done');
    stage.marathon.post(newest, plainSpec(30, bySteps), 3);
    await stage.pass(30_000);
    expect(stage.verdict?.services[0]?.transition?.phase).toBe('holding');
    stage.fulfilment.mood = 'obeys';
    await stage.pass(60_000);
    expect(instances(stage)).toBe(3);
  });

  it('a version that waits is sent back while the old one gets its instances back: it gets them still', async () => {
    const { stage, diary } = await begun(3, 1);
    await untilCapacity(stage, diary, '1+2');
    stage.fulfilment.mood = 'fails';
    stage.order('/app1', { verb: 'abort' });
    stage.marathon.post(newest, { ...plainSpec(30), startMs: 10_000_000 }, 3);
    await stage.pass(10_000);
    expect(stage.order('/app1', { verb: 'abort' })?.outcome).toBe('done');
    stage.fulfilment.mood = 'obeys';
    await stage.pass(60_000);
    expect(instances(stage)).toBe(3);
  });

  it('another configuration of itself: it begins anew with the capacity that there was', async () => {
    const { stage, diary } = await begun(3, 1);
    await untilCapacity(stage, diary, '1+2');
    stage.marathon.post(green, plainSpec(20, rolling), 2);
    await stage.pass(600_000);
    expect(diary.capacity.at(-1)).toBe('-+3');
    expect(diary.least).toBeGreaterThanOrEqual(2);
  });
});

it('scales who declares it, and nobody who takes over beside it', async () => {
  const { stage, diary } = await begun(3, 1);
  stage.marathon.post(newest, plainSpec(20), 1);
  await stage.pass(600_000);
  expect(diary.capacity.at(-1)).toBe('-+3');
  expect(stage.marathon.apps.get(newest)?.instances).toBe(1);
});

it('goes on after a restart amid where it was', async () => {
  const { stage, diary } = await begun(3, 1);
  await untilCapacity(stage, diary, '2+2');
  await stage.restart(30_000);
  await stage.pass(600_000);
  expect(diary.capacity.join(' ')).toBe('3+1 2+1 2+2 1+2 1+3 0+3 -+3');
  expect(diary.least).toBe(3);
});

it('with an analysis, the next instances wait until those that are there were judged well, or a person says so', async () => {
  const analysis = {
    maxErrorRate: 0.01,
    maxP95Ms: null,
    minRequests: 50,
    intervalMs: 10_000,
    failureLimit: 0,
    inconclusiveLimit: 0,
    prometheus: [],
    webhook: null,
  };
  const nobodyCalls = { ...busy, requestsPerSecond: 0 };
  const { stage, diary } = await begun(3, 1, { ...rolling, analysis }, nobodyCalls);
  await stage.pass(600_000);
  expect(diary.capacity.join(' ')).toBe('3+1 2+1');
  expect(stage.verdict?.services[0]?.transition?.phase).toBe('judging');
  expect(stage.order('/app1', { verb: 'promote', full: false })?.outcome).toBe('done');
  await stage.pass(600_000);
  expect(diary.capacity.join(' ')).toBe('3+1 2+1 2+2 1+2');
  const called = await begun(3, 1, { ...rolling, analysis });
  await called.stage.pass(600_000);
  expect(called.diary.capacity.at(-1)).toBe('-+3');
});

it('is sent back when Marathon refuses to scale', async () => {
  const { stage, diary } = await begun(3, 1);
  await untilCapacity(stage, diary, '2+1');
  stage.fulfilment.mood = 'refuses';
  while (stage.verdict?.services[0]?.transition !== null) {
    stage.elapse(100);
    await stage.turn();
  }
  stage.fulfilment.mood = 'obeys';
  await stage.pass(60_000);
  const service = stage.verdict?.services[0];
  expect(service?.lastTransition).toMatchObject({
    outcome: 'aborted',
    because: { code: 'capacity-refused' },
  });
  expect(diary.capacity.at(-1)).toBe('3+1');
  expect(stage.weights()).toEqual({ [blue]: 10_000 });
});

it('is sent back when what was scaled never comes up', async () => {
  const { stage, diary } = await begun(3, 1);
  await untilCapacity(stage, diary, '2+1');
  const app = stage.marathon.apps.get(green);
  if (app !== undefined) app.spec = { ...app.spec, startMs: 10_000_000 };
  await stage.pass(700_000);
  expect(stage.verdict?.services[0]?.lastTransition).toMatchObject({
    outcome: 'aborted',
    because: { code: 'capacity-late' },
  });
  expect(diary.least).toBe(3);
  expect(stage.weights()).toEqual({ [blue]: 10_000 });
});

it('with capacity match, no share comes before the instances that it needs', async () => {
  const steps = [25, 50, 100].map((weight) => ({ weight, holdMs: 60_000, pause: false, analysis: false }));
  const { stage, diary } = await begun(4, 1, { capacity: 'match', steps });
  await stage.pass(300_000);
  expect(diary.shares).toEqual(['0 0', '1 2500', '2 5000', '4 10000']);
  expect(diary.capacity).toEqual(['4+1', '4+2', '4+4']);
});
