/** The loop rests, also when there is nothing to act on, and forgets no wish for a whole look. */
import { expect, test } from 'vitest';
import { backoffAfter, createPace } from '../../src/controller/pace.ts';
import { createMemoryDriver } from '../../src/dataplane/memory/driver.ts';
import { millis } from '../../src/model/ids.ts';
import { until } from '../support/wait.ts';
import { appOf, listenerLabels, startRig } from './rig.ts';

test('the first turn is about everything, and the next one when its time has come', () => {
  const pace = createPace();
  expect(pace.isWhole(millis(5))).toBe(true);
  pace.wholeDone(millis(10), 1);
  expect(pace.isWhole(millis(1009))).toBe(false);
  expect(pace.isWhole(millis(1010))).toBe(true);
});

test('what takes long to look at is looked at more rarely, at most every ten seconds', () => {
  const pace = createPace();
  pace.isWhole(millis(0));
  pace.wholeDone(millis(0), 100);
  expect([pace.isWhole(millis(3999)), pace.isWhole(millis(4000))]).toEqual([false, true]);
  pace.wholeDone(millis(0), 60_000);
  expect([pace.isWhole(millis(9999)), pace.isWhole(millis(10_000))]).toEqual([false, true]);
});

test('what is asked for while a turn is under way holds for the next one', () => {
  const pace = createPace();
  expect(pace.isWhole(millis(0))).toBe(true);
  pace.askWhole();
  pace.wholeDone(millis(1), 1);
  expect(pace.pauseMs(millis(1), 1, false, [])).toBe(0);
  expect(pace.isWhole(millis(2))).toBe(true);
});

test.each([
  ['nothing is due', 1, false, [], 1000],
  ['something is awaited', 1, true, [], 50],
  ['something is awaited, and turns take long', 300, true, [], 300],
  ['something is due', 1, false, [millis(130)], 30],
  ['something is overdue', 1, false, [millis(90)], 0],
])('the rest when %s', (_, turnMs, isAwaiting, wakeAts, pause) => {
  const pace = createPace();
  pace.isWhole(millis(0));
  pace.wholeDone(millis(100), 100);
  expect(pace.pauseMs(millis(100), turnMs, isAwaiting, wakeAts)).toBe(pause);
});

test('the backoff grows and is bounded', () => {
  expect([1, 2, 3, 20].map(backoffAfter)).toEqual([100, 200, 400, 5000]);
});

test('a Marathon that was never read, or is not believed, is not asked for without rest', async () => {
  const memory = createMemoryDriver({}, { notify: () => {} });
  const before = startRig(undefined, memory);
  before.setApps([appOf('app1', listenerLabels)]);
  await before.carried({ '/app1': 10_000 });
  let looks = 0;
  const rig = startRig(undefined, {
    ...memory,
    observe: (signal, scope) => {
      looks += 1;
      return memory.observe(signal, scope);
    },
  });
  await until('a reason', () => rig.controller.state().notReady === 'no Marathon answered');
  rig.setApps([]);
  // Each answer that is asked for anew wakes the loop once; in between it rests.
  await until('answers', () => rig.rereads() >= 2);
  expect(looks).toBeLessThanOrEqual(10);
  expect(looks).toBeGreaterThan(0);
});
