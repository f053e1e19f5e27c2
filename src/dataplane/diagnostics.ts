/** Diagnostics that only the data plane can make, each about the app that would carry the traffic. */
import type { Diagnostic, Severity } from '../declared/types.ts';
import type { AppId } from '../model/ids.ts';

const readable = 120;

export function diagnostic(
  code: string,
  severity: Severity,
  app: AppId | null,
  value: string | null,
  problem: string,
  remedy: string,
): Diagnostic {
  return { code, severity, app, label: null, value: value === null ? null : visible(value), problem, remedy };
}

function visible(text: string): string {
  const shown = text.replace(
    /[^\u{20}-\u{7e}\u{a0}-\u{d7ff}\u{e000}-\u{10ffff}]/gu,
    (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return shown.length > readable ? `${shown.slice(0, readable)}…` : shown;
}
