/** JSON from people: where it breaks, and what is said about it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson } from '../../src/declared/json.ts';
import { cases } from '../support/cases.ts';

function flaw(text: string): string {
  const result = parseJson(text);
  return result.ok ? 'fine' : `${result.flaw.line}:${result.flaw.column} ${result.flaw.what}`;
}

describe('flaws in JSON', () => {
  test.each([
    ['', '1:1 there is nothing'],
    ['{"a": 1 "b": 2}', '1:9 a comma is missing before "b"'],
    ['{"a": 1,\n "b": 2,}', '2:9 there is a comma too many before "}"'],
    ['[1, 2,]', '1:7 there is a comma too many before "]"'],
    ['{"a" 1}', '1:6 a colon is missing before "1"'],
    ['{"a": 1', '1:8 the text ends before its "}"'],
    ['[{"a": 1}', '1:10 the text ends before its "]"'],
    ['{"a":', '1:6 the text ends where a value should stand'],
    ['{"a": }', '1:7 a value is missing before "}"'],
    ['{"a": 1}}', '1:9 the JSON is complete before "}", which is one thing too many'],
    ['{"a": [1}', '1:9 "}" closes what "]" should close'],
    ["{'a': 1}", `1:2 "'" is not the plain double quote (") that JSON needs`],
    ['{“a”: 1}', '1:2 "“" is not the plain double quote (") that JSON needs'],
    ['{"a": “b”}', '1:7 "“" is not the plain double quote (") that JSON needs'],
    ['{a: 1}', '1:2 a key in plain double quotes is missing before "a"'],
    ['{"a": yes}', '1:7 "yes" is no value; texts stand in plain double quotes'],
    ['{"a": 010}', '1:7 "010" is no value; texts stand in plain double quotes'],
    ['{"a": "b}', '1:7 the quotes that open here are never closed'],
    ['{"a": "b\nc"}', '1:9 a line break or control character ("\\n") stands inside quotes'],
    ['{"a": "\\x"}', '1:8 a backslash stands before something that needs none'],
    ['\ufeff{}', '1:1 "\\ufeff" is no value; texts stand in plain double quotes'],
    ['💥', '1:1 "💥" is no value; texts stand in plain double quotes'],
  ])('%j', (text, expected) => {
    expect(flaw(text)).toBe(expected);
  });

  test('what the language takes is taken, what it refuses has a flaw inside the text', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '"a"',
      '1',
      '-',
      'true',
      ' ',
      '\n',
      'é',
      '“',
    );
    const texts = fc.oneof(
      fc.json(),
      fc.string(),
      fc.array(piece, { maxLength: 12 }).map((each) => each.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        const result = parseJson(text);
        expect(result.ok).toBe(isJson);
        expect(result.ok ? 0 : result.flaw.offset).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: cases(500) },
    );
  });

  test('a hundred thousand levels are nothing special', () => {
    expect(flaw('['.repeat(100_000))).toBe('1:100001 the text ends before its "]"');
    expect(flaw(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toBe('fine');
  });
});
