/** Reads Vamp's selectors: which ports of running apps a route leads to. */
import type { App, AppPort } from '../../model/app.ts';
import { nearest } from '../../model/nearest.ts';
import { describe } from '../show.ts';
import { ConditionError, type ConditionFlaw } from './condition-words.ts';
import { patternAt } from './pattern.ts';

/** Whether a port of an app is meant. */
export type Selects = (app: App, port: AppPort) => boolean;

export type SelectorResult =
  | { readonly ok: true; readonly selects: Selects }
  | { readonly ok: false; readonly flaw: ConditionFlaw };

const longest = 4096;
const deepest = 100;
const example = 'label(version)(1\\.0.*) and port(8080)';
const tests = ['namespace', 'group', 'name', 'id', 'kind', 'type', 'label', 'port', 'index', 'port_index'];
const all = ['true', 'false', 'not', ...tests];

/** Reads a selector, in time proportional to its length; `and` binds tighter than `or`. Never throws. */
export function parseSelector(source: string): SelectorResult {
  const remedy = `Write a selector such as: ${example}`;
  if (source.length > longest)
    return { ok: false, flaw: { offset: longest, what: `it is longer than ${longest} characters`, remedy } };
  try {
    return { ok: true, selects: read(source) };
  } catch (error) {
    if (error instanceof ConditionError) return { ok: false, flaw: error.flaw };
    throw error;
  }
}

function read(source: string): Selects {
  let at = 0;
  skip();
  if (at === source.length) fail('it is empty', `Write a selector such as: ${example}`);
  const selects = anyOf(0);
  if (source[at] === ')') fail('")" closes nothing', 'Remove it, or open it before.');
  if (at < source.length) fail(`"and" or "or" is missing before ${next()}`, 'Join tests with "and" or "or".');
  return selects;

  function anyOf(depth: number): Selects {
    const operands = [allOf(depth)];
    while (sign('||', '|') || word('or')) operands.push(allOf(depth));
    return (app, port) => operands.some((operand) => operand(app, port));
  }

  function allOf(depth: number): Selects {
    const operands = [factor(depth)];
    while (sign('&&', '&') || word('and')) operands.push(factor(depth));
    return (app, port) => operands.every((operand) => operand(app, port));
  }

  function factor(depth: number): Selects {
    let isDenied = false;
    while (sign('!') || word('not')) isDenied = !isDenied;
    const found = sign('(') ? inParentheses(depth + 1) : test();
    return isDenied ? (app, port) => !found(app, port) : found;
  }

  function inParentheses(depth: number): Selects {
    if (depth > deepest) fail(`parentheses are nested deeper than ${deepest}`, 'Write it flatter.');
    const found = anyOf(depth);
    if (!sign(')'))
      fail(`")" is missing before ${next()}`, 'Close the parenthesis, or join tests with "and" or "or".');
    return found;
  }

  function test(): Selects {
    if (word('true')) return () => true;
    if (word('false')) return () => false;
    if (word('namespace', 'group')) {
      const is = pattern();
      return ({ id }) => is(id.split('/').slice(1, -1).join('/'));
    }
    if (word('name', 'id')) {
      const is = pattern();
      return ({ id }) => is(id.slice(id.lastIndexOf('/') + 1));
    }
    if (word('kind', 'type')) {
      const is = pattern();
      return () => is('app');
    }
    if (word('label')) {
      const isName = pattern();
      const isValue = pattern();
      return ({ labels }) => Object.entries(labels).some(([name, value]) => isName(name) && isValue(value));
    }
    if (word('port')) {
      const number = numeral();
      return (_, { containerPort, servicePort }) => (containerPort ?? servicePort) === number;
    }
    if (word('index', 'port_index')) {
      const number = numeral();
      return (_, { index }) => index === number;
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

  function pattern(): (text: string) => boolean {
    open();
    const { test: is, end } = patternAt(source, at);
    at = end;
    close();
    return is;
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
