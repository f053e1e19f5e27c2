/** The file store: one JSON document, replaced atomically and synced to disk. */
import { copyFile, open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Document } from './schema.ts';
import type { Store, StoredDocument } from './store.ts';
import { createText } from './text.ts';

export interface FileStoreOptions {
  readonly path: string;
  /** Told when a damaged document was found and where it was kept. */
  readonly onDamaged: (keptAt: string, problem: string) => void;
}

/** A document that cannot be read is moved to `PATH.damaged`, so that nothing is lost and the next save is not refused. */
export function createFileStore({ path, onDamaged }: FileStoreOptions): Store {
  const keptAt = `${path}.damaged`;
  const written = createText();
  return {
    async load(): Promise<StoredDocument | null> {
      const text = await readFile(path, 'utf8').catch(ignoreMissing);
      if (text === null) return null;
      try {
        return Document.parse(JSON.parse(text));
      } catch (error) {
        await rename(path, keptAt);
        onDamaged(keptAt, error instanceof Error ? error.message : String(error));
        return null;
      }
    },
    async save(document: StoredDocument): Promise<void> {
      const temporary = `${path}.new`;
      const file = await open(temporary, 'w', 0o600);
      try {
        await file.writeFile(written.of(document));
        await file.sync();
      } catch (error) {
        await unlink(temporary).catch(ignoreMissing);
        throw error;
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      await syncDirectory(dirname(path));
    },
    async keepAside(problem): Promise<void> {
      await copyFile(path, keptAt);
      onDamaged(keptAt, problem);
    },
  };
}

/** The rename itself is durable only once the directory is. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
