/** Diagnostics that only the data plane can make, each about the app that would carry the traffic. */
import type { Diagnostic, PoolTemplate } from '../declared/types.ts';
import type { AppId } from '../model/ids.ts';
import { type DataPlaneDiagnosticCode, diagnosticTable } from './diagnostic-table.ts';

const readable = 120;

/** What the code's row of the table says, about an app and the value that is wrong. */
export function diagnostic(code: DataPlaneDiagnosticCode, app: AppId | null, value: string): Diagnostic {
  return { code, app, label: null, value: visible(value), ...diagnosticTable[code] };
}

/** About a label that HAProxy itself refuses, with its words. */
export function templateDiagnostic(app: AppId, { label, value }: PoolTemplate, why: string): Diagnostic {
  const plain = diagnostic('template-rejected', app, value);
  return { ...plain, label, problem: `${plain.problem} It says: ${visible(why, 300)}` };
}

/** About a file that HAProxy would have to load, with the reason why it cannot. */
export function fileDiagnostic(app: AppId | null, path: string, why: string): Diagnostic {
  return withDetail(diagnostic('certificate-unusable', app, path), why);
}

/** About a certificate that is used although clients may refuse it for its dates. */
export function datesDiagnostic(
  app: AppId | null,
  path: string,
  { code, detail }: { readonly code: DataPlaneDiagnosticCode; readonly detail: string },
): Diagnostic {
  return withDetail(diagnostic(code, app, path), detail);
}

function withDetail(plain: Diagnostic, detail: string): Diagnostic {
  return { ...plain, problem: `${plain.problem.replace(/\.$/, '')}: ${visible(detail, 300)}.` };
}

function visible(text: string, most = readable): string {
  const shown = text.replace(
    /[^\u{20}-\u{7e}\u{a0}-\u{d7ff}\u{e000}-\u{10ffff}]/gu,
    (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return shown.length > most ? `${shown.slice(0, most)}…` : shown;
}
