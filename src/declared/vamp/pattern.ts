/** Regular expressions of selectors: matched whole, by all ways at once, so that no text takes longer than its length. */
import { describe } from '../show.ts';
import { ConditionError } from './condition-words.ts';

export interface Pattern {
  /** What of the text is in the pattern's one group, '' without one; null when the whole text does not meet it. */
  readonly match: (text: string) => string | null;
  /** How many groups it has. */
  readonly groups: number;
  /** The offset behind it. */
  readonly end: number;
}

type State =
  | { readonly kind: 'end' }
  | { readonly kind: 'character'; readonly is: (character: string) => boolean; readonly next: State }
  /** Where the group begins, or where it ends. */
  | { readonly kind: 'mark'; readonly at: keyof Marks; readonly next: State }
  /** The first way that leads to the end is the one that counts. */
  | { readonly kind: 'split'; ways: readonly State[] };
/** Of the group, as it was met last. */
interface Marks {
  readonly from: number;
  readonly to: number;
}
/** Puts a part of a pattern before what follows it. */
type Part = (next: State) => State;

/** Of characters: of a pattern, and of a text that it is asked of; a longer one meets none. */
const longest = { pattern: 256, text: 4096 } as const;
/** Of steps in putting a pattern together: repetitions within repetitions multiply. */
const mostSteps = 2000;
const deepest = 30;

/**
 * Reads the pattern that begins at an offset and ends before a parenthesis that it has not opened, or at the end.
 * @throws ConditionError about what is none
 */
export function patternAt(source: string, start: number): Pattern {
  let at = start;
  let steps = 0;
  let groups = 0;
  const part = choice(0);
  if (at === start) fail('a value is missing', 'Write a regular expression there; .* is any.');
  if (at - start > longest.pattern)
    fail(`the value is longer than ${longest.pattern} characters`, 'Write it shorter.', start);
  const first = part({ kind: 'end' });
  return { match: (text) => matchOf(first, text), groups, end: at };

  function choice(depth: number): Part {
    if (depth > deepest) fail(`parentheses are nested deeper than ${deepest}`, 'Write it flatter.');
    const ways = [sequence(depth)];
    while (taken('|')) ways.push(sequence(depth));
    const [only] = ways;
    if (ways.length === 1 && only !== undefined) return only;
    return (next) => counted({ kind: 'split', ways: ways.map((way) => way(next)) });
  }

  function sequence(depth: number): Part {
    const parts: Part[] = [];
    while (at < source.length && source[at] !== '|' && source[at] !== ')') parts.push(repeated(depth));
    return (next) => parts.reduceRight((rest, each) => each(rest), next);
  }

  function repeated(depth: number): Part {
    const from = at;
    const part = single(depth);
    const times = timesOf();
    if (times === null) return part;
    const isLazy = taken('?');
    if ('*+?{'.includes(source[at] ?? ' '))
      fail(`${describe(source[at])} repeats a repetition`, 'Leave one of them, or use parentheses.');
    const { least, most } = times;
    const ways = (again: State, next: State) => (isLazy ? [next, again] : [again, next]);
    return (next) => {
      let rest = most === null ? loop(part, next, ways) : next;
      for (let count = least; count < (most ?? least); count += 1) {
        const behind = rest;
        rest = counted({ kind: 'split', ways: ways(part(behind), next) }, from);
      }
      for (let count = 0; count < least; count += 1) {
        spend(from);
        rest = part(rest);
      }
      return rest;
    };
  }

  function loop(part: Part, next: State, ways: (again: State, next: State) => readonly State[]): State {
    const again: State = { kind: 'split', ways: [] };
    again.ways = ways(part(counted(again)), next);
    return again;
  }

  function timesOf(): { readonly least: number; readonly most: number | null } | null {
    if (taken('*')) return { least: 0, most: null };
    if (taken('+')) return { least: 1, most: null };
    if (taken('?')) return { least: 0, most: 1 };
    if (source[at] !== '{') return null;
    const [text, low, comma, high] = /^\{(\d{1,3})(,?)(\d{0,3})\}/.exec(source.slice(at, at + 12)) ?? [];
    const least = Number(low);
    const most = comma === '' ? least : high === '' ? null : Number(high);
    if (text === undefined || (comma === '' && high !== '') || (most !== null && most < least))
      return fail('"{" begins no repetition', 'Write {2}, {2,} or {2,5}; for the character itself \\{.');
    at += text.length;
    return { least, most };
  }

  function single(depth: number): Part {
    const from = at;
    const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
    if (taken('(')) {
      if (source[at] === '?' && source[at + 1] !== ':')
        fail('"(?" is not known', 'Use plain parentheses: a value is matched without looking around.', from);
      const isGroup = source[at] !== '?';
      if (isGroup) groups += 1;
      else at += 2;
      const part = choice(depth + 1);
      if (!taken(')')) fail('")" is missing', 'Close the parenthesis.');
      if (!isGroup) return part;
      const mark = (at: keyof Marks, next: State) => counted({ kind: 'mark', at, next }, from);
      return (next) => mark('from', part(mark('to', next)));
    }
    if ('*+?{'.includes(character))
      fail(`${describe(character)} repeats nothing`, `For the character itself write \\${character}.`);
    if ('^$'.includes(character))
      fail(`${describe(character)} stands there`, 'Leave it out: a value is matched whole.');
    if (character === '.') return one(character.length, () => true);
    if (character === '[') return classAt();
    if (character === '\\') return escaped();
    return one(character.length, (other) => other === character);
  }

  function escaped(): Part {
    const character = source[at + 1] ?? '';
    if ('dDwWsS'.includes(character) && character !== '') {
      const kind = new RegExp(`\\${character}`, 'u');
      return one(2, (other) => kind.test(other));
    }
    if (/^[^A-Za-z0-9\s]$/.test(character)) return one(2, (other) => other === character);
    return fail(
      `"\\${character}" is not known`,
      'There are \\d, \\w, \\s, their opposites \\D, \\W, \\S, and \\ before a sign that is meant itself.',
    );
  }

  function classAt(): Part {
    const text = /^\[(?:[^\]\\]|\\.)*\]/.exec(source.slice(at, at + longest.pattern + 1))?.[0];
    if (text === undefined) return fail('"[" is not closed', 'Write "]" behind the characters.');
    try {
      const kind = new RegExp(text, 'u');
      return one(text.length, (other) => kind.test(other));
    } catch {
      return fail(`${describe(text)} is no set of characters`, 'Write one such as [a-z0-9.-].');
    }
  }

  function one(length: number, is: (character: string) => boolean): Part {
    const from = at;
    at += length;
    return (next) => counted({ kind: 'character', is, next }, from);
  }

  function counted(state: State, from = start): State {
    spend(from);
    return state;
  }

  function spend(from: number): void {
    steps += 1;
    if (steps > mostSteps) fail('the value repeats too much', 'Write smaller numbers in { }.', from);
  }

  function taken(sign: string): boolean {
    if (source[at] !== sign) return false;
    at += 1;
    return true;
  }

  function fail(what: string, remedy: string, offset = at): never {
    throw new ConditionError({ offset, what, remedy });
  }
}

function matchOf(first: State, text: string): string | null {
  if (text.length > longest.text) return null;
  let at = 0;
  let now = reached([[first, { from: 0, to: 0 }]], at);
  for (const character of text) {
    if (now.size === 0) return null;
    at += character.length;
    const next = [...now].flatMap(([state, marks]): readonly Way[] =>
      state.kind === 'character' && state.is(character) ? [[state.next, marks]] : [],
    );
    now = reached(next, at);
  }
  for (const [{ kind }, { from, to }] of now) if (kind === 'end') return text.slice(from, to);
  return null;
}

type Way = readonly [State, Marks];

/** All states that are reached without a character, each by the first way that leads there. */
function reached(ways: readonly Way[], at: number): ReadonlyMap<State, Marks> {
  const found = new Map<State, Marks>();
  const left = ways.toReversed();
  for (let way = left.pop(); way !== undefined; way = left.pop()) {
    const [state, marks] = way;
    if (found.has(state)) continue;
    found.set(state, marks);
    if (state.kind === 'split') left.push(...state.ways.toReversed().map((next): Way => [next, marks]));
    else if (state.kind === 'mark') left.push([state.next, { ...marks, [state.at]: at }]);
  }
  return found;
}
