/** Whatever a target says, HAProxy takes the configuration that is rendered from it. */
import { expect, test } from 'vitest';
import { assertRendered } from './rendered.ts';

test('HAProxy takes the configuration of 500 random targets, and nothing in it is theirs', {
  timeout: 120_000,
}, async () => {
  const rendered = await assertRendered(500);
  // Most ids are good, and each then stands in a configuration with its listeners, pools and rules.
  expect(rendered.services).toBeGreaterThan(250);
  expect(rendered.listeners).toBeGreaterThan(100);
  expect(rendered.rules).toBeGreaterThan(2_000);
});
