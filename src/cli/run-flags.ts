/** The flags of `baton run` in verbs that stand in for it: the same words on the command line mean the same. */
import { homedir } from 'node:os';
import { type Config, readConfig } from '../config/config.ts';
import { optionTable } from '../config/options.ts';

const ownFlags: ReadonlySet<string> = new Set([
  'dry-run',
  'shadow',
  'shadow-of',
  'shadow-interval',
  'once',
  'json',
]);

const shared = optionTable.filter(({ flag }) => !ownFlags.has(flag));

/** For `node:util`'s `parseArgs`. */
export const runFlags: Readonly<
  Record<string, { readonly type: 'boolean' | 'string'; readonly multiple: boolean }>
> = Object.fromEntries(
  shared.map(({ flag, value, repeatable }) => [
    flag,
    { type: value === null ? 'boolean' : 'string', multiple: repeatable } as const,
  ]),
);

/**
 * The configuration that `baton run` would have with these flags and this environment.
 * @throws ConfigError for the first thing that is wrong
 */
export function configOf(values: Readonly<Record<string, unknown>>): Config {
  const argv = shared.flatMap(({ flag }) => {
    const given = values[flag];
    if (given === true) return [`--${flag}`];
    return (Array.isArray(given) ? given : [given]).flatMap((value) =>
      typeof value === 'string' ? [`--${flag}=${value}`] : [],
    );
  });
  return readConfig(argv, surroundings());
}

/** What the defaults of the configuration depend on. */
export function surroundings() {
  return {
    env: process.env,
    home: homedir(),
    isRoot: process.getuid?.() === 0,
    isProcessOne: process.pid === 1,
  };
}
