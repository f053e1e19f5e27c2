/** Long work in parts: in between, events that take endpoints out have their turn. */
import { setImmediate as breathe } from 'node:timers/promises';

/** A part of things that each take some tens of microseconds. */
const together = 25;
/** A part of a text, in characters. */
const longest = 50_000;

/** Does some work for each of many things. */
export async function eachInParts<T>(things: Iterable<T>, work: (thing: T) => void): Promise<void> {
  let done = 0;
  for (const thing of things) {
    if (done > 0 && done % together === 0) await breathe();
    work(thing);
    done += 1;
  }
}

/**
 * Parses a long text of lines.
 * @param heading how many lines stand at the beginning, and are given to `parse` again with each part
 */
export async function parseInParts<T>(
  text: string,
  heading: number,
  parse: (part: string) => readonly T[],
): Promise<readonly T[]> {
  let at = 0;
  for (let line = 0; line < heading; line += 1) at = text.indexOf('\n', at) + 1 || text.length;
  const head = text.slice(0, at);
  const found: T[] = [];
  while (at < text.length) {
    const end =
      text.length - at <= longest ? text.length : text.indexOf('\n', at + longest) + 1 || text.length;
    for (const each of parse(`${head}${text.slice(at, end)}`)) found.push(each);
    at = end;
    if (at < text.length) await breathe();
  }
  return found;
}
