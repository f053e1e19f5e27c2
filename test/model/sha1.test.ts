/** SHA-1 gives what every other SHA-1 gives. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha1 } from '../../src/model/sha1.ts';

test.each([
  ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['ab\ud800', createHash('sha1').update('ab\ufffd').digest('hex')],
])('%j', (text, digest) => expect(sha1(text)).toBe(digest));

test('around the ends of blocks', () => {
  for (let length = 0; length < 200; length += 1) {
    const text = 'é'.repeat(length % 3) + 'x'.repeat(length);
    expect(sha1(text)).toBe(createHash('sha1').update(text).digest('hex'));
  }
});

test('for all texts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(sha1(text)).toBe(createHash('sha1').update(text).digest('hex'));
    }),
  );
});
