/** A sample of what `npm run soak` does for longer: a burst of 10,000 events and a churn leave nothing behind. */
import { expect, it } from 'vitest';
import { leaveNothingBehind } from './lasting.ts';

it('a burst and a churn leave memory, what is remembered and what is to be read as they were', async () => {
  const { tasksSeen } = await leaveNothingBehind({
    seed: 4,
    burst: 10_000,
    bursts: 3,
    warmUp: 1,
    rounds: 2,
    happeningsPerRound: 12,
    announced: false,
  });
  expect(tasksSeen).toBeGreaterThan(120);
});
