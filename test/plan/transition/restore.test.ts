/** After an abort of a rolling transition: how long what was sent back keeps a part. */
import { expect, it } from 'vitest';
import { type AppId, appId, millis } from '../../../src/model/ids.ts';
import type { AssessedPool } from '../../../src/plan/assess.ts';
import type { Choice } from '../../../src/plan/choose.ts';
import type { CourseMemory } from '../../../src/plan/transition/course.ts';
import { restored } from '../../../src/plan/transition/restore.ts';
import type { WishState } from '../../../src/plan/wishes.ts';

const old = appId('app1');
const fresh = appId('app1-100');
const within = 60_000;

function pool(app: AppId, up: number, instances: number): AssessedPool {
  return {
    pool: { app, weight: null, ready: { withinMs: within } },
    app: { instances },
    up,
    weight: 5000,
  } as AssessedPool;
}

function at(now: number, up: number, instances: number, refused = false) {
  const choice: Choice = { rule: 'priority', priority: 0, weights: new Map([[old, 10_000]]) };
  const memory = {
    latches: [{ app: fresh }],
    restoring: { since: millis(0), instances: [{ app: old, count: 3 }] },
  } as unknown as CourseMemory;
  const states = new Map(refused ? [[old, { outcome: 'refused' } as WishState]] : []);
  const {
    choice: chosen,
    restoring,
    wishes,
  } = restored(millis(now), [pool(old, up, instances), pool(fresh, 2, 2)], memory, choice, states);
  return {
    weights: Object.fromEntries(chosen.weights),
    isRestoring: restoring !== null,
    wishes: wishes.length,
  };
}

const whole = { '/app1': 10_000 };
const part = { '/app1': 6666, '/app1-100': 3334 };

it.each([
  ['two of three are there', 0, 2, 2, part, true, 1],
  ['the third is asked for and comes up', 1000, 2, 3, part, true, 0],
  ['all are there, and one may yet be killed that was to be', 1000, 3, 3, whole, true, 0],
  ['one was killed after all', 5000, 2, 2, part, true, 1],
  ['all are there, and have been for a while', 30_000, 3, 3, whole, false, 0],
  ['the third does not come in time', within, 2, 3, whole, false, 0],
] as const)('%s', (_, now, up, instances, weights, isRestoring, wishes) => {
  expect(at(now, up, instances)).toEqual({ weights, isRestoring, wishes });
});

it('Marathon refuses: less capacity is better than a bad version', () => {
  expect(at(1000, 2, 2, true)).toEqual({ weights: whole, isRestoring: false, wishes: 0 });
});
