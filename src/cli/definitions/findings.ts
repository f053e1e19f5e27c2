/** What there is to say of app definitions besides what reading labels says: one table, and one form for both. */
import type { Severity } from '../../declared/types.ts';
import type { Place } from './json-source.ts';

/** Codes that only `baton lint` has; all others are those of docs/labels.md. */
export const findingTable = {
  'invalid-json': {
    severity: 'error',
    meaning: 'The file is not JSON there; the rest is read all the same.',
  },
  'no-app': { severity: 'error', meaning: 'There is no app definition in the file, or in a part of it.' },
  'pod-ignored': { severity: 'info', meaning: 'Baton serves apps, not pods.' },
  'id-missing': {
    severity: 'warning',
    meaning: 'The definition has no `id`, as one to send to an app has none.',
  },
  'app-twice': { severity: 'warning', meaning: 'The same app is defined again; the last definition counts.' },
  'label-twice': { severity: 'warning', meaning: 'A label is written twice; the last one counts.' },
  'label-unused': {
    severity: 'warning',
    meaning: "It stands on a port of a list that the app's network mode does not use.",
  },
  'label-no-text': {
    severity: 'error',
    meaning: 'The value of a label is no text in quotes, and Marathon refuses the app.',
  },
  'wrong-type': { severity: 'error', meaning: 'A field is of the wrong type, and Marathon refuses the app.' },
  'marathon-refuses': { severity: 'warning', meaning: 'Marathon refuses the app for a rule of its own.' },
} as const satisfies Readonly<Record<string, { readonly severity: Severity; readonly meaning: string }>>;

type FindingCode = keyof typeof findingTable;

export interface Finding extends Place {
  readonly file: string;
  readonly app: string | null;
  readonly code: string;
  readonly severity: Severity;
  readonly label: string | null;
  /** Cut to a readable length; null where it may not be shown. */
  readonly value: string | null;
  readonly problem: string;
  readonly remedy: string;
}

/** A finding about a definition as a whole. */
export function finding(
  code: FindingCode,
  where: Place & { readonly file: string; readonly app?: string | null; readonly label?: string },
  problem: string,
  remedy: string,
): Finding {
  const { file, line, column, app = null, label = null } = where;
  const { severity } = findingTable[code];
  return { file, line, column, app, code, severity, label, value: null, problem, remedy };
}
