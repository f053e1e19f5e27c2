/** With everything healthy a transition is complete in the time that its steps declare, and not before. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AnalysisRule, Rollout } from '../../src/declared/rollout.ts';
import { isPassedAtOnce, stepsOf } from '../../src/plan/transition/steps.ts';
import { checkServices } from './histories/invariants.ts';
import { plainSpec } from './histories/marathon.ts';
import { Stage } from './histories/stage.ts';
import { cases } from '../support/cases.ts';

/** How long after a change the next turn comes. */
const tickMs = 1000;

const analysis: AnalysisRule = {
  maxErrorRate: 0.05,
  maxP95Ms: null,
  minRequests: 10,
  intervalMs: 20_000,
  failureLimit: 0,
  inconclusiveLimit: 0,
  prometheus: [],
  webhook: null,
};

const steps = fc.array(
  fc.record({
    weight: fc.constantFrom(null, 5, 25, 50, 99, 100),
    holdMs: fc.constantFrom(0, 10_000, 60_000),
    pause: fc.constant(false),
    analysis: fc.boolean(),
  }),
  { minLength: 1, maxLength: 5 },
);

const declared = fc.record({
  // Without any weight there would be nothing to judge.
  steps: steps.map(([first, ...rest]): Rollout['steps'] =>
    first === undefined ? [] : [{ ...first, weight: first.weight ?? 5 }, ...rest],
  ),
  analysis: fc.constantFrom(null, analysis, {
    ...analysis,
    prometheus: [{ query: 'up', min: 1, max: null, againstOld: false }],
  }),
  capacity: fc.constantFrom<Rollout['capacity']>('fixed', 'match'),
  strategy: fc.constantFrom<Rollout['strategy']>('switch', 'switch', 'rolling'),
});

const habits = fc.record({
  probeMs: fc.constantFrom(0, 1000),
  sessionMs: fc.constantFrom(0, 3000, 45_000),
  wishDelayMs: fc.constantFrom(0, 2000),
});

const instances = fc.record({ old: fc.integer({ min: 1, max: 6 }), posted: fc.integer({ min: 1, max: 6 }) });

it('a transition ends when its steps have lasted as long as they declare', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(declared, habits, instances, async (rollout, habit, { old, posted }) => {
      const stage = new Stage(habit, checkServices);
      stage.marathon.post('/app1', plainSpec(0), old);
      await stage.pass(10_000);
      stage.marathon.post('/app1-100', plainSpec(10, rollout), posted);
      const { least, most } = boundsMs({ ...plainSpec(10, rollout).rollout }, habit, Math.max(old, posted));
      // Its tasks have to come up before it begins.
      await stage.pass(most + 5000);
      const last = stage.verdict?.services[0]?.lastTransition;
      expect(last?.outcome, JSON.stringify(last)).toBe('complete');
      expect(stage.weights()).toEqual({ '/app1-100': 10_000 });
      const tookMs = (last?.endedAt ?? 0) - (last?.startedAt ?? 0);
      expect(tookMs).toBeGreaterThanOrEqual(least);
      expect(tookMs).toBeLessThanOrEqual(most);
    }),
    { numRuns: cases(30) },
  );
});

interface Habit {
  readonly probeMs: number;
  readonly sessionMs: number;
  readonly wishDelayMs: number;
}

function boundsMs(rollout: Rollout, { probeMs, sessionMs, wishDelayMs }: Habit, count: number) {
  const planned = stepsOf(rollout);
  const judgedMs = rollout.analysis === null ? 0 : rollout.analysis.intervalMs;
  // The window begins, others are asked, and their answer is looked at: a tick each.
  const judgeTicks = rollout.analysis === null ? 0 : 3;
  const comeMs = wishDelayMs + 2000 + probeMs + 3 * tickMs;
  if (rollout.strategy === 'rolling') {
    const goMs = sessionMs + wishDelayMs + 3 * tickMs;
    return { least: 0, most: count * (comeMs + goMs + judgedMs + judgeTicks * tickMs) };
  }
  let [least, most] = [0, 0];
  for (const step of planned) {
    const isLast = step === planned.at(-1);
    least += step.holdMs;
    if (rollout.capacity === 'match') most += comeMs;
    if (isPassedAtOnce(step)) most += isLast ? tickMs : 0;
    else most += Math.max(step.holdMs, judgedMs) + (1 + judgeTicks) * tickMs;
  }
  return { least, most };
}
