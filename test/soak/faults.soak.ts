/**
 * `npm run soak faults`: every phase of a transition with every fault, in an order drawn from `SEED`, `LANES` (3) at a time.
 * Marathon is away for `AWAY` ms (30000). `CASES='holding / abort,leaving / *'` plays these alone.
 */
import { expect, it } from 'vitest';
import { randomFrom } from '../../src/simulator/random.ts';
import { allCases, playAll, shuffled } from '../e2e/faults/table.ts';
import { numberOf } from './numbers.ts';

const seed = numberOf('SEED', Math.floor(Date.now() % 1_000_000));
const named = (process.env['CASES'] ?? '').split(',').filter((each) => each !== '');
const cases = shuffled(
  allCases.filter(
    ({ phase, fault }) =>
      named.length === 0 ||
      [`${phase} / ${fault}`, `${phase} / *`, `* / ${fault}`].some((title) => named.includes(title)),
  ),
  randomFrom(seed),
);
/** No case takes longer than this, in ms. */
const mostMs = 180_000;

it(`${cases.length} faults from seed ${seed} on`, { timeout: cases.length * mostMs }, async () => {
  const failed = await playAll(cases, {
    lanes: numberOf('LANES', 3),
    awayMs: numberOf('AWAY', 30_000),
    tell: (line) => process.stdout.write(`${line}\n`),
  });
  expect(failed).toEqual([]);
});
