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

/** What HAProxy says against a configuration; null when it takes it. Files are relative to `dir`. */
export function validate(
  binary: string,
  dir: string,
  files: readonly string[],
  signal: AbortSignal,
): Promise<string | null> {
  const { promise, resolve, reject } = Promise.withResolvers<string | null>();
  const args = ['-c', '-q', ...files.flatMap((file) => ['-f', file])];
  execFile(
    binary,
    args,
    { cwd: dir, env: {}, signal, timeout: validationMs, maxBuffer: 4_000_000 },
    (error, _stdout, stderr) => {
      if (error === null) resolve(null);
      else if (typeof error.code === 'number')
        resolve(stderr.trim().slice(0, 2_000) || `exit code ${error.code}`);
      else {
        reject(
          new DataPlaneError('data-plane-unreachable', 'HAProxy could not be run to check a configuration', {
            cause: error,
          }),
        );
      }
    },
  );
  return promise;
}
