/** Plays one case: into the phase, the fault, what holds meanwhile, on to the end; and what must hold all the time. */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { ServiceView } from '../../support/baton.ts';
import { pipeline } from '../../support/load.ts';
import { until } from '../../support/wait.ts';
import { watchTheDead } from '../the-dead.ts';
import { type Lane, resyncMs } from './lane.ts';
import {
  type End,
  type Expected,
  expectedOf,
  type FaultName,
  leavesNobody,
  type PhaseName,
} from './outcomes.ts';
import { type Phase, phases } from './phases.ts';
import { type Scene, setScene, type Weights } from './scene.ts';
import { strikes } from './strikes.ts';
import { watch } from './watch.ts';

export interface Case {
  readonly phase: PhaseName;
  readonly fault: FaultName;
  /** Of the service: no two cases of a lane have the same. */
  readonly name: string;
  /** How long Marathon is away, ms. */
  readonly awayMs: number;
}

/** A look at the state takes its time on a busy machine. */
const lookMs = 3000;
const alone: Readonly<Record<End, Weights>> = {
  old: { old: 100 },
  new: { new: 100 },
  newest: { newest: 100 },
};

/** Nothing moves a weight by these themselves. */
const moveless: ReadonlySet<FaultName> = new Set([
  'Baton killed',
  'HAProxy killed',
  'Marathon away',
  'store damaged',
]);

/** @throws Error when anything is not as the table of outcomes says, or an invariant does not hold */
export async function play(lane: Lane, { phase: name, fault, name: service, awayMs }: Case): Promise<void> {
  const phase = phases[name];
  const expected = expectedOf(name, fault);
  const scene = await setScene(lane, service, phase.setting);
  const ends = new AbortController();
  const dead = watchTheDead(lane.stage, resyncMs + lookMs, ends.signal, `/${service}`);
  const weights = watch(scene);
  try {
    await phase.enter(scene);
    expect(scene.load.snapshot().failed, 'requests failed before the fault').toEqual([]);
    const before = stateIn(scene, await scene.view());
    weights.seen();
    const struckAt = performance.now();
    await strikes[fault](scene, { expected, awayMs });
    const overAt = performance.now();
    await meanwhileIs(scene, phase, expected, before);
    if (fault === 'Baton killed')
      expect(stateIn(scene, await scene.view()), 'after the restart').toEqual(before);
    if (moveless.has(fault) && ['stays', 'held'].includes(expected.meanwhile)) {
      const moved = weights.seen().filter((each) => !isDeepStrictEqual(each, phase.weights));
      expect(moved, 'weights during the fault').toEqual([]);
    }
    const isLost = fault === 'HAProxy killed' || fault === 'old tasks die';
    if (!isLost) expect(scene.long?.ends() ?? [], 'ends of requests in progress').toEqual([]);
    await phase.release(scene);
    await scene.carried(alone[expected.end]);
    await capacityIs(scene, name, fault, expected.end);
    await servedBy(scene, expected.end);
    if (!isLost) expect(scene.long?.ends().filter((end) => end !== 200) ?? []).toEqual([]);
    expect(weights.wrong()).toEqual([]);
    expect(dead.overdue()).toEqual([]);
    await lane.expectUntouched();
    const excused = fault === 'HAProxy killed' || leavesNobody(name, fault);
    const { failed } = await scene.load.stop();
    const unexcused = failed.filter(
      ({ begunAt, failedAt }) => !excused || failedAt < struckAt || begunAt > overAt + lookMs,
    );
    expect(unexcused.slice(0, 5), `${unexcused.length} requests failed`).toEqual([]);
  } finally {
    ends.abort();
    await Promise.all([dead.done, weights.stop()]);
    lane.stage.simulator.faults.clear();
    await scene.end();
  }
  await scene.takeAway();
}

/** Where the transition is, as far as it must survive a restart. */
function stateIn(scene: Scene, view: ServiceView) {
  const { transition, manual, lastTransition, phase } = view;
  return {
    phase,
    manual,
    lastTransition,
    weights: scene.weightsIn(view),
    slots: view.pools.map(({ app, slot, state }) => [app, slot, state]),
    transition:
      transition === null
        ? null
        : {
            phase: transition.phase,
            step: transition.step,
            startedAt: transition.startedAt,
            holdEndsAt: transition.holdEndsAt,
          },
  };
}

async function meanwhileIs(
  scene: Scene,
  phase: Phase,
  { meanwhile, end }: Expected,
  before: ReturnType<typeof stateIn>,
): Promise<void> {
  switch (meanwhile) {
    case 'stays':
    case 'refused':
      return scene.looks('everything to be as it was', (view) =>
        isDeepStrictEqual(stateIn(scene, view), before),
      );
    case 'held':
      await scene.looks('somebody to be asked', ({ because }) => because.code === 'memory-lost');
      return scene.carried(phase.weights);
    case 'old':
      await scene.looks('nothing to be under way', ({ transition }) => transition === null);
      return scene.carried(alone[end]);
    case 'goes on':
    case 'newest':
      return scene.carried(alone[end]);
  }
}

/** What was scaled away is back when nobody takes it away any more; what was replaced is gone where that is declared. */
async function capacityIs(scene: Scene, phase: PhaseName, fault: FaultName, end: End): Promise<void> {
  const { oldInstances } = phases[phase].setting;
  let wanted: number | null = null;
  if (end === 'old') wanted = oldInstances;
  else if (end === 'newest' && phase === 'leaving') wanted = oldInstances;
  else if (end === 'new' && phase === 'leaving') wanted = 0;
  else if (end === 'new' && phase === 'retiring') wanted = fault === 'store damaged' ? oldInstances : 0;
  if (wanted === null) return;
  let found: number | null = null;
  await until(
    `${wanted} old instances`,
    async () => {
      found = await scene.instances(scene.ids.old);
      return found === wanted;
    },
    { everyMs: 100, detail: () => found },
  );
}

/** HAProxy does what Baton says, once it has been told. */
async function servedBy(scene: Scene, end: End): Promise<void> {
  let last: unknown;
  await until(
    `answers by ${scene.ids[end]} alone`,
    async () => {
      const { apps, failures } = await pipeline(scene.lane.stage.port, 20);
      last = { apps, failures };
      return apps[scene.ids[end]] === 20;
    },
    { detail: () => last },
  );
}
