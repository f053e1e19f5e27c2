/** Lines that are too long lose their end, and nothing else changes, wherever the stream is split. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineCap } from '../../src/marathon/line-cap.ts';

const max = 5;

function through(text: string, cuts: readonly number[]): { text: string; cut: number } {
  let cut = 0;
  const cap = lineCap(max, () => {
    cut += 1;
  });
  const places = [...new Set(cuts.map((each) => each % (text.length + 1)))].sort((a, b) => a - b);
  const bytes = Buffer.from(text);
  const chunks = [0, ...places].map((start, index) => bytes.subarray(start, places[index]));
  return { text: Buffer.concat(chunks.map(cap)).toString(), cut };
}

test.each([
  ['12345\r\n123', '12345\r\n123', 0],
  ['123456\r\n12', '12345\r\n12', 1],
  ['1234567890\n\r123456', '12345\n\r12345', 2],
])('%j', (text, expected, cut) => {
  expect(through(text, [])).toEqual({ text: expected, cut });
});

test('is the same for every way to split it', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'b', '\r', '\n'), maxLength: 60 });
  fc.assert(
    fc.property(line, fc.array(fc.nat({ max: 60 })), (text, cuts) => {
      const lines = text.split(/([\r\n])/);
      expect(through(text, cuts)).toEqual({
        text: lines.map((each) => each.slice(0, max)).join(''),
        cut: lines.filter((each) => each.length > max).length,
      });
    }),
  );
});
