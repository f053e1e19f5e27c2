/** What was given, by flags or by the environment, before anybody asks whether it makes sense. */
import { parseArgs } from 'node:util';
import { nearest } from '../model/nearest.ts';
import { ConfigError } from './error.ts';
import { type OptionDefinition, optionTable } from './options.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The variable is named instead of the flag when the value came from there. */
export function namedAsGiven(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string },
  flags: Readonly<Given>,
  env: Environment,
): string {
  const option = optionTable.find((each) => each.flag === issue.path[0]);
  if (option === undefined || flags[option.flag] !== undefined || (env[option.env] ?? '') === '')
    return issue.message;
  return issue.message.replace(`--${option.flag} is`, `${option.env} is`);
}

export type Given = Record<string, string | string[] | boolean | undefined>;

export function collect(flags: Readonly<Given>, env: Environment): Given {
  const given: Given = {};
  for (const option of optionTable) {
    const value =
      flags[option.flag] ?? fromEnvironment(option, env[option.env]) ?? option.fallback ?? undefined;
    given[option.flag] = value;
  }
  return given;
}

function fromEnvironment(
  option: OptionDefinition,
  text: string | undefined,
): string | string[] | boolean | undefined {
  if (text === undefined || text === '') return undefined;
  if (option.repeatable) return text.split(',').map((part) => part.trim());
  if (option.value !== null) return text;
  if (/^(1|true|yes)$/i.test(text)) return true;
  if (/^(0|false|no)$/i.test(text)) return false;
  throw new ConfigError(`${option.env} is ${JSON.stringify(text)}; it should be true or false`);
}

export function parseFlags(argv: readonly string[]): Readonly<Given> {
  const { values, tokens } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      optionTable.map((option) => [
        option.flag,
        { type: option.value === null ? 'boolean' : 'string', multiple: option.repeatable } as const,
      ]),
    ),
  });
  for (const token of tokens) {
    if (token.kind === 'positional')
      throw new ConfigError(`${JSON.stringify(token.value)} is no flag; flags begin with --`);
    if (token.kind !== 'option') continue;
    const option = optionTable.find((each) => each.flag === token.name);
    if (option === undefined) throw unknownFlag(token.rawName);
    if (option.value !== null && (token.value === undefined || token.value.startsWith('--'))) {
      throw new ConfigError(`--${option.flag} needs a value: --${option.flag} ${option.value}`);
    }
    if (option.value === null && token.value !== undefined)
      throw new ConfigError(`--${option.flag} takes no value`);
  }
  return values;
}

function unknownFlag(name: string): ConfigError {
  const meant = nearest(
    name.replace(/^-+/, ''),
    optionTable.map((option) => option.flag),
  );
  return new ConfigError(`there is no flag ${name}${meant === null ? '' : `; did you mean --${meant}?`}`);
}
