/**
 * `npm run soak histories`: as many random histories of the planner as `RUNS` says (10,000). `SEED=17 npm run soak
 * histories` plays those of that seed again; what fails is shown as short as it can be.
 */
import { expect, it } from 'vitest';
import { assertHistories } from '../plan/histories/histories.ts';
import { numberOf } from './numbers.ts';

const runs = numberOf('RUNS', 10_000);
const seed = numberOf('SEED', Math.floor(Date.now() % 1_000_000));

it(`${runs} histories from seed ${seed}`, { timeout: 3_600_000 }, async () => {
  const turns = await assertHistories(runs, seed);
  process.stdout.write(`seed ${seed}: ${runs} histories, ${turns} turns\n`);
  expect(turns).toBeGreaterThan(runs);
});
