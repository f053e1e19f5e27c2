/** Invariants I1 to I4 of the planner over random clusters and histories. */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { Health } from '../../src/model/app.ts';
import type { ObservedEndpoint } from '../../src/plan/observed.ts';
import { noNews, plan } from '../../src/plan/plan.ts';
import type { ServiceVerdict, Verdict } from '../../src/plan/verdict.ts';
import { millis } from '../../src/model/ids.ts';
import { type TestApp, type TestTask, World } from './world.ts';
import { cases } from '../support/cases.ts';

const health = fc.constantFrom<Health>('up', 'up', 'up', 'down', 'unknown');
const probe = fc.constantFrom<ObservedEndpoint['check']>('passed', 'passed', 'passed', 'failed', 'pending');
const task = (app: string, index: number): fc.Arbitrary<TestTask> =>
  fc.record({
    name: fc.constant(`${app}-t${index}`),
    health,
    probe,
    old: fc.boolean(),
    notReady: fc.constant(false),
  });
const app = (id: string): fc.Arbitrary<TestApp> =>
  fc
    .record({
      priority: fc.constantFrom(0, 10, 10, 20, 30),
      weight: fc.option(fc.integer({ min: 0, max: 300 })),
      instances: fc.integer({ min: 0, max: 4 }),
      failover: fc.boolean(),
      readyForMs: fc.constantFrom(0, 0, 5000),
      sessions: fc.integer({ min: 0, max: 2 }),
      count: fc.integer({ min: 0, max: 4 }),
      // Some take a part below their priority until they are ready.
      below: fc.constantFrom(0, 0, 0, 10),
    })
    .chain(({ count, below, ...rest }) =>
      fc
        .tuple(...Array.from({ length: count }, (_, index) => task(id, index)))
        .map((tasks) => ({ ...rest, id, tasks, ...(below === 0 ? {} : { joins: rest.priority - below }) })),
    );
const cluster = fc
  .tuple(app('app1'), app('app1-100'), app('app1-200'), app('app1-300'))
  .chain((apps) => fc.subarray(apps, { minLength: 0 }));
/** A history: what the cluster looks like at each step, and how much time passes before it. */
const history = fc.array(fc.record({ apps: cluster, laterMs: fc.constantFrom(0, 1000, 5000, 700_000) }), {
  minLength: 1,
  maxLength: 8,
});

/** Plays a history turn by turn; `check` sees the world after each turn with what carried before it. */
function walk(
  steps: readonly { apps: readonly TestApp[]; laterMs: number }[],
  check: (step: Step) => void,
): void {
  const world = new World([]);
  for (const { apps, laterMs } of steps) {
    world.now += laterMs;
    world.apps = apps;
    for (let turn = 0; turn < 3; turn += 1) {
      const before = world.weights();
      const wasIn = inRotation(world);
      const verdict = world.turn();
      const joining = new Set(apps.flatMap((each) => (each.joins === undefined ? [] : [`/${each.id}`])));
      for (const service of verdict.services) check({ before, wasIn, joining, verdict, service });
    }
  }
}

interface Step {
  readonly wasIn: ReadonlySet<string>;
  /** Pools that do not wait to be ready. */
  readonly joining: ReadonlySet<string>;
  readonly before: Readonly<Record<string, number>>;
  readonly verdict: Verdict;
  readonly service: ServiceVerdict;
}

function require(condition: boolean, what: string, step: Step): void {
  if (!condition)
    throw new Error(`${what}: ${JSON.stringify({ before: step.before, verdict: step.service }, null, 1)}`);
}

const runs = { numRuns: cases(75) };

describe('the planner, over random histories', () => {
  it('I1: effective weights sum to 100, or nobody is up and it says so', () => {
    fc.assert(
      fc.property(history, (steps) =>
        walk(steps, (step) => {
          const sum = step.service.pools.reduce((total, pool) => total + pool.weight, 0);
          const stated = step.service.phase === 'down' || step.service.phase === 'waiting';
          const nobody = stated && step.service.failover.length === 0;
          require(sum === 10_000 || (sum === 0 && nobody), 'weights sum to neither 100 nor a stated 0', step);
        }),
      ),
      runs,
    );
  });

  it('I2: an endpoint that anybody calls down, or that was never checked, is not put in rotation', () => {
    fc.assert(
      fc.property(history, (steps) =>
        walk(steps, (step) => {
          for (const pool of step.service.pools) {
            for (const endpoint of pool.endpoints) {
              if (endpoint.rotation === 'hold') continue;
              require(endpoint.health !==
                'down', `${endpoint.server} is down at Marathon and in rotation`, step);
              require(endpoint.probed !== 'pending' ||
                step.wasIn.has(endpoint.server), `${endpoint.server} entered unchecked`, step);
            }
          }
        }),
      ),
      runs,
    );
  });

  it('I3: a pool rises only when it is ready, when it takes over, or as the last resort', () => {
    fc.assert(
      fc.property(history, (steps) =>
        walk(steps, (step) => {
          for (const pool of step.service.pools) {
            const rose = pool.weight > 0 && (step.before[pool.app] ?? 0) === 0;
            if (!rose || pool.ready || step.service.phase === 'last-resort') continue;
            if (step.joining.has(pool.app)) continue;
            const entered = step.verdict.memory.services[0]?.pools.find(
              (each) => each.app === pool.app,
            )?.enteredAs;
            require(entered !== null &&
              entered !== undefined, `${pool.app} rose without ever having been ready`, step);
          }
        }),
      ),
      runs,
    );
  });

  it('traffic goes to a pool with an endpoint up while there is one that may carry it', () => {
    fc.assert(
      fc.property(history, (steps) =>
        walk(steps, (step) => {
          const serving = (pool: ServiceVerdict['pools'][number]) =>
            pool.endpoints.some((each) => each.rotation === 'in' && each.probed === 'passed');
          const anybody = step.service.pools.some(serving);
          const carriers = step.service.pools.filter((pool) => pool.weight > 0);
          const held = step.service.because.code === 'no-fail-over';
          if (anybody && !held)
            require(carriers.length > 0 &&
              carriers.every(serving), 'a dead pool carries beside a living one', step);
        }),
      ),
      runs,
    );
  });

  it('I4: another service changes nothing of this one', () => {
    fc.assert(
      fc.property(cluster, cluster, (mine, others) => {
        const a = new World(mine);
        const b = new World(
          others.map((each) => ({ ...each, id: each.id.replace('app1', 'other') })),
          'other',
        );
        const input = (world: World) => ({
          services: world.services(),
          cluster: world.cluster(),
          observed: world.observed(),
        });
        const [one, two] = [input(a), input(b)];
        const alone = plan({ ...noNews, now: millis(1), ...one, memory: a.memory });
        const together = plan({
          ...noNews,
          now: millis(1),
          services: [...two.services, ...one.services],
          cluster: { apps: new Map([...two.cluster.apps, ...one.cluster.apps]) },
          observed: { services: new Map([...two.observed.services, ...one.observed.services]) },
          memory: a.memory,
        });
        const own = together.services.find((service) => service.service === '/app1');
        if (JSON.stringify(own) !== JSON.stringify(alone.services[0]))
          throw new Error('the verdict depends on another service');
      }),
      runs,
    );
  });

  it('is deterministic under any order of the apps, and stands still when nothing changes', () => {
    fc.assert(
      fc.property(cluster, (apps) => {
        const forward = new World(apps);
        const backward = new World(apps.toReversed());
        const [one, two] = [forward.settle(), backward.settle()];
        if (JSON.stringify(one.services) !== JSON.stringify(two.services))
          throw new Error('the verdict depends on the order of apps');
      }),
      runs,
    );
  });
});

function inRotation(world: World): ReadonlySet<string> {
  const slots = [...world.observed().services.values()].flatMap((service) => service.slots);
  return new Set(
    slots.flatMap((slot) =>
      [...slot.endpoints].filter(([, seen]) => seen.inRotation).map(([server]) => String(server)),
    ),
  );
}
