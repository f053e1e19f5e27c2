/** A controller that is down for longer than a hold neither skips the judgement of the step nor starts the hold over. */
import { expect, it } from 'vitest';
import { listenerApp, versionApp } from '../support/apps.ts';
import type { BatonProcess } from '../support/baton.ts';
import { until } from '../support/wait.ts';
import { answered, expectNoFailure, setStage, type Stage } from './stage.ts';

const analysis = { maxErrorRate: 0.2, minRequests: 20, interval: '1s', failureLimit: 0 };
const steps = [{ weight: 50, hold: '4s' }, { weight: 100 }];

interface Slept {
  readonly stage: Stage;
  readonly startedAt: string | null;
  readonly holdEndsAt: string | null;
  /** The one that was started when the hold was over. */
  readonly baton: BatonProcess;
}

/** Into the hold; Baton is killed, and started again when the hold would have ended. */
async function sleepOver(errorRate: number): Promise<Slept> {
  const stage = await setStage();
  const first = await stage.startBaton();
  await stage.post(listenerApp('app1'));
  await stage.carried({ app1: 100 });
  await stage.post(versionApp('app1-100', { service: 'app1', priority: 10, steps, analysis }));
  const { startedAt, holdEndsAt } = await until('the hold', async () => {
    const { transition } = await first.service('/app1');
    return transition?.phase === 'holding' && transition;
  });
  await first.end('SIGKILL');
  stage.simulator.behaveApp('/app1-100', { errorRate });
  const load = stage.load(200);
  await answered(load, 200);
  await until('the end of the hold', () => Date.now() > Date.parse(holdEndsAt ?? ''));
  if (errorRate === 0) await expectNoFailure(load);
  return { stage, startedAt, holdEndsAt, baton: await stage.startBaton() };
}

it('good: judged first, then on to the end, and the hold is over when it was to be', async () => {
  const { stage, startedAt, baton } = await sleepOver(0);
  const load = stage.load(200);
  const holds: (string | null)[] = [];
  await until('the end', async () => {
    const { phase, transition } = await baton.service('/app1');
    holds.push(transition?.holdEndsAt ?? null);
    return phase === 'settled';
  });
  const { lastTransition } = await baton.service('/app1');
  expect(lastTransition).toMatchObject({ outcome: 'complete', startedAt });
  expect(holds.filter((each) => each !== null)).toEqual([]);
  const told = baton.log.map(({ msg }) => msg);
  const judged = told.indexOf('judged the new version');
  expect(judged).toBeGreaterThanOrEqual(0);
  expect(judged).toBeLessThanOrEqual(told.indexOf('transition ended'));
  await stage.carried({ 'app1-100': 100 });
  await expectNoFailure(load);
});

it('bad: sent back, though its time was over', async () => {
  const { stage, startedAt, baton } = await sleepOver(0.5);
  stage.load(200);
  const most: number[] = [];
  await until('the new version to be sent back', async () => {
    const { phase, pools } = await baton.service('/app1');
    most.push(pools.find(({ app }) => app === '/app1-100')?.weight ?? 0);
    return phase === 'aborted';
  });
  const { lastTransition } = await baton.service('/app1');
  expect(lastTransition).toMatchObject({
    outcome: 'aborted',
    startedAt,
    because: { code: 'analysis-failed' },
  });
  expect(Math.max(...most)).toBeLessThanOrEqual(50);
  await stage.carried({ app1: 100 });
});
