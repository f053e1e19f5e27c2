/** Long work in parts gives what it gives at once, and lets others have their turn. */
import { expect, test } from 'vitest';
import { eachInParts, eachPart } from '../../../src/dataplane/haproxy/breathe.ts';
import { parseServerStates, parseStatistics } from '../../../src/dataplane/haproxy/parse.ts';

const lines = Array.from({ length: 5000 }, (_, index) => index);

function turns(): () => number {
  let count = 0;
  let isOver = false;
  const next = (): void => {
    count += 1;
    if (!isOver) setImmediate(next);
  };
  setImmediate(next);
  return () => {
    isOver = true;
    return count;
  };
}

async function inParts<T>(text: string, heading: number, parse: (part: string) => readonly T[]) {
  const found: T[] = [];
  await eachPart(text, heading, (part) => found.push(...parse(part)));
  return found;
}

test.each(['', '\n'])('a text is parsed line by line, with its heading in each part', async (end) => {
  const others = turns();
  const statistics = `# pxname,svname,type,status\n${lines.map((n) => `app:a,server-${n},2,UP`).join('\n')}${end}`;
  expect(await inParts(statistics, 1, parseStatistics)).toEqual(parseStatistics(statistics));
  const rows = lines.map((n) => `app:a server-${n} 10.0.0.1 ${n} 0 100`).join('\n');
  const states = `1\n# be_name srv_name srv_addr srv_port srv_admin_state srv_uweight\n${rows}${end}`;
  expect(await inParts(states, 2, parseServerStates)).toEqual(parseServerStates(states));
  expect(others()).toBeGreaterThan(2);
});

test.each(['', '1\n', '# pxname,svname\n'])(
  'a text of nothing but a heading has no rows: %j',
  async (text) => {
    expect(await inParts(text, 1, parseStatistics)).toEqual([]);
  },
);

test('work is done for each thing, in order', async () => {
  const others = turns();
  const done: number[] = [];
  await eachInParts(lines, (line) => done.push(line));
  expect(done).toEqual(lines);
  expect(others()).toBeGreaterThan(100);
});
