/** Ten thousand apps with hostile labels. */
import { expect, test } from 'vitest';
import { assertHarmless } from '../declared/marathon-lb/fuzz.ts';

test('no label of marathon-lb does harm', { timeout: 600_000 }, () => {
  expect(assertHarmless(10_000)).toBe(10_000);
});
