/** The arithmetic of upgrades, by table and by playing random upgrades through. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  byKillSelection,
  forReplacement,
  rollingMove,
  rollingStrategy,
} from '../../src/simulator/rolling.ts';
import { cases } from '../support/cases.ts';

describe('rollingStrategy', () => {
  test.each([
    // instances, current, running, minimumHealth, maximumOver -> killNow, maxCapacity
    [2, 2, 2, 1, 1, 0, 4],
    [10, 10, 10, 1, 1, 0, 20],
    [10, 10, 10, 0.5, 0, 5, 10],
    [10, 10, 10, 0.5, 0.2, 5, 12],
    [1, 1, 1, 1, 0, 0, 2],
    [4, 4, 4, 1, 0, 0, 5],
    [1, 1, 1, 0, 0, 1, 1],
    [3, 3, 3, 0.5, 0, 1, 3],
    [2, 5, 5, 1, 1, 3, 4],
    [5, 2, 2, 1, 1, 0, 10],
    [3, 3, 1, 1, 0, 0, 3],
  ])(
    '%i instances (%i, %i running), %f/%f',
    (instances, current, running, min, over, killNow, maxCapacity) => {
      const strategy = { minimumHealthCapacity: min, maximumOverCapacity: over };
      expect(rollingStrategy({ instances, current, running, strategy })).toEqual({ killNow, maxCapacity });
    },
  );
});

describe('rollingMove', () => {
  test('an upgrade that works ends, holds the minimum and never exceeds the maximum', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 0, max: 100 }),
        fc.array(fc.nat(2), { minLength: 1, maxLength: 400 }),
        (instances, min, over, order) => {
          const strategy = { minimumHealthCapacity: min / 100, maximumOverCapacity: over / 100 };
          const plan = rollingStrategy({ instances, current: instances, running: instances, strategy });
          const least = Math.ceil(instances * strategy.minimumHealthCapacity);
          let state = {
            instances,
            oldAtStart: instances,
            old: instances,
            oldEnding: 0,
            fresh: 0,
            freshReady: 0,
          };
          for (let turn = 0; turn < 10_000; turn += 1) {
            const move = rollingMove(plan, state);
            if (move.done) return;
            state = {
              ...state,
              old: state.old - move.kill,
              oldEnding: state.oldEnding + move.kill,
              fresh: state.fresh + move.launch,
            };
            expect(state.old + state.freshReady).toBeGreaterThanOrEqual(least);
            expect(state.old + state.oldEnding + state.fresh).toBeLessThanOrEqual(plan.maxCapacity);
            const which = order[turn % order.length];
            if (which !== 0 && state.freshReady < state.fresh) state.freshReady += 1;
            else if (state.oldEnding > 0) state.oldEnding -= 1;
            else if (state.freshReady < state.fresh) state.freshReady += 1;
          }
          throw new Error('the upgrade never ended');
        },
      ),
      { numRuns: cases(100) },
    );
  });

  test('an old instance that died counts as one that was killed', () => {
    const plan = { killNow: 0, maxCapacity: 4 };
    const state = { instances: 2, oldAtStart: 2, old: 1, oldEnding: 0, fresh: 2, freshReady: 1 };
    expect(rollingMove(plan, state).kill).toBe(0);
    expect(rollingMove(plan, { ...state, freshReady: 2 }).kill).toBe(1);
  });
});

describe('who goes first', () => {
  const of = (name: string, condition: string, activeSince: number, healthy = true) => ({
    name,
    condition,
    activeSince,
    healthy,
  });
  const all = [
    of('old', 'Running', 1),
    of('young', 'Running', 9),
    of('starting', 'Starting', 5),
    of('provisioned', 'Provisioned', 3),
    of('scheduled', 'Scheduled', 2),
  ];
  const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);

  test('what does not run, then by age', () => {
    expect(names(byKillSelection(all, 'YOUNGEST_FIRST'))).toEqual([
      'scheduled',
      'provisioned',
      'starting',
      'young',
      'old',
    ]);
    expect(names(byKillSelection(all, 'OLDEST_FIRST'))).toEqual([
      'scheduled',
      'provisioned',
      'starting',
      'old',
      'young',
    ]);
  });

  test('in an upgrade the unhealthy go first', () => {
    expect(names(forReplacement([of('well', 'Running', 1), of('sick', 'Running', 9, false)]))).toEqual([
      'sick',
      'well',
    ]);
  });
});
