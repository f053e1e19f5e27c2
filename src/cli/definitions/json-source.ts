/** A JSON file of which every part knows its line and column, and which is read as far as it can be when it is broken. */
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { parseJson } from '../../declared/json.ts';
import { describe } from '../../declared/show.ts';

/** Both from 1; columns count UTF-16 code units, as editors do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Something that JSON does not allow (RFC 8259). */
export interface JsonFlaw extends Place {
  /** What is wrong there: a clause. */
  readonly what: string;
  /** What to do: a sentence. */
  readonly remedy: string;
}

export type JsonNode = Node;

export interface JsonSource {
  /** Null when nothing could be read. */
  readonly root: JsonNode | null;
  /** In the order of the text; at most ten, for one slip is often followed by others that only look so. */
  readonly flaws: readonly JsonFlaw[];
  placeAt(offset: number): Place;
}

const mostFlaws = 10;

/** Reads what can be read. Never throws. */
export function readJson(given: string): JsonSource {
  // Editors put a byte order mark there, which nobody sees; in its place, offsets stay the same.
  const text = given.startsWith('\ufeff') ? ` ${given.slice(1)}` : given;
  const placeAt = placesIn(text);
  const errors: ParseError[] = [];
  const strict = parseJson(text);
  const first = strict.ok ? [] : [{ offset: strict.flaw.offset, what: strict.flaw.what, code: '' }];
  let root: Node | undefined;
  try {
    root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  } catch {
    // Its recursion has ended on the stack.
    const flaw = { ...placeAt(0), what: 'it is nested too deep to be an app definition' };
    return { root: null, flaws: [{ ...flaw, remedy: 'Give the definitions of apps alone.' }], placeAt };
  }
  const others = errors.map(({ error, offset }) => ({ offset, what: '', code: printParseErrorCode(error) }));
  const flaws: JsonFlaw[] = [];
  const lines = new Set<number>();
  for (const { offset, what, code } of strict.ok ? [] : [...first, ...others]) {
    const place = placeAt(offset);
    const isComment = /^\/[/*]/.test(text.slice(offset, offset + 2));
    const said = isComment ? 'it has no comments' : what === '' ? wordsFor(code, text, offset) : what;
    // The second parser stumbles over what the first has named, and over its consequences on the same line.
    if (lines.has(place.line) || (code !== '' && offset < (first[0]?.offset ?? 0))) continue;
    lines.add(place.line);
    flaws.push({ ...place, what: said, remedy: remedyFor(said, text, offset, placeAt) });
    if (flaws.length === mostFlaws) break;
  }
  return { root: root ?? null, flaws, placeAt };
}

/** What the tolerant parser's codes mean. */
const words: Readonly<Record<string, string>> = {
  CommaExpected: 'a comma is missing',
  ColonExpected: 'a colon is missing',
  PropertyNameExpected: 'a key in plain double quotes is missing',
  ValueExpected: 'a value is missing',
  CloseBraceExpected: 'a closing "}" is missing',
  CloseBracketExpected: 'a closing "]" is missing',
  EndOfFileExpected: 'the JSON is complete here, and there is more',
  InvalidSymbol: 'plain double quotes are missing',
  InvalidNumberFormat: 'something is wrong with a number',
  UnexpectedEndOfString: 'a closing quote is missing',
  InvalidCharacter: 'a line break or control character stands inside quotes',
  InvalidEscapeCharacter: 'a backslash stands before something that needs none',
  InvalidUnicode: 'four hexadecimal digits are missing after \\u',
};

function wordsFor(code: string, text: string, offset: number): string {
  const next = wordAt(text, offset);
  const isSurplus = /[}\]]/.test(next) && text.slice(0, offset).trimEnd().endsWith(',');
  const what = isSurplus ? 'there is a comma too many' : (words[code] ?? 'something is wrong');
  return next === '' ? what : `${what} before ${describe(next)}`;
}

function remedyFor(what: string, text: string, offset: number, placeAt: (offset: number) => Place): string {
  const before = text.slice(0, offset).trimEnd().length;
  const { line, column } = placeAt(before);
  if (what.startsWith('a comma is missing')) return `Write a comma at line ${line}, column ${column}.`;
  if (what === 'it has no comments') return 'Remove the comment.';
  if (what.includes('comma too many') && text[before - 1] === ',')
    return `Remove the comma at line ${line}, column ${column - 1}.`;
  if (what.includes('ends before') || what.includes('closing'))
    return 'Close what is open, or look for a quote or bracket too many above.';
  return 'Correct it there, or just before.';
}

function wordAt(text: string, offset: number): string {
  return (
    /^"[^"\n]{0,40}"?|^[\w.-]{1,40}|^./.exec(text.slice(offset, offset + 42))?.[0]?.replaceAll('"', '') ?? ''
  );
}

function placesIn(text: string): (offset: number) => Place {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

/** The members of an object in their order, without those that are broken; of a key that is written twice, both. */
export function membersOf(node: JsonNode): readonly (readonly [key: string, value: JsonNode, at: number])[] {
  return (node.type === 'object' ? (node.children ?? []) : []).flatMap(({ children }) => {
    const [key, value] = children ?? [];
    return key === undefined || value === undefined ? [] : [[String(key.value), value, key.offset] as const];
  });
}

/** The value of a member; of a key that is written twice the last counts, as for Marathon. */
export function memberOf(node: JsonNode, key: string): JsonNode | undefined {
  return membersOf(node).findLast(([name]) => name === key)?.[1];
}

export function itemsOf(node: JsonNode | undefined): readonly JsonNode[] {
  return node?.type === 'array' ? (node.children ?? []) : [];
}

/** The plain value, without what is broken. */
export function valueOf(node: JsonNode): unknown {
  if (node.type === 'array') return itemsOf(node).map(valueOf);
  if (node.type === 'object')
    return Object.fromEntries(membersOf(node).map(([key, value]) => [key, valueOf(value)]));
  return node.value;
}
