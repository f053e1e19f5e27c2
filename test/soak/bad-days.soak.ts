/**
 * `npm run soak`: as many migrations as `RUNS` says (200), on random bad days and pairs of them. Each prints its seed;
 * `SEED=17 RUNS=1 npm run soak bad-days` runs that one again, and `DAYS='slow,old list'` has these days each time.
 */
import { expect, it } from 'vitest';
import { randomFrom } from '../../src/simulator/random.ts';
import { type DayName, dayNames, someDays } from '../e2e/bad-days.ts';
import { type Course, migrateOn, setCourse } from '../e2e/migration.ts';
import { numberOf } from './numbers.ts';

const runs = numberOf('RUNS', 200);
const first = numberOf('SEED', Math.floor(Date.now() % 1_000_000));
const named = namesOf(process.env['DAYS'] ?? '');
/** No run takes longer than this, in ms. */
const mostMs = 90_000;

it(`${runs} migrations from seed ${first} on`, { timeout: runs * mostMs }, async () => {
  const failed: string[] = [];
  let course: Course | null = null;
  for (let seed = first; seed < first + runs; seed += 1) {
    const days = named.length > 0 ? named : someDays(randomFrom(seed));
    const begun = performance.now();
    let outcome = 'well';
    try {
      course ??= await setCourse();
      await migrateOn(course, seed, days);
    } catch (error) {
      outcome = `NOT WELL: ${error instanceof Error ? error.message : String(error)}`;
      failed.push(`${seed} (${days.join(', ')}): ${outcome}`);
      // The next run begins on a stage that this one has not left half-way.
      await course?.load.stop();
      await course?.stage.baton().end();
      course = null;
    }
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    process.stdout.write(`seed ${seed}: ${days.join(' and ')}: ${outcome}, ${seconds} s\n`);
  }
  expect(failed).toEqual([]);
});

function namesOf(text: string): readonly DayName[] {
  return text
    .split(',')
    .filter((each) => each !== '')
    .map((each) => {
      const name = dayNames.find((one) => one === each.trim());
      if (name === undefined) throw new Error(`there is no day '${each}'; there are: ${dayNames.join(', ')}`);
      return name;
    });
}
