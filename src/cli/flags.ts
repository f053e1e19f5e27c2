/** Flags of the verbs that have few, with a hint for every slip. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { ConfigError } from '../config/error.ts';
import { nearest } from '../model/nearest.ts';

type Flags = NonNullable<ParseArgsConfig['options']>;

/** Those of the verbs that ask a running Baton. */
export const askFlags = {
  baton: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies Flags;

/** @throws ConfigError for a flag that does not exist, one without its value, and words that are no flags */
export function parseVerbFlags<const Given extends Flags>(argv: readonly string[], flags: Given) {
  return parse(argv, flags, false).values;
}

/**
 * The flags, and the words among and after them, which may be files; after `--` nothing is a flag.
 * @throws ConfigError for a flag that does not exist, and one without its value
 */
export function parseVerbWords<const Given extends Flags>(argv: readonly string[], flags: Given) {
  const { values, positionals } = parse(argv, flags, true);
  return { values, words: positionals };
}

function parse<const Given extends Flags>(argv: readonly string[], flags: Given, allowPositionals: boolean) {
  const end = argv.indexOf('--');
  const unknown = (end < 0 ? argv : argv.slice(0, end)).find(
    (word) => word.startsWith('--') && !Object.hasOwn(flags, nameOf(word)),
  );
  if (unknown !== undefined) {
    const near = nearest(nameOf(unknown), Object.keys(flags));
    throw new ConfigError(
      `there is no flag --${nameOf(unknown)}${near === null ? '' : `; did you mean --${near}?`}`,
    );
  }
  try {
    return parseArgs({ args: [...argv], options: flags, strict: true, allowPositionals });
  } catch (error) {
    throw new ConfigError(inWords(error), { cause: error });
  }
}

function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const word = /'([^']*)'/.exec(error.message)?.[1]?.replace(/^-\w, /, '') ?? '';
  switch ('code' in error ? error.code : null) {
    case 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL':
      return `${JSON.stringify(word)} is no flag; flags begin with --`;
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
      return `there is no flag ${word}`;
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
      return error.message.includes('does not take')
        ? `${word} takes no value`
        : `${word.replace(' <value>', '')} needs a value`;
    default:
      return error.message;
  }
}

function nameOf(word: string): string {
  return word.slice(2).split('=')[0] ?? '';
}
