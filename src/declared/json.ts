/** JSON from people: what the language's parser refuses is looked at again, to say where it breaks and what to do. */
import { describe } from './show.ts';

export interface JsonFlaw {
  /** Code units before the flaw. */
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  /** What is wrong there, as the rest of a sentence. */
  readonly what: string;
}

export type JsonResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly flaw: JsonFlaw };

/** Parses JSON (RFC 8259). Never throws. */
export function parseJson(text: string): JsonResult {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    const { offset, what } = findFlaw(text);
    const before = text.slice(0, offset).split('\n');
    return {
      ok: false,
      flaw: { offset, line: before.length, column: (before.at(-1) ?? '').length + 1, what },
    };
  }
}

type Expected = 'value' | 'first value' | 'key' | 'first key' | 'colon' | 'comma' | 'end';
type Found = { readonly offset: number; readonly what: string };

const scalar = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y;
const word = /[^\s,:{}[\]"]{1,40}/y;
const blank = /[ \t\r\n]*/y;

/** Walks the text without recursion, so that no depth of nesting can exhaust the stack. */
function findFlaw(text: string): Found {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let at = 0;
  const inner = (): Expected => (open.length === 0 ? 'end' : 'comma');
  for (;;) {
    at += matched(blank, text, at).length;
    const character = text[at];
    if (character === undefined) return { offset: at, what: endsEarly(text, open, expected) };
    const closes = open.at(-1) === '{' ? '}' : ']';
    if (expected === 'comma' || expected === 'first value' || expected === 'first key') {
      if (character === closes && open.length > 0) {
        open.pop();
        expected = inner();
        at += 1;
        continue;
      }
    }
    if (expected === 'comma' && character === ',') {
      expected = open.at(-1) === '{' ? 'key' : 'value';
      at += 1;
    } else if (expected === 'colon' && character === ':') {
      expected = 'value';
      at += 1;
    } else if (expected === 'key' || expected === 'first key') {
      if (character !== '"') return { offset: at, what: noKey(text, at) };
      const end = endOfText(text, at);
      if (typeof end !== 'number') return end;
      at = end;
      expected = 'colon';
    } else if (expected === 'value' || expected === 'first value') {
      if (character === '{' || character === '[') {
        open.push(character);
        expected = character === '{' ? 'first key' : 'first value';
        at += 1;
        continue;
      }
      const end = character === '"' ? endOfText(text, at) : at + matched(scalar, text, at).length;
      if (typeof end !== 'number') return end;
      if (end === at) return { offset: at, what: noValue(text, at) };
      at = end;
      expected = inner();
    } else {
      return { offset: at, what: surplus(text, at, expected, closes) };
    }
  }
}

function matched(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

/** Where the text that opens at `start` ends, after its closing quote. */
function endOfText(text: string, start: number): number | Found {
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '"') return at + 1;
    if (character < ' ') {
      return {
        offset: at,
        what: `a line break or control character (${describe(character)}) stands inside quotes`,
      };
    }
    if (character === '\\') {
      if (!/^(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(text.slice(at + 1, at + 6))) {
        return { offset: at, what: 'a backslash stands before something that needs none' };
      }
      at += 1;
    }
  }
  return { offset: start, what: 'the quotes that open here are never closed' };
}

function surplus(text: string, at: number, expected: Expected, closes: string): string {
  if (expected === 'end')
    return `the JSON is complete before ${token(text, at)}, which is one thing too many`;
  if (expected === 'colon') return `a colon is missing before ${token(text, at)}`;
  if (text[at] === '}' || text[at] === ']')
    return `${describe(text[at])} closes what "${closes}" should close`;
  return `a comma is missing before ${token(text, at)}`;
}

function noKey(text: string, at: number): string {
  const character = text[at];
  if (character === '}') return 'there is a comma too many before "}"';
  if (isOddQuote(text.charAt(at))) return oddQuote(text, at);
  return `a key in plain double quotes is missing before ${token(text, at)}`;
}

function noValue(text: string, at: number): string {
  const character = text.charAt(at);
  if (character === ']') return 'there is a comma too many before "]"';
  if (character === ',' || character === '}') return `a value is missing before "${character}"`;
  if (isOddQuote(character)) return oddQuote(text, at);
  return `${token(text, at)} is no value; texts stand in plain double quotes`;
}

function endsEarly(text: string, open: readonly ('{' | '[')[], expected: Expected): string {
  if (text.trim() === '') return 'there is nothing';
  const missing = open.at(-1) === '{' ? '}' : ']';
  return open.length > 0 && expected !== 'value' && expected !== 'colon'
    ? `the text ends before its "${missing}"`
    : 'the text ends where a value should stand';
}

function isOddQuote(character: string): boolean {
  return /['`\u2018-\u201f\u00ab\u00bb]/.test(character);
}

function oddQuote(text: string, at: number): string {
  return `${describe(text[at])} is not the plain double quote (") that JSON needs`;
}

function token(text: string, at: number): string {
  if (text[at] === '"') {
    const end = endOfText(text, at);
    return describe(text.slice(at + 1, typeof end === 'number' ? end - 1 : at + 41));
  }
  return describe(matched(word, text, at) || String.fromCodePoint(text.codePointAt(at) ?? 0));
}
