/** Collects the diagnostics of one app while its labels are read. */
import type { AppId } from '../model/ids.ts';
import { type Details, type DiagnosticCode, diagnose, diagnosticTable } from './diagnostics.ts';
import type { LabelRow } from './label-row.ts';
import { keyRow, type LabelName, labelRow } from './labels.ts';
import type { Wrong } from './check.ts';
import { describe, listed } from './show.ts';
import type { Diagnostic } from './types.ts';

export interface Report {
  readonly app: AppId;
  readonly diagnostics: Diagnostic[];
  /** Whether an error was reported, so that these labels must not come into force. */
  bad: boolean;
}

export function emptyReport(app: AppId): Report {
  return { app, diagnostics: [], bad: false };
}

/** Adds a diagnostic about a label's value. */
export function say<Code extends DiagnosticCode>(
  report: Report,
  code: Code,
  label: string,
  value: string,
  details: Details<Code>,
): void {
  if (diagnosticTable[code].severity === 'error') report.bad = true;
  report.diagnostics.push(diagnose(code, { app: report.app, label, value }, details));
}

/** A plain label whose value is not in its grammar. */
export function sayBadLabel(report: Report, label: LabelName, value: string): void {
  const { grammar, example } = labelRow(label);
  say(report, 'bad-value', label, value, { key: label, found: describe(value), more: '', grammar, example });
}

/** All wrong keys of a label's JSON in one diagnostic: the first in full, the others by name. */
export function sayWrong(
  report: Report,
  label: LabelName,
  value: string,
  table: readonly LabelRow[],
  wrong: readonly Wrong[],
): void {
  const [first, ...others] = wrong;
  if (first === undefined) return;
  const row = keyRow(table, first.path);
  const { grammar, example } = row ?? labelRow(label);
  const names = [...new Set(others.map((each) => each.path))].filter((path) => path !== first.path);
  say(report, 'bad-value', label, value, {
    key: first.path === '' ? label : `"${first.path}"`,
    found: first.found,
    more: names.length === 0 ? '' : `; wrong as well: ${listed(names, 5)}`,
    grammar,
    example,
  });
}
