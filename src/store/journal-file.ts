/** The journal in a file: JSON lines that are appended, and written anew when most of them are of no use any more. */
import { appendFile, open, readFile, rename, stat } from 'node:fs/promises';
import type { Journal } from './journal.ts';
import { createPages, type JournalLimits, type Pages } from './journal-pages.ts';

export interface FileJournalOptions {
  readonly path: string;
  /** Told when so many lines were skipped because nobody can read them. */
  readonly onDamaged: (lines: number, problem: string) => void;
  /** Told when it cannot be saved, once for as long as it is for the same reason. It is tried again. */
  readonly onTrouble: (problem: string) => void;
  /** What tests make small. */
  readonly limits?: JournalLimits;
  readonly flushMs?: number;
}

const defaultLimits: JournalLimits = { perService: 200, overall: 20_000 };
/** How long a line may wait to be written. */
const defaultFlushMs = 250;
/** How long to wait after a failure. */
const retryMs = 5000;
/** Bytes; what is larger was not written by Baton. */
const largest = 256 * 1024 * 1024;

/** Resolves also when the file cannot be read: what is told from now on is kept all the same. */
export async function openFileJournal(options: FileJournalOptions): Promise<Journal> {
  const { path, onTrouble, limits = defaultLimits, flushMs = defaultFlushMs } = options;
  const pages = createPages(limits);
  /** Null: the file is not what it should be, and is to be written anew. */
  let inFile: number | null = await load(options, pages);
  let waiting: string[] = [];
  let timer: NodeJS.Timeout | null = null;
  let saving: Promise<void> = Promise.resolve();
  let trouble: string | null = null;
  let isClosed = false;

  async function write(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const lines = waiting;
    waiting = [];
    if (lines.length === 0 && (inFile !== null || pages.count() === 0)) return;
    try {
      if (inFile === null || inFile + lines.length > 2 * pages.count()) {
        inFile = null;
        const all = pages.lines();
        await replace(path, all);
        inFile = all.length;
      } else {
        const before = inFile;
        // Of a write that fails some may have come to the file.
        inFile = null;
        await appendFile(path, joined(lines), { mode: 0o600 });
        inFile = before + lines.length;
      }
      trouble = null;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (problem !== trouble) onTrouble(problem);
      trouble = problem;
      if (!isClosed) timer = setTimeout(() => void flush(), retryMs).unref();
    }
  }

  function flush(): Promise<void> {
    saving = saving.then(write);
    return saving;
  }

  return {
    append(entry) {
      const line = pages.add(entry);
      // After a failure all of it is written, by the next attempt.
      if (trouble !== null) return;
      waiting.push(line);
      timer ??= setTimeout(() => void flush(), flushMs);
    },
    read: (service) => pages.read(service),
    backwards: (service) => pages.backwards(service),
    async close() {
      isClosed = true;
      await flush();
    },
  };
}

/** How many lines are in the file; null when it is to be written anew. */
async function load(
  { path, onDamaged, onTrouble }: FileJournalOptions,
  pages: Pages,
): Promise<number | null> {
  try {
    if ((await stat(path)).size > largest) throw new Error(`${path} is larger than ${largest} bytes`);
    const text = await readFile(path, 'utf8');
    const lines = text.split('\n').filter((line) => line !== '');
    let damaged = 0;
    let problem = '';
    for (const line of lines) {
      try {
        pages.addLine(line);
      } catch (error) {
        damaged += 1;
        problem = error instanceof Error ? error.message : String(error);
      }
    }
    if (damaged > 0) onDamaged(damaged, problem);
    // The last line of a Baton that was killed may lack its end.
    return damaged > 0 || (text !== '' && !text.endsWith('\n')) ? null : lines.length;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    // Nothing is lost for good when a new one is written in its place.
    await rename(path, `${path}.damaged`).catch(() => {});
    onTrouble(error instanceof Error ? error.message : String(error));
    return null;
  }
}

async function replace(path: string, lines: readonly string[]): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(joined(lines));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
