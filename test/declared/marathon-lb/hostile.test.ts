/** No value of a marathon-lb label throws, comes through as anything but a harmless word, or opens a guarded port. */
import { expect, test } from 'vitest';
import { assertHarmless } from './fuzz.ts';
import { readLabels } from './reading.ts';

test('hundreds of hostile apps', () => {
  expect(assertHarmless(200)).toBe(200);
});

test('labels with names from the language’s own objects are labels like any other', () => {
  const labels = JSON.parse('{"__proto__": "x", "constructor": "y", "HAPROXY_GROUP": "a"}') as Record<
    string,
    string
  >;
  const { reading, diagnostics } = readLabels(labels);
  expect(reading.groups).toEqual(['a']);
  expect(diagnostics).toEqual([]);
});
