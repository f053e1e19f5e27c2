/** The words of a condition's text, one after the other. */
import { describe } from '../show.ts';

/** Why a text is no condition. */
export interface ConditionFlaw {
  /** Code units of the condition before the flaw. */
  readonly offset: number;
  /** What is wrong there: a clause. */
  readonly what: string;
  /** What would be right: a sentence. */
  readonly remedy: string;
}

/** Ends the reading of a condition; never leaves this folder. */
export class ConditionError extends Error {
  readonly flaw: ConditionFlaw;

  constructor(flaw: ConditionFlaw) {
    super(flaw.what);
    this.flaw = flaw;
  }
}

export interface Words {
  /** Where the next word begins. */
  readonly at: number;
  readonly done: boolean;
  /** Takes one of these symbols if it is next; the first that fits. */
  symbol(...symbols: readonly string[]): string | null;
  /** Takes one of these words, in any case, if it is next: nothing that a word may be made of follows it. */
  word(...words: readonly string[]): string | null;
  /** Takes a text: in quotes of either kind, or up to the next blank or parenthesis. */
  text(what: string): string;
  isNext(...words: readonly string[]): boolean;
  /** Takes what stands between `<` and `>`, trimmed, if a `<` is next. */
  angled(): string | null;
  /** What comes next, in a few words. */
  next(): string;
  /** @throws ConditionError about what comes next, or what began at an offset */
  fail(what: string, remedy: string, offset?: number): never;
}

const blank = /[ \n\r\t\f]*/y;
const bare = /[^ \n\r\t\f()]+/y;
const letters = /[A-Za-z][A-Za-z._-]*/y;

export function wordsOf(source: string): Words {
  let at = 0;
  skip();

  const words: Words = {
    get at() {
      return at;
    },
    get done() {
      return at >= source.length;
    },
    symbol(...symbols) {
      const found = symbols.find((symbol) => source.startsWith(symbol, at));
      return found === undefined ? null : take(found.length, found);
    },
    word(...known) {
      const found = matched(letters, at).toLowerCase();
      return known.includes(found) ? take(found.length, found) : null;
    },
    isNext: (...known) => known.includes(matched(letters, at).toLowerCase()),
    text(what) {
      const start = at;
      const quote = source[at];
      if (quote !== '"' && quote !== "'") {
        const found = matched(bare, at);
        if (found === '') words.fail(`${what} is missing`, `Write ${what} there.`);
        return checked(take(found.length, found), what, start);
      }
      const end = source.indexOf(quote, at + 1);
      if (end < 0) words.fail(`the quote ${quote} is not closed`, `Write ${quote} behind ${what}.`);
      return checked(take(end + 1 - at, source.slice(at + 1, end)), what, start);
    },
    angled() {
      if (source[at] !== '<') return null;
      const start = at;
      const end = source.indexOf('>', at);
      if (end < 0) words.fail('the "<" is not closed', 'Write ">" behind the words of HAProxy.');
      const inner = source.slice(at + 1, end).trim();
      if (inner.includes('<')) words.fail('there is a "<" within "<"', 'Write one pair around each test.');
      return checked(take(end + 1 - start, inner), 'the test', start);
    },
    next() {
      return at >= source.length ? 'the end' : describe(matched(bare, at) || source.slice(at, at + 1));
    },
    fail(what, remedy, offset = at): never {
      throw new ConditionError({ offset, what, remedy });
    },
  };
  return words;

  function skip(): void {
    at += matched(blank, at).length;
  }

  function take(length: number, taken: string): string {
    at += length;
    skip();
    return taken;
  }

  function matched(pattern: RegExp, from: number): string {
    pattern.lastIndex = from;
    return pattern.exec(source)?.[0] ?? '';
  }

  /** What is handed to the data plane is one line that can be seen. */
  function checked(text: string, what: string, offset: number): string {
    if (text.trim() === '') words.fail(`${what} is empty`, `Write ${what} there.`, offset);
    if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text))
      words.fail(`${what} holds a character that cannot be seen`, 'Remove it.', offset);
    return text;
  }
}
