/** The files of a checkout, found without git: what stands in the tree, less what is installed or built. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const NOT_OURS: ReadonlySet<string> = new Set(['.git', 'node_modules', '.cache', 'dist']);

/** Paths of all files under `folder` (relative to `root`, `/` between the parts), sorted; `folder` may be missing. */
export function filesUnder(root: string, folder = '.'): readonly string[] {
  const found: string[] = [];
  walk(root, folder === '.' ? '' : folder, found);
  return found.toSorted();
}

function walk(root: string, folder: string, found: string[]): void {
  for (const entry of entriesOf(join(root, folder))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (NOT_OURS.has(entry.name)) continue;
    if (entry.isDirectory()) walk(root, path, found);
    else if (entry.isFile()) found.push(path);
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
