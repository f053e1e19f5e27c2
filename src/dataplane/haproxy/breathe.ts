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
 * Goes through a long text of lines.
 * @param heading how many lines stand at the beginning, and are given to `work` again with each part
 */
export async function eachPart(text: string, heading: number, work: (part: string) => void): Promise<void> {
  let at = 0;
  for (let line = 0; line < heading; line += 1) at = text.indexOf('\n', at) + 1 || text.length;
  const head = text.slice(0, at);
  while (at < text.length) {
    const end =
      text.length - at <= longest ? text.length : text.indexOf('\n', at + longest) + 1 || text.length;
    work(`${head}${text.slice(at, end)}`);
    at = end;
    if (at < text.length) await breathe();
  }
}
