/** Reads Vamp's selectors: which ports of running apps are meant, and into which groups they fall. */
import type { App, AppPort } from '../../model/app.ts';
import { nearest } from '../../model/nearest.ts';
import { describe } from '../show.ts';
import { ConditionError, type ConditionFlaw } from './condition-words.ts';
import { patternAt } from './pattern.ts';

/** What the groups of a selector's values are for a port of an app; null when it is not meant. */
export type Finds = (app: App, port: AppPort) => readonly string[] | null;

export type SelectorResult =
  | { readonly ok: true; readonly finds: Finds }
  | { readonly ok: false; readonly flaw: ConditionFlaw };

const longest = 4096;
const deepest = 100;
const example = 'label(version)(1\\.0.*) and port(8080)';
const tests = ['namespace', 'group', 'name', 'id', 'kind', 'type', 'label', 'port', 'index', 'port_index'];
const all = ['true', 'false', 'not', ...tests];

/**
 * Reads a selector, in time proportional to its length; `and` binds tighter than `or`. Never throws.
 * @param use of what: only those of gateways make groups, and of each value one
 */
export function parseSelector(source: string, use: 'gateway' | 'route'): SelectorResult {
  const remedy = `Write a selector such as: ${example}`;
  if (source.length > longest)
    return { ok: false, flaw: { offset: longest, what: `it is longer than ${longest} characters`, remedy } };
  try {
    return { ok: true, finds: read(source, use) };
  } catch (error) {
    if (error instanceof ConditionError) return { ok: false, flaw: error.flaw };
    throw error;
  }
}

/** What the group of a value is, alone in its list; without one group nothing. Null when the value is not met. */
type Value = (text: string) => readonly string[] | null;

function read(source: string, use: 'gateway' | 'route'): Finds {
  let at = 0;
  skip();
  if (at === source.length) fail('it is empty', `Write a selector such as: ${example}`);
  const finds = anyOf(0);
  if (source[at] === ')') fail('")" closes nothing', 'Remove it, or open it before.');
  if (at < source.length) fail(`"and" or "or" is missing before ${next()}`, 'Join tests with "and" or "or".');
  return finds;

  function anyOf(depth: number): Finds {
    const operands = [allOf(depth)];
    while (sign('||', '|') || word('or')) operands.push(allOf(depth));
    return (app, port) => {
      const found = operands.flatMap((operand) => {
        const groups = operand(app, port);
        return groups === null ? [] : [groups];
      });
      return found.length === 0 ? null : found.flat();
    };
  }

  function allOf(depth: number): Finds {
    const operands = [factor(depth)];
    while (sign('&&', '&') || word('and')) operands.push(factor(depth));
    return (app, port) => {
      const found: string[] = [];
      for (const operand of operands) {
        const groups = operand(app, port);
        if (groups === null) return null;
        found.push(...groups);
      }
      return found;
    };
  }

  function factor(depth: number): Finds {
    let isDenied = false;
    while (sign('!') || word('not')) isDenied = !isDenied;
    const found = sign('(') ? inParentheses(depth + 1) : test();
    return isDenied ? (app, port) => (found(app, port) === null ? [] : null) : found;
  }

  function inParentheses(depth: number): Finds {
    if (depth > deepest) fail(`parentheses are nested deeper than ${deepest}`, 'Write it flatter.');
    const found = anyOf(depth);
    if (!sign(')'))
      fail(`")" is missing before ${next()}`, 'Close the parenthesis, or join tests with "and" or "or".');
    return found;
  }

  function test(): Finds {
    if (word('true')) return () => [];
    if (word('false')) return () => null;
    if (word('namespace', 'group')) {
      const value = pattern();
      return ({ id }) => value(id.split('/').slice(1, -1).join('/'));
    }
    if (word('name', 'id')) {
      const value = pattern();
      return ({ id }) => value(id.slice(id.lastIndexOf('/') + 1));
    }
    if (word('kind', 'type')) {
      const value = pattern();
      return () => value('app');
    }
    if (word('label')) {
      const name = pattern();
      const value = pattern();
      return ({ labels }) => labelled(labels, name, value);
    }
    if (word('port')) {
      const number = numeral();
      return (_, { containerPort, servicePort }) => ((containerPort ?? servicePort) === number ? [] : null);
    }
    if (word('index', 'port_index')) {
      const number = numeral();
      return (_, { index }) => (index === number ? [] : null);
    }
    return unknown();
  }

  function unknown(): never {
    const found = name();
    if (found === 'image') fail('the image of apps is not known to Baton', 'Tell the apps by their labels.');
    if (found === 'ip' || found === 'host')
      fail(
        `${found} would tell instances of one app apart`,
        'A route leads to whole apps: tell them by their labels.',
      );
    const near = found === '' ? null : nearest(found, all);
    const hint = near === null ? `Write a selector such as: ${example}` : `Did you mean ${near}?`;
    return fail(`${next()} begins no test`, hint);
  }

  function pattern(): Value {
    open();
    const from = at;
    const { match, groups, end } = patternAt(source, at);
    if (groups > 1 && use === 'gateway')
      fail('the value has more than one group', 'Write (?: instead of ( for all but one.', from);
    at = end;
    close();
    return (text) => {
      const group = match(text);
      return group === null ? null : groups === 1 ? [group] : [];
    };
  }

  function numeral(): number {
    open();
    const digits = /^\d{1,5}(?=\s*\))/.exec(source.slice(at, at + 60))?.[0];
    if (digits === undefined) return fail(`${next()} is no number`, 'Write a whole number.');
    at += digits.length;
    close();
    return Number(digits);
  }

  function open(): void {
    if (source[at] !== '(') fail(`"(" is missing before ${next()}`, 'Write the value in parentheses.');
    at += 1;
  }

  function close(): void {
    skip();
    if (!sign(')')) fail(`")" is missing before ${next()}`, 'Close the parenthesis.');
  }

  function sign(...signs: readonly string[]): boolean {
    const found = signs.find((each) => source.startsWith(each, at));
    at += found?.length ?? 0;
    if (found !== undefined) skip();
    return found !== undefined;
  }

  function word(...words: readonly string[]): boolean {
    const found = name();
    if (!words.includes(found)) return false;
    at += found.length;
    skip();
    return true;
  }

  function name(): string {
    return /^[A-Za-z_]*/.exec(source.slice(at, at + 40))?.[0].toLowerCase() ?? '';
  }

  function skip(): void {
    while (/\s/.test(source[at] ?? '')) at += 1;
  }

  function next(): string {
    return at >= source.length ? 'the end' : describe(name() || source.slice(at, at + 1));
  }

  function fail(what: string, remedy: string, offset = at): never {
    throw new ConditionError({ offset, what, remedy });
  }
}

/** The first label that meets both, by its name: `name=value` where both have a group. */
function labelled(labels: App['labels'], name: Value, value: Value): readonly string[] | null {
  for (const [key, text] of Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [ofName, ofValue] = [name(key), value(text)];
    if (ofName === null || ofValue === null) continue;
    const both = [...ofName, ...ofValue];
    return both.length === 0 ? both : [both.join('=')];
  }
  return null;
}
