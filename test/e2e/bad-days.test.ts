/** A sample of bad days, alone and in pairs: no request fails, the dead do not serve, and the migration completes. */
import { expect, it } from 'vitest';
import type { DayName } from './bad-days.ts';
import { migrateOn, setCourse } from './migration.ts';

const sample: readonly (readonly [seed: number, ...days: DayName[]])[] = [
  [1, 'stream half-open'],
  [2, 'stream reset', '503'],
  [3, 'events lost', 'slow'],
  [4, 'events out of order', 'stream in pieces'],
  [5, 'old list', 'answers cut'],
  [6, 'leader changes', 'clock wrong'],
  [7, 'stream refused', '409'],
  [8, 'empty list', 'events twice'],
  [9, 'tasks missing', 'stream hangs'],
  [10, 'leader down', 'too many deployments'],
];

it('a migration on each of these days, one after the other', async () => {
  const course = await setCourse();
  for (const [seed, ...days] of sample) {
    await migrateOn(course, seed, days).catch((error: unknown) => {
      throw new Error(`on a day of ${days.join(' and ')} (seed ${seed})`, { cause: error });
    });
  }
  expect(course.version).toBe(sample.length);
});
