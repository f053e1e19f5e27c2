/** What is wrong with a file, and what was done, for an 80-column terminal. */
import { flawText } from '../../declared/vamp/file.ts';
import type { Flaw } from '../../declared/vamp/yaml-tree.ts';
import { indented, write } from '../text.ts';
import type { Said } from './ask.ts';

/** `FILE:LINE:COLUMN: [RULE] what is wrong.`, each on lines of its own. */
export function flawLines(file: string, flaws: readonly Flaw[]): readonly string[] {
  return flaws.flatMap((flaw) => indented(0, flawText(file, flaw), 2));
}

/** Says why not: on standard error, or as JSON on standard output. Returns the exit code. */
export async function sayRefused(
  verb: string,
  file: string | null,
  { message, flaws }: Pick<Extract<Said, { ok: false }>, 'message' | 'flaws'>,
  json: boolean,
): Promise<number> {
  if (json) {
    const errors = flaws.map((flaw) => ({ file, ...flaw }));
    await write(`${JSON.stringify({ message, errors }, null, 2)}\n`);
    return 1;
  }
  const lines =
    file === null || flaws.length === 0
      ? indented(0, `baton ${verb}: ${message}`, 2)
      : flawLines(file, flaws);
  process.stderr.write(`${lines.join('\n')}\n`);
  return 1;
}

export async function say(lines: readonly string[]): Promise<void> {
  await write(`${lines.flatMap((line) => indented(0, line, 2)).join('\n')}\n`);
}
