/** Renders the flags and environment variables of `baton run`. */
import { optionTable } from '../../src/config/options.ts';
import { code, markdownTable } from './markdown.ts';

export function optionsTable(): string {
  return markdownTable(
    ['Flag', 'Variable', 'Meaning', 'Default'],
    optionTable.map(({ flag, env, value, repeatable, fallback, help }) => [
      code(value === null ? `--${flag}` : `--${flag} ${value}`) + (repeatable ? ', repeatable' : ''),
      code(env),
      withoutDefault(help),
      fallback === null ? (defaultIn(help) ?? '') : code(fallback),
    ]),
  );
}

/** Defaults that depend on the surroundings stand in the help text itself. */
const ownDefault = / Default: (.+)\.$/;

function defaultIn(help: string): string | undefined {
  return ownDefault.exec(help)?.[1];
}

function withoutDefault(help: string): string {
  return help.replace(ownDefault, '');
}
