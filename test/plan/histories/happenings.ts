/** What may happen in a history, and how it happens on the stage. */
import fc from 'fast-check';
import { plainReady } from '../../../src/declared/types.ts';
import { type AnalysisRule, plainRollout, type Rollout } from '../../../src/declared/rollout.ts';
import type { Health } from '../../../src/model/app.ts';
import { type AppId, appId } from '../../../src/model/ids.ts';
import type { Outcome } from '../../../src/plan/asks.ts';
import type { Command } from '../../../src/plan/command.ts';
import { emptyMemory, type PoolVerdict } from '../../../src/plan/verdict.ts';
import type { Mood } from './fulfilment.ts';
import type { SimTask, Spec } from './marathon.ts';
import { services, type Stage, type StageSettings } from './stage.ts';

export type Happening =
  | { readonly what: 'post'; readonly app: string; readonly spec: Spec; readonly instances: number }
  | { readonly what: 'scale'; readonly app: string; readonly instances: number }
  | { readonly what: 'delete'; readonly app: string }
  | { readonly what: 'lose-task'; readonly app: string; readonly index: number }
  | { readonly what: 'say'; readonly app: string; readonly index: number; readonly health: Health | null }
  | { readonly what: 'break'; readonly app: string; readonly index: number; readonly broken: boolean }
  | { readonly what: 'errors'; readonly app: string; readonly rate: number }
  | { readonly what: 'order'; readonly service: string; readonly command: Command }
  | { readonly what: 'silence'; readonly silent: boolean }
  | { readonly what: 'restart'; readonly awayMs: number }
  | { readonly what: 'lose-memory' }
  | { readonly what: 'deaf'; readonly ms: number }
  | { readonly what: 'reset-counters' }
  | { readonly what: 'mood'; readonly mood: Mood }
  | { readonly what: 'others'; readonly outcome: Outcome | null };

export interface History {
  readonly settings: StageSettings;
  readonly happenings: readonly { readonly afterMs: number; readonly happening: Happening }[];
}

const appName = fc.constantFrom(...new Set(Object.values(services).flat()));
const serviceName = fc.constantFrom('/app1', '/app1', '/app1', '/other');

const step = fc.record({
  weight: fc.option(fc.constantFrom(0, 1, 5, 25, 50, 99.99, 100), { freq: 5 }),
  holdMs: fc.constantFrom(0, 10_000, 60_000),
  pause: fc.constantFrom(false, false, false, true),
  analysis: fc.constantFrom(false, false, true),
});

const analysis: fc.Arbitrary<AnalysisRule> = fc.record({
  maxErrorRate: fc.constantFrom(0.01, 0.5, null),
  maxP95Ms: fc.constant(null),
  minRequests: fc.constantFrom(0, 100),
  intervalMs: fc.constantFrom(5000, 30_000),
  failureLimit: fc.constantFrom(0, 2),
  inconclusiveLimit: fc.constantFrom(0, 3),
  prometheus: fc.constantFrom([], [], [{ query: 'up', min: 1, max: null, againstOld: false }]),
  webhook: fc.constant(null),
});

const rollout: fc.Arbitrary<Rollout> = fc.record({
  ...Object.fromEntries(Object.entries(plainRollout).map(([key, value]) => [key, fc.constant(value)])),
  steps: fc.oneof(fc.constant(plainRollout.steps), fc.array(step, { minLength: 1, maxLength: 4 })),
  strategy: fc.constantFrom<Rollout['strategy']>('switch', 'switch', 'rolling'),
  analysis: fc.option(analysis, { freq: 2 }),
  match: fc.constantFrom(null, { kind: 'header', name: 'X-Tester', value: 'yes' } as const),
  affinity: fc.constantFrom<Rollout['affinity']>('none', 'none', 'cookie'),
  capacity: fc.constantFrom<Rollout['capacity']>('fixed', 'fixed', 'match'),
  retire: fc.constantFrom<Rollout['retire']>('keep', 'scale-to-zero', 'delete'),
  pending: fc.constantFrom(null, null, { path: '/pending', name: null }),
  retireAfterMs: fc.constantFrom(0, 300_000),
});

export const specOf = (priorities: readonly number[]): fc.Arbitrary<Spec> =>
  fc.record({
    priority: fc.constantFrom(...priorities),
    weight: fc.constantFrom(null, null, null, null, 0, 1, 300),
    ready: fc.record({
      instances: fc.constantFrom({ percent: 100 }, { percent: 100 }, { count: 1 }),
      forMs: fc.constantFrom(0, 0, 5000),
      withinMs: fc.constantFrom(null, plainReady.withinMs, 60_000),
      keep: fc.constantFrom({ percent: 50 }, { percent: 100 }, { count: 1 }),
      graceMs: fc.constantFrom(0, 30_000),
    }),
    rollout,
    failover: fc.constantFrom(true, true, true, false),
    drain: fc.record({
      timeoutMs: fc.constantFrom(600_000, 10_000),
      then: fc.constantFrom<'close' | 'keep'>('close', 'keep'),
    }),
    startMs: fc.constantFrom(0, 2000, 2000, 30_000, 10_000_000),
  });

const posted = appName.chain((app) => {
  const isListener = services[app] !== undefined;
  return fc.record({
    what: fc.constant('post' as const),
    app: fc.constant(app),
    spec: specOf(isListener ? [0, 0, 0, 15] : app.endsWith('100') ? [10, 10, 20] : [20, 10, 30]),
    instances: fc.constantFrom(1, 2, 3, 3, 4, 0),
  });
});

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ verb: fc.constant('promote' as const), full: fc.boolean() }),
  fc.record({ verb: fc.constantFrom('pause', 'resume', 'abort', 'retry', 'rollback') }),
  fc.record({
    verb: fc.constant('weight' as const),
    app: appName.map(appId),
    percent: fc.constantFrom(0, 0.01, 20, 50, 100),
  }),
);

const index = fc.integer({ min: 0, max: 3 });
const only = <T extends string>(what: T) => fc.constant(what);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: posted },
  { weight: 5, arbitrary: fc.record({ what: only('order'), service: serviceName, command }) },
  {
    weight: 2,
    arbitrary: fc.record({ what: only('scale'), app: appName, instances: fc.integer({ min: 0, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ what: only('delete'), app: appName }) },
  { weight: 2, arbitrary: fc.record({ what: only('lose-task'), app: appName, index }) },
  {
    weight: 3,
    arbitrary: fc.record({
      what: only('say'),
      app: appName,
      index,
      health: fc.constantFrom<Health | null>('down', 'unknown', null),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: only('break'), app: appName, index, broken: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ what: only('errors'), app: appName, rate: fc.constantFrom(0, 0.05, 1) }),
  },
  { weight: 1, arbitrary: fc.record({ what: only('silence'), silent: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ what: only('restart'), awayMs: fc.constantFrom(0, 5000, 300_000) }) },
  { weight: 1, arbitrary: fc.record({ what: only('lose-memory') }) },
  { weight: 1, arbitrary: fc.record({ what: only('deaf'), ms: fc.constantFrom(3000, 100_000) }) },
  { weight: 1, arbitrary: fc.record({ what: only('reset-counters') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      what: only('mood'),
      mood: fc.constantFrom<Mood>('obeys', 'obeys', 'refuses', 'fails'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: only('others'),
      outcome: fc.constantFrom<Outcome | null>('success', 'failure', 'inconclusive', 'error', null),
    }),
  },
);

/** Begins with a listener app that serves, and a version to come; then anything. */
export const history: fc.Arbitrary<History> = fc.record({
  settings: fc.record({
    probeMs: fc.constantFrom(0, 1000),
    sessionMs: fc.constantFrom(0, 3000, 45_000, 3_000_000),
    requestsPerSecond: fc.constantFrom(0, 1, 50),
    wishDelayMs: fc.constantFrom(0, 2000, 20_000),
  }),
  happenings: fc
    .tuple(
      specOf([0]).map((spec) => ({ ...spec, startMs: 0 })),
      posted,
      fc.array(
        fc.record({ afterMs: fc.constantFrom(0, 0, 1000, 5000, 5000, 30_000, 70_000, 700_000), happening }),
        { minLength: 1, maxLength: 13 },
      ),
    )
    .map(([spec, version, rest]) => [
      { afterMs: 0, happening: { what: 'post' as const, app: '/app1', spec, instances: 3 } },
      { afterMs: 5000, happening: version },
      ...rest,
    ]),
});

export async function happen(stage: Stage, event: Happening): Promise<void> {
  const { marathon, plane } = stage;
  switch (event.what) {
    case 'post':
      return marathon.post(event.app, event.spec, event.instances);
    case 'scale':
      return marathon.scale(appId(event.app), event.instances);
    case 'delete':
      marathon.apps.delete(appId(event.app));
      return;
    case 'lose-task':
      return onTask(stage, event, (task, app) => marathon.lose(app, task.id));
    case 'say':
      return onTask(stage, event, (task) => {
        task.said = event.health;
      });
    case 'break':
      return onTask(stage, event, (task) => {
        task.broken = event.broken;
      });
    case 'errors':
      plane.errorRates.set(appId(event.app), event.rate);
      return;
    case 'order':
      stage.order(event.service, event.command);
      return;
    case 'silence':
      return silence(stage, event.silent);
    case 'restart':
      return stage.restart(event.awayMs);
    case 'lose-memory':
      return loseMemory(stage);
    case 'deaf':
      plane.deafUntil = stage.now + event.ms;
      return;
    case 'reset-counters':
      return plane.forgetCounters();
    case 'mood':
      stage.fulfilment.mood = event.mood;
      return;
    case 'others':
      stage.others = event.outcome;
      return;
  }
}

/** Marathon's silence moves nothing: on its own it is no news. */
async function silence(stage: Stage, silent: boolean): Promise<void> {
  if (!silent) {
    stage.marathon.silent = false;
    return;
  }
  for (let turn = 0; turn < 4; turn += 1) await stage.turn();
  const before = weightsOf(stage);
  stage.marathon.silent = true;
  await stage.turn();
  const after = weightsOf(stage);
  // What was never carried out is not there to be kept.
  if (before !== after && stage.now >= stage.plane.deafUntil)
    throw new Error(`Marathon's silence moved ${before} to ${after}`);
}

/** What nobody knows any more stays as it is, where it was between one priority and another. */
async function loseMemory(stage: Stage): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await stage.turn();
  const before = amidOf(stage);
  const carrying = carriersOf(stage);
  await stage.restart();
  stage.memory = emptyMemory;
  if (stage.now < stage.plane.deafUntil) return;
  await stage.turn();
  for (const { service, pools } of stage.verdict?.services ?? []) {
    const carriers = carrying.get(service);
    const risen = pools.find(
      ({ app, weight, priority }) =>
        weight > 0 && carriers?.every((was) => was.app !== app && was.priority < priority),
    );
    if (risen !== undefined) throw new Error(`the loss of memory gave ${risen.app} ${risen.weight}`);
  }
  for (const [service, weights] of before) {
    const after = JSON.stringify(stage.weights(service));
    if (after !== weights) throw new Error(`the loss of memory moved ${weights} to ${after}`);
  }
}

/** Who carries what, where all of them can serve and are to. */
function carriersOf(stage: Stage): ReadonlyMap<string, readonly PoolVerdict[]> {
  const all = (stage.verdict?.services ?? []).map(({ service, pools }) => {
    return [service, pools.filter((pool) => pool.weight > 0)] as const;
  });
  return new Map(all.filter(([, carriers]) => carriers.length > 0 && carriers.every(isToServe)));
}

function isToServe({ endpoints, declaredWeight }: PoolVerdict): boolean {
  return (
    declaredWeight !== 0 && endpoints.some(({ rotation, probed }) => rotation === 'in' && probed === 'passed')
  );
}

/** The services between one priority and another, with their weights. */
function amidOf(stage: Stage): ReadonlyMap<string, string> {
  const amid = [...carriersOf(stage)].filter(
    ([, carriers]) => new Set(carriers.map((pool) => pool.priority)).size > 1,
  );
  return new Map(amid.map(([service]) => [service, JSON.stringify(stage.weights(service))]));
}

function weightsOf(stage: Stage): string {
  return JSON.stringify(Object.keys(services).map((service) => stage.weights(service)));
}

function onTask(
  { marathon }: Stage,
  { app, index: at }: { readonly app: string; readonly index: number },
  change: (task: SimTask, app: AppId) => void,
): void {
  const task = marathon.apps.get(appId(app))?.tasks[at];
  if (task !== undefined) change(task, appId(app));
}
