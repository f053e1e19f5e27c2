/** Ten thousand apps with hostile labels, as many with hostile templates, and as many targets with hostile words. */
import { expect, test } from 'vitest';
import { assertContained } from '../dataplane/haproxy/template-fuzz.ts';
import { assertRendered } from '../dataplane/haproxy/rendered.ts';
import { assertHarmless } from '../declared/marathon-lb/fuzz.ts';

test('no label of marathon-lb does harm', { timeout: 600_000 }, () => {
  expect(assertHarmless(10_000)).toBe(10_000);
});

test('no target brings a line of its own into a configuration', { timeout: 1_800_000 }, async () => {
  expect((await assertRendered(10_000)).services).toBeGreaterThan(5_000);
});

test('no template reaches beyond its own backend', { timeout: 1_800_000 }, async () => {
  expect((await assertContained(10_000)).taken).toBeGreaterThan(2_000);
});
