/** What is said of each label and key: one row of the tables that the parser and the documentation share. */

/** One label, or one key of a label's JSON. */
export interface LabelRow {
  readonly name: string;
  /** One sentence. */
  readonly meaning: string;
  readonly default: string;
  /** What may stand there, fit to follow "write it as". */
  readonly grammar: string;
  readonly example: string;
  /** `understood`: parsed and checked, but this version of Baton does not act on it. */
  readonly status: 'carried out' | 'understood';
}

export const durationGrammar =
  'a duration in quotes, units from large to small, such as "500ms", "30s", "10m" or "1h30m"';

/** A row in one call, for long tables. */
export function row(
  status: LabelRow['status'],
  name: string,
  meaning: string,
  byDefault: string,
  grammar: string,
  example: string,
): LabelRow {
  return { name, meaning, default: byDefault, grammar, example, status };
}
