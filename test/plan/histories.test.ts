/** Invariants I1 to I7 of the planner over random histories. */
import { expect, it } from 'vitest';
import { assertHistories } from './histories/histories.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

it(`holds what must hold in 30 histories from seed ${seed}`, { timeout: 300_000 }, async () => {
  expect(await assertHistories(30, seed)).toBeGreaterThan(30);
});
