/** Files that are either the old or the new one, never half. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes beside the file and renames over it. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const beside = `${path}.tmp`;
  await writeFile(beside, text, { mode: 0o600 });
  await rename(beside, path);
}

export async function ensureDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}

/** The file's text, or null when there is none. */
export async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export async function remove(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** Names in a directory, sorted; none when there is no such directory. */
export async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Moves a file; nothing happens when it is not there. */
export async function moveIfThere(from: string, to: string): Promise<void> {
  try {
    await ensureDirectory(dirname(to));
    await rename(from, to);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
