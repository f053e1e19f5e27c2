/** The verb `baton lint`: what app definitions would become, and what is wrong with them, offline. */
import { ConfigError } from '../config/error.ts';
import { readDefinitions } from './definitions/read.ts';
import { parseVerbWords } from './flags.ts';
import { lint as lintAll } from './lint/lint.ts';
import { lintLines } from './lint/text.ts';
import { write } from './text.ts';

const help = `usage: baton lint [flags] FILE...

Reads app definitions (an app, a list, a group, or an answer of Marathon; in
the formats of 1.4 and of 1.5 and later) and says what each app would become,
what Baton makes of each label, and what is wrong, with line and column.
Nothing is asked of anybody: apps that are in none of the files are not known.
- is standard input.

  --strict     exit code 1 for warnings, too
  --json       the same as JSON
  -h, --help   this text

exit codes
  0  nothing is wrong, or nothing but what is only a warning or a note
  1  there is an error; with --strict, or a warning
  2  a file cannot be read, or the command line makes no sense

examples
  baton lint app.json
  jq '.spec' release.json | baton lint --strict -
`;

const flags = {
  strict: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Any time will do, for all are new; it is the same in each run. */
const version = '1970-01-01T00:00:00.000Z';

/** Exit codes as the help says. */
export async function lint(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, words } = parseVerbWords(argv, flags);
  if (values.help) {
    await write(help);
    return 0;
  }
  if (words.length === 0)
    throw new ConfigError('FILE is missing; it should be a file of app definitions, or -');
  const linted = lintAll(await readDefinitions(words, version, signal));
  await write(values.json ? `${JSON.stringify(linted, null, 2)}\n` : `${lintLines(linted).join('\n')}\n`);
  const { error, warning } = linted.summary;
  return error > 0 || (values.strict && warning > 0) ? 1 : 0;
}
