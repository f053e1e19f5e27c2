/** The directory of reference data: what is read from it, and what must be there. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Reference {
  readonly root: string;
  readonly text: (path: string) => string;
  readonly json: (path: string) => unknown;
  /** Paths of the files below a folder whose names end so, sorted. Throws when there are none. */
  readonly files: (folder: string, end: string) => readonly string[];
}

/** @throws Error when there is no such directory */
export function openReference(root: string): Reference {
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`${root} is no directory`);
  }
  const text = (path: string): string => readFileSync(join(root, path), 'utf8');
  return {
    root,
    text,
    json: (path) => JSON.parse(text(path)) as unknown,
    files(folder, end) {
      const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
      const found = names.filter((name) => name.endsWith(end)).map((name) => join(folder, name));
      if (found.length === 0) throw new Error(`no *${end} in ${folder}`);
      return found.sort();
    },
  };
}
