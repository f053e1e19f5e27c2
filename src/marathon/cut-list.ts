/**
 * Cuts a long list out of JSON, to be parsed element by element: the answer about ten thousand tasks is 8 MB of text, which at
 * once would be 40 MB of objects, and a tenth of a second in which no event is heard.
 */
import { setImmediate as breathe } from 'node:timers/promises';

/** Where a value stands in a text, in bytes. */
export interface Slice {
  readonly from: number;
  readonly to: number;
}

/** So many bytes are looked at between two looks at what else has come. */
const together = 256 * 1024;

const [quote, backslash, colon, comma] = ['"', '\\', ':', ','].map(codeOf) as [
  number,
  number,
  number,
  number,
];
const [openBrace, closeBrace, openBracket, closeBracket] = ['{', '}', '[', ']'].map(codeOf) as [
  number,
  number,
  number,
  number,
];

/**
 * The elements of the list that the object in `json` has as `key`, as they stand there; what is in them has not been looked
 * at. Null when it is anything else than an object with that list, well-formed around the elements: then all of it has to
 * be parsed to know what it is.
 */
export async function cutList(json: Buffer, key: string): Promise<readonly Slice[] | null> {
  let list: readonly Slice[] | null = null;
  let at = afterBlank(json, 0);
  if (json[at] !== openBrace) return null;
  for (at = afterBlank(json, at + 1); ; at = afterBlank(json, at + 1)) {
    const name = { from: at, to: endOfValue(json, at) };
    const said = parsed(textOf(json, name));
    if (json[at] !== quote || said === undefined) return null;
    at = afterBlank(json, name.to);
    if (json[at] !== colon) return null;
    at = afterBlank(json, at + 1);
    if (said === key && json[at] === openBracket) {
      const cut = await elementsFrom(json, at);
      if (cut === null) return null;
      ({ list } = cut);
      at = cut.to;
    } else {
      const value = { from: at, to: endOfValue(json, at) };
      if (parsed(textOf(json, value)) === undefined) return null;
      at = value.to;
    }
    at = afterBlank(json, at);
    if (json[at] !== comma) break;
  }
  return json[at] === closeBrace && afterBlank(json, at + 1) === json.length ? list : null;
}

/** The text of a slice. */
export function textOf(json: Buffer, { from, to }: Slice): string {
  return json.toString('utf8', from, to);
}

async function elementsFrom(
  json: Buffer,
  start: number,
): Promise<{ readonly list: readonly Slice[]; readonly to: number } | null> {
  const list: Slice[] = [];
  let at = afterBlank(json, start + 1);
  if (json[at] === closeBracket) return { list, to: at + 1 };
  let rested = at;
  for (;;) {
    const to = endOfValue(json, at);
    if (to === at) return null;
    list.push({ from: at, to });
    at = afterBlank(json, to);
    if (json[at] === closeBracket) return { list, to: at + 1 };
    if (json[at] !== comma) return null;
    at = afterBlank(json, at + 1);
    if (at - rested < together) continue;
    rested = at;
    await breathe();
  }
}

/** The end of the value that begins here; of what is none, anything up to the end of the text. */
function endOfValue(json: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === quote) at = endOfString(json, at) - 1;
    else if (byte === openBrace || byte === openBracket) depth += 1;
    else if (byte === closeBrace || byte === closeBracket) {
      // The end of what this value stands in.
      if (depth === 0) return at;
      depth -= 1;
    } else if (depth > 0 || !(byte === comma || byte === colon || isBlank(byte))) continue;
    else return at;
    if (depth === 0) return at + 1;
  }
  return json.length;
}

function endOfString(json: Buffer, start: number): number {
  for (let at = start + 1; at < json.length; at += 1) {
    if (json[at] === backslash) at += 1;
    else if (json[at] === quote) return at + 1;
  }
  return json.length;
}

function afterBlank(json: Buffer, from: number): number {
  let at = from;
  while (at < json.length && isBlank(json[at])) at += 1;
  return at;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Undefined where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(character: string): number {
  return character.charCodeAt(0);
}
