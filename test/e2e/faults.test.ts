/** A sample of the faults in docs/transitions.md: six phases, each with another fault. `npm run soak faults` plays them all. */
import { expect, it } from 'vitest';
import { randomFrom } from '../../src/simulator/random.ts';
import { playAll, sampleOf } from './faults/table.ts';

const seed = Number(process.env['SEED'] ?? 1);

it(`six faults, from seed ${seed}`, async () => {
  const lines: string[] = [];
  const failed = await playAll(sampleOf(6, randomFrom(seed)), {
    lanes: 2,
    awayMs: 3000,
    tell: (line) => lines.push(line),
  });
  expect(failed).toEqual([]);
  expect(lines).toHaveLength(6);
});
