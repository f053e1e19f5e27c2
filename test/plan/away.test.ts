/** A controller that was away for longer than a step lasts: the step is judged all the same, and does not start over. */
import { expect, it } from 'vitest';
import type { AnalysisRule } from '../../src/declared/rollout.ts';
import { appId } from '../../src/model/ids.ts';
import { plainSpec } from './histories/marathon.ts';
import { Stage } from './histories/stage.ts';

const analysis: AnalysisRule = {
  maxErrorRate: 0.01,
  maxP95Ms: null,
  minRequests: 50,
  intervalMs: 30_000,
  failureLimit: 0,
  inconclusiveLimit: 0,
  prometheus: [],
  webhook: null,
};
const asking = { ...analysis, prometheus: [{ query: 'up', min: 1, max: null, againstOld: false }] };
const step = { holdMs: 60_000, pause: false, analysis: true };
const steps = [
  { ...step, weight: 10 },
  { ...step, weight: 50 },
];

async function inFirstHold(rule: AnalysisRule): Promise<Stage> {
  const stage = new Stage();
  stage.marathon.post('/app1', plainSpec(0), 2);
  await stage.pass(10_000);
  stage.marathon.post('/app1-100', plainSpec(10, { steps, analysis: rule }), 2);
  await stage.pass(15_000);
  expect(view(stage)).toMatchObject({ step: 1, phase: 'holding', judgement: { made: 0 } });
  return stage;
}

function view(stage: Stage) {
  return stage.verdict?.services[0]?.transition;
}

it('goes on at once when what happened meanwhile was good', async () => {
  const stage = await inFirstHold(analysis);
  const since = stage.memory.services[0]?.transition?.stepSince;
  await stage.restart(3_600_000);
  expect(stage.memory.services[0]?.transition?.stepSince).toBe(since);
  await stage.turn();
  expect(view(stage)).toMatchObject({ step: 2, judgement: { made: 1, last: { outcome: 'success' } } });
  expect(stage.weights()).toEqual({ '/app1': 5000, '/app1-100': 5000 });
});

it('sends back what was bad meanwhile', async () => {
  const stage = await inFirstHold(analysis);
  stage.plane.errorRates.set(appId('app1-100'), 0.05);
  await stage.restart(3_600_000);
  await stage.turn();
  expect(stage.verdict?.services[0]?.lastTransition).toMatchObject({
    outcome: 'aborted',
    because: { code: 'analysis-failed' },
  });
  expect(stage.weights()).toEqual({ '/app1': 10_000 });
});

it('goes on at once when the step had been judged well before', async () => {
  const stage = await inFirstHold(analysis);
  await stage.pass(30_000);
  expect(view(stage)).toMatchObject({ step: 1, phase: 'holding', judgement: { inStep: 1 } });
  await stage.restart(3_600_000);
  await stage.turn();
  expect(view(stage)?.step).toBe(2);
});

it('waits for the answers of others, and then goes on at once', async () => {
  const stage = await inFirstHold(asking);
  stage.others = null;
  await stage.restart(3_600_000);
  await stage.pass(600_000);
  expect(view(stage)).toMatchObject({ step: 1, phase: 'judging' });
  expect(stage.weights()).toEqual({ '/app1': 9000, '/app1-100': 1000 });
  stage.others = 'success';
  await stage.turn();
  await stage.turn();
  expect(view(stage)).toMatchObject({ step: 2 });
});

it('holds the rest of a hold that is not over, and no more', async () => {
  const stage = await inFirstHold(analysis);
  const endsAt = view(stage)?.holdEndsAt;
  await stage.restart(20_000);
  await stage.turn();
  expect(view(stage)).toMatchObject({ step: 1, phase: 'holding', holdEndsAt: endsAt });
  await stage.pass((endsAt ?? 0) - stage.now - 1);
  expect(view(stage)?.step).toBe(1);
  stage.elapse(1);
  await stage.turn();
  expect(view(stage)?.step).toBe(2);
});
