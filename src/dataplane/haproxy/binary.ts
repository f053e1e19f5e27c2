/** Finds HAProxy, and lets it check a configuration. */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { DataPlaneError } from '../errors.ts';

const validationMs = 30_000;

/** An ordinary user's PATH on Debian lacks /usr/sbin, where the package puts it. @throws DataPlaneError */
export async function findBinary(given: string | null): Promise<string> {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((dir) => dir !== '');
  const candidates =
    given === null ? [...path, '/usr/sbin', '/usr/local/sbin'].map((dir) => join(dir, 'haproxy')) : [given];
  for (const candidate of candidates) {
    try {
      await access(candidate, constants.X_OK);
      return candidate;
    } catch {
      // The next one may be it.
    }
  }
  throw new DataPlaneError(
    'data-plane-missing',
    given === null
      ? 'HAProxy is not installed (looked in PATH, /usr/sbin, /usr/local/sbin)'
      : `no HAProxy at ${given}`,
  );
}

/** What HAProxy says against a configuration, first things first; null when it takes it. Files are relative to `dir`. */
export async function validate(
  binary: string,
  dir: string,
  files: readonly string[],
  signal: AbortSignal,
): Promise<string | null> {
  const args = ['-c', ...files.flatMap((file) => ['-f', file])];
  const quiet = await run(binary, dir, ['-q', ...args], signal);
  if (quiet.exitCode === 0) return null;
  // Quiet, it does not say why either.
  const { printed, exitCode } = await run(binary, dir, args, signal);
  // What it was out of a moment ago, memory or processes, was no fault of the configuration.
  if (exitCode === 0) return null;
  return alertsIn(printed) || `exit code ${exitCode}`;
}

/** The complaints without notices and warnings, and without the number of the process, which is another each time. */
function alertsIn(printed: string): string {
  return printed
    .split('\n')
    .filter((line) => line.startsWith('[ALERT]'))
    .map((line) => line.replace(/^\[ALERT\]\s*\(\d+\)\s*:\s*(?:config\s*:\s*)?/, ''))
    .join('\n');
}

interface Ended {
  readonly exitCode: number;
  readonly printed: string;
}

function run(binary: string, cwd: string, args: readonly string[], signal: AbortSignal): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  const options = { cwd, env: {}, signal, timeout: validationMs, maxBuffer: 4_000_000 };
  const child = execFile(binary, args, options, (error, _stdout, stderr) => {
    if (error === null) resolve({ exitCode: 0, printed: stderr });
    else if (typeof error.code === 'number') resolve({ exitCode: error.code, printed: stderr });
    else {
      const message = 'HAProxy could not be run to check a configuration';
      reject(new DataPlaneError('data-plane-unreachable', message, { cause: error }));
    }
  });
  // It would wait there for the passphrase of a key.
  child.stdin?.end();
  return promise;
}
