/** Changes of a route's path, `NEW if CONDITION`: HAProxy's own words, for one line of the route's own backends. */
import { wrongInLine } from '../marathon-lb/template-grammar.ts';
import { wordsOf } from '../marathon-lb/template-words.ts';
import type { PoolTemplate } from '../types.ts';

export interface Rewrite {
  /** The new path. */
  readonly path: string;
  /** What stands between the braces of an ACL. */
  readonly condition: string;
}

/** Taken apart at the last `if`; null when there is none, or more than one line. */
export function rewriteOf(text: string): Rewrite | null {
  const [, path, condition] = /^(.*\S)[\t ]+if[\t ]+(\S.*)$/i.exec(text.trim()) ?? [];
  return path === undefined || condition === undefined ? null : { path, condition };
}

export function rewriteText({ path, condition }: Rewrite): string {
  return `${path} if ${condition}`;
}

/** What is wrong with it, to follow its name; null when nothing is. Whether HAProxy takes it is not known. */
export function wrongInRewrite(rewrite: Rewrite): string | null {
  const line = lineOf(rewrite);
  const wrong = wrongInLine(line);
  if (wrong !== null) return wrong;
  const [, , , word, brace, ...rest] = wordsOf(line) ?? [];
  const end = rest.length - once.length;
  // A comment would take the condition with it, and of two tests only the last would be held against the hops.
  const isOne = end > 1 && rest.indexOf('}') === end - 1;
  return word === 'if' && brace === '{' && isOne
    ? null
    : 'has a path of several words, several tests, or a "#" outside of quotes';
}

/** What the rewrites of a route add to its backends, in their order. */
export function templatesOf(gateway: string, rewrites: readonly Rewrite[]): readonly PoolTemplate[] {
  return rewrites.map((rewrite) => ({
    label: `rewrites of the gateway ${gateway}`,
    value: rewriteText(rewrite),
    lines: [lineOf(rewrite)],
  }));
}

/** Not again for what comes from a dead pool, or from a wait for this one: it has been rewritten. */
const once = ['!{', 'var(txn.hop)', '-m', 'found', '}'];

function lineOf({ path, condition }: Rewrite): string {
  return `http-request set-path ${path} if { ${condition} } ${once.join(' ')}`;
}
