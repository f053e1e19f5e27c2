/** Whatever a template says, nothing outside of its app's backend is affected. */
import { expect, test } from 'vitest';
import { assertContained } from './template-fuzz.ts';

test('250 apps with hostile templates', async () => {
  const { cases, fit, taken } = await assertContained(250);
  expect(cases).toBe(250);
  // Many are refused by either, and many are not: else nothing would be seen here.
  expect(fit).toBeGreaterThan(100);
  expect(taken).toBeGreaterThan(50);
  expect(fit - taken).toBeGreaterThan(10);
});
