/**
 * `npm run soak churn`: bursts of 10,000 events and a week's churn in compressed time leave nothing behind. `ROUNDS` (120) is
 * its length, a round being what happens in an hour and a half; `SEED` is what happens.
 */
import { expect, it } from 'vitest';
import { leaveNothingBehind } from '../e2e/lasting.ts';
import { numberOf } from './numbers.ts';

const seed = numberOf('SEED', Math.floor(Date.now() % 1_000_000));
const rounds = numberOf('ROUNDS', 120);
const happeningsPerRound = 25;
/** No round takes longer than this, in ms. */
const mostMs = 60_000;

it(`a churn of ${rounds} rounds from seed ${seed}`, { timeout: (rounds + 10) * mostMs }, async () => {
  const { tasksSeen } = await leaveNothingBehind({
    seed,
    burst: 10_000,
    bursts: 10,
    warmUp: 6,
    rounds,
    happeningsPerRound,
    announced: true,
    tell: (line) => process.stdout.write(`seed ${seed}: ${line}\n`),
  });
  expect(tasksSeen).toBeGreaterThan(rounds * happeningsPerRound);
});
