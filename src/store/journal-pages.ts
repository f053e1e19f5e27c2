/** What a journal keeps: the last entries of each service, and the last of all. */
import { z } from 'zod';
import type { HistoryEntry } from '../model/history.ts';
import type { ServiceId } from '../model/ids.ts';

export interface JournalLimits {
  /** Entries of one service. */
  readonly perService: number;
  readonly overall: number;
}

export interface Pages {
  /** @returns the line that was added */
  add(entry: HistoryEntry): string;
  /** @throws Error for what is no line of a journal */
  addLine(line: string): void;
  read(service: ServiceId): readonly HistoryEntry[];
  backwards(service: ServiceId): Iterable<HistoryEntry>;
  count(): number;
  /** All lines, in the order in which they were added. */
  lines(): readonly string[];
}

/** Characters; a longer one is kept without its facts. */
const longestLine = 8000;

const Entry = z.object({
  at: z.number(),
  service: z.string().startsWith('/'),
  kind: z.string(),
  text: z.string(),
  facts: z.record(z.string(), z.unknown()),
});

interface Kept {
  readonly number: number;
  /** JSON: a tenth of the memory of what it says. */
  readonly line: string;
}

export function createPages({ perService, overall }: JournalLimits): Pages {
  const pages = new Map<ServiceId, Kept[]>();
  let number = 0;
  let count = 0;

  function keep(service: ServiceId, line: string): void {
    const page = pages.get(service) ?? [];
    pages.set(service, page);
    page.push({ number, line });
    number += 1;
    count += 1;
    if (page.length > perService) drop(service, page);
    if (count > overall) drop(...oldest());
  }

  function drop(service: ServiceId, page: Kept[]): void {
    page.shift();
    count -= 1;
    if (page.length === 0) pages.delete(service);
  }

  function oldest(): readonly [ServiceId, Kept[]] {
    return [...pages].reduce((a, b) => ((a[1][0]?.number ?? 0) < (b[1][0]?.number ?? 0) ? a : b));
  }

  return {
    add(entry) {
      const whole = JSON.stringify(entry);
      const line =
        whole.length <= longestLine
          ? whole
          : JSON.stringify({ ...entry, text: entry.text.slice(0, longestLine / 4), facts: {} });
      keep(entry.service, line);
      return line;
    },
    addLine(line) {
      keep(Entry.parse(JSON.parse(line)).service as ServiceId, line);
    },
    read: (service) => (pages.get(service) ?? []).map(entryOf),
    *backwards(service) {
      for (const kept of pages.get(service)?.toReversed() ?? []) yield entryOf(kept);
    },
    count: () => count,
    lines: () =>
      [...pages.values()]
        .flat()
        .sort((a, b) => a.number - b.number)
        .map(({ line }) => line),
  };
}

/** What is kept has been looked at when it came in. */
function entryOf({ line }: Kept): HistoryEntry {
  return JSON.parse(line) as HistoryEntry;
}
