/** Reads single labels: what each says, or a diagnostic and what holds instead. */
import type { LabelRow } from '../label-row.ts';
import { type Report, say } from '../report.ts';
import { describe, listed, show } from '../show.ts';
import { yesOrNo } from './values.ts';

/** Longer values are refused unread; Marathon itself sets no limit. */
const longest = 65_536;

/** The labels of an app, or of one of its ports. */
export interface Scope {
  readonly labels: Readonly<Record<string, string>>;
  readonly report: Report;
  /** The port's; 0 where no label has one in its name. */
  readonly index: number;
  /** Set by a bad label without which the port must not be served. */
  closed: boolean;
}

/** The label's name in this scope. */
export function nameIn(scope: Scope, row: LabelRow): string {
  return row.name.replace('{n}', String(scope.index));
}

/** The label's value; null when the app has no such label. */
export function textOf(scope: Scope, row: LabelRow): string | null {
  const name = nameIn(scope, row);
  return Object.hasOwn(scope.labels, name) ? (scope.labels[name] ?? null) : null;
}

/** What the label says; null when it is absent, or bad, which is said then with what holds instead. */
export function read<T>(
  scope: Scope,
  row: LabelRow,
  parse: (text: string) => T | null,
  instead: string = `the default holds: ${row.default}`,
): T | null {
  const text = textOf(scope, row);
  if (text === null) return null;
  const value = text.length > longest ? null : parse(text);
  if (value === null) {
    const label = nameIn(scope, row);
    const details = { label, found: describe(text), right: rightOf(row, null), instead };
    say(scope.report, 'label-defaulted', label, text, details);
  }
  return value;
}

/** A label that is false unless it says true, with a word about those that say neither. */
export function readYesOrNo(scope: Scope, row: LabelRow): boolean {
  return read(scope, row, yesOrNo, 'it counts as false, as with marathon-lb') ?? false;
}

/** What the label says; a bad one closes its port. `found` may say what of it is bad. */
export function readOrClose<T>(
  scope: Scope,
  row: LabelRow,
  parse: (text: string) => T | null,
  found: () => string | null = () => null,
): T | null {
  const text = textOf(scope, row);
  if (text === null) return null;
  const value = text.length > longest ? null : parse(text);
  if (value === null) close(scope, row, found() ?? `is ${describe(text)}`, text);
  return value;
}

/** Closes the port because of a label, and says so; `shown` is what may be seen of its value. */
export function close(scope: Scope, row: LabelRow, found: string, shown: string): void {
  scope.closed = true;
  const label = nameIn(scope, row);
  const index = String(scope.index);
  say(scope.report, 'port-closed', label, shown, { label, found, right: rightOf(row, null), index });
}

/** How a list is taken apart, and what becomes of its entries. */
export interface ListGrammar {
  readonly separator: RegExp;
  /** A word between the entries that is none itself. */
  readonly flag?: string;
  readonly parse: (entry: string) => string | null;
  /** What was meant by a bad entry; null when nobody can know. */
  readonly mend: (entry: string) => string | null;
  /** What holds when no entry is good; null closes the port. */
  readonly instead: string | null;
}

/**
 * The good entries of a list, each once, with one diagnostic for all bad ones. Blanks around entries do not matter.
 * Null when the app has no such label; empty when none of its entries is good.
 */
export function readList(scope: Scope, row: LabelRow, grammar: ListGrammar): readonly string[] | null {
  const text = textOf(scope, row);
  if (text === null) return null;
  const words = text.length > longest ? [text] : text.trim().split(grammar.separator);
  const entries = words.map((each) => each.trim()).filter((each) => each !== grammar.flag);
  const good = new Set<string>();
  const bad: string[] = [];
  const meant: (string | null)[] = [];
  for (const entry of entries) {
    const value = grammar.parse(entry);
    if (value === null) bad.push(entry);
    else good.add(value);
    meant.push(value ?? grammar.mend(entry));
  }
  // Nothing but the flag is no list either.
  if (entries.length === 0) bad.push(text);
  if (bad.length > 0) sayBadEntries(scope, row, text, bad, meant, good.size > 0, grammar.instead);
  return [...good];
}

function sayBadEntries(
  scope: Scope,
  row: LabelRow,
  text: string,
  [first = '', ...others]: readonly string[],
  meant: readonly (string | null)[],
  someGood: boolean,
  instead: string | null,
): void {
  if (!someGood && instead === null) {
    close(scope, row, `is ${describe(text)}`, text);
    return;
  }
  const label = nameIn(scope, row);
  const mended = meant.length > 0 && meant.every((entry) => entry !== null) ? meant.join(',') : null;
  const names = others.map((entry) => describe(entry));
  say(scope.report, 'entries-dropped', label, text, {
    label,
    found: describe(first),
    more: names.length === 0 ? '' : ` and ${listed(names, 3)}`,
    right: rightOf(row, mended),
    instead: someGood ? 'the other entries hold' : (instead ?? ''),
  });
}

/** What to write: the grammar, with the mended value where it is known, else with an example. */
function rightOf(row: LabelRow, mended: string | null): string {
  return mended === null
    ? `${row.grammar}, for example ${row.example}`
    : `"${show(mended, 200)}": ${row.grammar}`;
}
