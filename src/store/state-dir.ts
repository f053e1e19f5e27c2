/** The state directory itself: made when it is missing, and why it cannot be used told in words. */
import { mkdir } from 'node:fs/promises';

/** The state directory cannot be made, written or used. The message says why and what would be right. */
export class StateDirError extends Error {
  readonly code = 'state-dir-unusable';
}

/** Bytes. With /haproxy/runtime.sock behind it a path has 96, the most that HAProxy can bind. */
const longestPath = 75;

/** Makes the directory, readable for its owner only. @throws StateDirError when that is not possible */
export async function makeStateDir(directory: string): Promise<void> {
  const length = Buffer.byteLength(directory);
  if (length > longestPath) {
    throw new StateDirError(
      `the path of the state directory is too long for sockets (${length} bytes, ${longestPath} fit): ${directory}; give a shorter --state-dir`,
    );
  }
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw stateDirError(directory, error);
  });
}

/** What the system says against the directory, in words; anything else as it is. */
export function stateDirError(directory: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = reasons[code];
  if (why === undefined) return error;
  return new StateDirError(
    `cannot use the state directory ${directory}: ${why}; give another --state-dir, a directory that this user may write`,
    { cause: error },
  );
}

const notWritable = 'this user may not write there';
const notDirectory = 'it is, or lies below, a file that is no directory';
const reasons: Readonly<Record<string, string>> = {
  EACCES: notWritable,
  EPERM: notWritable,
  EROFS: 'its file system is read-only',
  ENOSPC: 'its disk is full',
  EEXIST: notDirectory,
  ENOTDIR: notDirectory,
  EINVAL: 'its path is too long for sockets',
};
