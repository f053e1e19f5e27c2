/** Reads Vamp's conditions. */
import { nearest } from '../../model/nearest.ts';
import type { Condition } from './condition.ts';
import { denied, joined } from './condition-tree.ts';
import { ConditionError, type ConditionFlaw, type Words, wordsOf } from './condition-words.ts';
import { userAgentCondition } from './user-agents.ts';

export type ConditionResult =
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly flaw: ConditionFlaw };

export interface ConditionOptions {
  /** Whether HAProxy's own words may stand between `<` and `>`. */
  readonly allowTemplates: boolean;
}

const longest = 16_384;
/** Deep enough for people, and far from what would exhaust the stack. */
const deepest = 100;

const userAgent = ['user-agent', 'user.agent', 'useragent'] as const;
const has = ['has', 'contains'] as const;
const known = ['host', 'user-agent', 'header', 'cookie', 'has', 'contains', 'misses', 'not'];
const example = 'User-Agent = Chrome and has cookie beta';

/**
 * Reads a condition, in time proportional to its length. `and` binds tighter than `or`. What is no condition is an error
 * with its place; Vamp took it for HAProxy's own words, and a slip broke the whole configuration. Never throws.
 */
export function parseCondition(text: string, options: ConditionOptions): ConditionResult {
  const remedy = `Write a condition such as: ${example}`;
  if (text.length > longest)
    return { ok: false, flaw: { offset: longest, what: `it is longer than ${longest} characters`, remedy } };
  try {
    const words = wordsOf(text);
    if (words.done) words.fail('it is empty', `${remedy}.`);
    const condition = expression(words, options, 0);
    if (!words.done) words.fail(`"and" or "or" is missing before ${words.next()}`, joinRemedy(words.next()));
    return { ok: true, condition };
  } catch (error) {
    if (error instanceof ConditionError) return { ok: false, flaw: error.flaw };
    throw error;
  }
}

function joinRemedy(next: string): string {
  return next === '")"' ? 'Remove it, or open it before.' : 'Join tests with "and" or "or".';
}

function expression(words: Words, options: ConditionOptions, depth: number): Condition {
  const operands = [term(words, options, depth)];
  while (words.symbol('||', '|') !== null || words.word('or') !== null)
    operands.push(term(words, options, depth));
  return joined('or', operands);
}

function term(words: Words, options: ConditionOptions, depth: number): Condition {
  const operands = [factor(words, options, depth)];
  while (words.symbol('&&', '&') !== null || words.word('and') !== null)
    operands.push(factor(words, options, depth));
  return joined('and', operands);
}

function factor(words: Words, options: ConditionOptions, depth: number): Condition {
  let isDenied = false;
  while (words.symbol('!') !== null || words.word('not') !== null) isDenied = !isDenied;
  const found =
    words.symbol('(') === null ? operand(words, options) : inParentheses(words, options, depth + 1);
  return isDenied ? denied(found) : found;
}

function inParentheses(words: Words, options: ConditionOptions, depth: number): Condition {
  if (depth > deepest) words.fail(`parentheses are nested deeper than ${deepest}`, 'Write it flatter.');
  const found = expression(words, options, depth);
  if (words.symbol(')') === null)
    words.fail(
      `")" is missing before ${words.next()}`,
      'Close the parenthesis, or join tests with "and" or "or".',
    );
  return found;
}

function operand(words: Words, options: ConditionOptions): Condition {
  const start = words.at;
  const acl = words.angled();
  if (acl !== null) {
    if (options.allowTemplates) return { kind: 'raw', acl };
    const remedy = 'Say it in the words of conditions, or start Baton with --allow-templates.';
    return words.fail("HAProxy's own words between < and > are not allowed", remedy, start);
  }
  if (words.word('host') !== null) {
    const is = comparison(words, 'host');
    return signed(is, { kind: 'host', value: words.text('a host name') });
  }
  if (words.word(...userAgent) !== null) {
    const is = comparison(words, 'user-agent');
    return signed(is, userAgentCondition(words.text("a browser's name or a part of the header")));
  }
  if (words.word('header') !== null) {
    const name = token(words, "a header's name");
    const is = containing(words);
    return signed(is, headerHas(name, words.text('what the header contains')));
  }
  if (words.word('cookie') !== null) {
    const name = token(words, "a cookie's name");
    const is = containing(words);
    return signed(is, { kind: 'cookie', name, value: words.text('what the cookie contains') });
  }
  if (words.isNext(...has, 'misses')) {
    const is = containing(words);
    const what = words.word('header', 'cookie');
    if (what === null)
      words.fail(
        `"header" or "cookie" is missing before ${words.next()}`,
        'Write has header NAME or has cookie NAME.',
      );
    if (what === 'header') return signed(is, { kind: 'has-header', name: token(words, "a header's name") });
    return signed(is, { kind: 'has-cookie', name: token(words, "a cookie's name") });
  }
  return unknown(words);
}

/** The header that has a name of its own is the same by either. */
function headerHas(name: string, value: string): Condition {
  return name.toLowerCase() === 'user-agent'
    ? { kind: 'user-agent', value }
    : { kind: 'header', name, value };
}

function signed(is: boolean, condition: Condition): Condition {
  return is ? condition : denied(condition);
}

function comparison(words: Words, subject: string): boolean {
  if (words.symbol('==') !== null) return true;
  if (words.symbol('!=', '!') !== null) return false;
  if (words.symbol('=') !== null || words.word('is', ...has) !== null) return true;
  if (words.word('not', 'misses') !== null) return false;
  return words.fail(
    `a comparison is missing before ${words.next()}`,
    `Write ${subject} = VALUE, or one of !=, is, not, has, contains, misses.`,
  );
}

function containing(words: Words): boolean {
  if (words.word(...has) !== null) return true;
  if (words.word('misses') !== null) return false;
  return words.fail(
    `"has", "contains" or "misses" is missing before ${words.next()}`,
    'Write header NAME has VALUE, or cookie NAME has VALUE.',
  );
}

/** A name as HTTP has them (RFC 9110, 5.6.2). */
function token(words: Words, what: string): string {
  const start = words.at;
  const name = words.text(what);
  if (/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) return name;
  return words.fail(
    `${what} holds something else than letters, digits and !#$%&'*+-.^_\`|~`,
    'Write the name alone.',
    start,
  );
}

function unknown(words: Words): never {
  const next = words.next();
  const near = nearest(next.replaceAll('"', ''), known);
  // Vamp took them bare, and its documentation had them in braces.
  const raw = words.done ? '' : "; HAProxy's own words stand between < and >";
  const hint = near === null ? `Write a condition such as: ${example}${raw}.` : `Did you mean ${near}?`;
  return words.fail(`${next} begins no test`, hint);
}
