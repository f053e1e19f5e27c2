/** Every golden file of the planner; `UPDATE_GOLDEN=1` writes what comes out instead of comparing. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { formatCase, parseCase, play } from './golden.ts';

const directory = new URL('../golden/plan/', import.meta.url);

for (const file of readdirSync(directory).toSorted()) {
  const url = new URL(file, directory);
  const golden = parseCase(readFileSync(url, 'utf8'));
  it(`${file}: ${golden.title}`, () => {
    const came = play(golden.input);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(url, formatCase(golden.input, came));
    expect(came).toBe(parseCase(readFileSync(url, 'utf8')).expected);
  });
}
