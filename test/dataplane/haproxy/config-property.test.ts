/** Whatever a target says, HAProxy takes the configuration that is rendered from it. */
import { expect, test } from 'vitest';
import { assertRendered } from './rendered.ts';

test('HAProxy takes the configuration of 150 random targets, and nothing in it is theirs', async () => {
  const rendered = await assertRendered(150);
  // Most ids are good, and each then stands in a configuration with its listeners, pools and rules.
  expect(rendered.services).toBeGreaterThan(75);
  expect(rendered.listeners).toBeGreaterThan(30);
  expect(rendered.rules).toBeGreaterThan(600);
});
