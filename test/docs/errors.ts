/** Renders all error codes: those that end a command, those of Marathon and the data plane, and its diagnostics. */
import { ListenError } from '../../src/api/server.ts';
import { ConfigError } from '../../src/config/error.ts';
import { diagnosticTable } from '../../src/dataplane/diagnostic-table.ts';
import { dataPlaneErrorTable } from '../../src/dataplane/error-table.ts';
import { marathonErrorTable } from '../../src/marathon/error-table.ts';
import { StateDirLockedError } from '../../src/store/lock.ts';
import { StateDirError } from '../../src/store/state-dir.ts';
import { code, markdownTable } from './markdown.ts';

/** Errors with one code each; the codes are asked of the errors themselves. */
const startErrors: readonly (readonly [code: string, exit: number, meaning: string, remedy: string])[] = [
  [
    new ConfigError().code,
    2,
    'A flag, variable or value makes no sense; the message names it and says what would.',
    'Correct it; `baton run --help` lists all flags.',
  ],
  [
    new StateDirLockedError('', '').code,
    1,
    'Another Baton runs on this state directory.',
    'Stop that one first, or use another --state-dir.',
  ],
  [
    new StateDirError().code,
    1,
    'The state directory cannot be made or written, or its path is too long; the message says which.',
    'Give another --state-dir, a directory that this user may write.',
  ],
  [
    new ListenError().code,
    1,
    "Baton's own API cannot listen there: the port is taken, or the address is not this machine's.",
    'Choose another --listen.',
  ],
];

export function errorsTable(): string {
  return [
    '## When a command does not start',
    markdownTable(
      ['Code', 'Exit code', 'Meaning', 'What to do'],
      startErrors.map(([name, exit, meaning, remedy]) => [code(name), String(exit), meaning, remedy]),
    ),
    '## Marathon',
    rows(marathonErrorTable),
    '## HAProxy',
    rows(dataPlaneErrorTable),
    '## Diagnostics of the data plane',
    markdownTable(
      ['Code', 'Severity', 'What is wrong', 'What to do'],
      Object.entries(diagnosticTable).map(([name, { severity, problem, remedy }]) => [
        code(name),
        severity,
        problem,
        remedy,
      ]),
    ),
  ].join('\n\n');
}

interface Row {
  readonly retryable: boolean;
  readonly meaning: string;
  readonly remedy: string;
}

function rows(table: Readonly<Record<string, Row>>): string {
  return markdownTable(
    ['Code', 'May pass by itself', 'Meaning', 'What to do'],
    Object.entries(table).map(([name, { retryable, meaning, remedy }]) => [
      code(name),
      retryable ? 'yes' : 'no',
      meaning,
      remedy,
    ]),
  );
}
