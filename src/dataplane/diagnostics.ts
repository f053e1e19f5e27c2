/** Diagnostics that only the data plane can make, each about the app that would carry the traffic. */
import type { Diagnostic } from '../declared/types.ts';
import type { AppId } from '../model/ids.ts';
import { type DataPlaneDiagnosticCode, diagnosticTable } from './diagnostic-table.ts';

const readable = 120;

/** What the code's row of the table says, about an app and the value that is wrong. */
export function diagnostic(code: DataPlaneDiagnosticCode, app: AppId | null, value: string): Diagnostic {
  return { code, app, label: null, value: visible(value), ...diagnosticTable[code] };
}

function visible(text: string): string {
  const shown = text.replace(
    /[^\u{20}-\u{7e}\u{a0}-\u{d7ff}\u{e000}-\u{10ffff}]/gu,
    (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return shown.length > readable ? `${shown.slice(0, readable)}…` : shown;
}
