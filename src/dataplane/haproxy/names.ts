/** What frontends look at in each request besides its route: names of headers and cookies, and services with a cookie of their own. */
import { matchName } from './match.ts';
import type { Service } from './state.ts';

export interface Names {
  /** As `matchName` writes them. */
  readonly matches: readonly string[];
  /** The services whose clients stay on an app. */
  readonly affine: readonly string[];
}

export const noNames: Names = { matches: [], affine: [] };

/** So many that nobody uses any more are kept: each costs every request a comparison, and dropping it a reload. */
const mostUnused = 32;

/** Those of the services, and what there was before: what becomes fewer needs no reload. */
export function namesFor(services: Iterable<Service>, before: Names): Names {
  const matches = new Set<string>();
  const affine = new Set<string>();
  for (const { name, cookie, matches: own } of services) {
    for (const { rule } of own) matches.add(matchName(rule));
    if (cookie) affine.add(name);
  }
  return { matches: withUnused(matches, before.matches), affine: withUnused(affine, before.affine) };
}

function withUnused(used: ReadonlySet<string>, before: readonly string[]): readonly string[] {
  const unused = before.filter((name) => !used.has(name));
  return [...used, ...(unused.length > mostUnused ? [] : unused)].sort();
}

const beginning = '# Looks at';

export function namesText({ matches, affine }: Names): string {
  return `${beginning} ${[...matches, '/', ...affine].join(' ')}`;
}

/** The names that a configuration says it looks at. */
export function namesIn(text: string): Names {
  const words = /^# Looks at (.*)$/m.exec(text)?.[1]?.split(' ') ?? ['/'];
  const middle = words.indexOf('/');
  return { matches: words.slice(0, middle), affine: words.slice(middle + 1) };
}

/** Whether a configuration looks at all that these services need. */
export function knowsNames(text: string, services: readonly Service[]): boolean {
  const needed = namesFor(services, noNames);
  if (needed.matches.length + needed.affine.length === 0) return true;
  const { matches, affine } = namesIn(text);
  return (
    needed.matches.every((name) => matches.includes(name)) &&
    needed.affine.every((name) => affine.includes(name))
  );
}
