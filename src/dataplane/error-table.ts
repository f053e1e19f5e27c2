/** What a data plane can fail with: each code with what it means and what to do. docs/errors.md shows it. */

interface DataPlaneErrorRow {
  /** Whether the same call may succeed later without anybody doing anything. */
  readonly retryable: boolean;
  readonly meaning: string;
  readonly remedy: string;
}

export const dataPlaneErrorTable = {
  'data-plane-missing': row(
    false,
    'There is no haproxy program on the PATH, in /usr/sbin or where --haproxy-binary says.',
    'Install HAProxy 2.6 or later, or name the program with --haproxy-binary.',
  ),
  'data-plane-unreachable': row(
    true,
    'HAProxy does not run just now, or does not answer on its socket.',
    'Nothing, if it passes: Baton starts it again. Else look at haproxy/haproxy.log in the state directory.',
  ),
  'data-plane-refused': row(
    true,
    'HAProxy refused a command; what it really runs was read back, and the next turn goes on from there.',
    'Nothing, if it passes; else report it with the log line.',
  ),
  'data-plane-start-failed': row(
    true,
    'HAProxy did not start; the message ends with what it printed.',
    'Correct what it complains about: most often a port that is taken, or the rights of the state directory.',
  ),
  'data-plane-reload-failed': row(
    true,
    'HAProxy did not take a new configuration; the one before stays in force.',
    'Report it with the log line; traffic goes on as it was.',
  ),
  'data-plane-state-unusable': row(
    false,
    'The path of the state directory is too long for the sockets in it.',
    'Give a shorter --state-dir.',
  ),
  'shadow-unreadable': row(
    true,
    'With --shadow: the statistics of the HAProxy that --shadow-of names cannot be read; the message says why.',
    'Open the address from where Baton runs; give user:password in it if it asks for them. Baton tries again.',
  ),
} as const satisfies Readonly<Record<string, DataPlaneErrorRow>>;

export type DataPlaneErrorCode = keyof typeof dataPlaneErrorTable;

function row(retryable: boolean, meaning: string, remedy: string): DataPlaneErrorRow {
  return { retryable, meaning, remedy };
}
