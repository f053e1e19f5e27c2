/** The memory of a Baton process after a forced garbage collection. */
import { fileURLToPath } from 'node:url';
import { startFlags, startVariables } from '../../src/cli/heap.ts';
import type { BatonProcess } from './baton.ts';
import { until } from './wait.ts';

/** A command that runs Baton as it is to be started, and so that {@link heapOf} can ask it. */
export const underHeapReport: readonly string[] = [
  'env',
  `NODE_OPTIONS=${startFlags.join(' ')} --import=${fileURLToPath(new URL('heap-report.ts', import.meta.url))}`,
  ...Object.entries(startVariables).map(([name, value]) => `${name}=${value}`),
];

export interface Heap {
  /** Bytes in use on the heap and beside it. */
  readonly used: number;
  readonly rss: number;
}

async function heapOf(baton: BatonProcess): Promise<Heap> {
  const reports = () => baton.log.filter((line) => 'heapUsed' in line);
  const before = reports().length;
  process.kill(baton.pid, 'SIGUSR2');
  await until('a report of the heap', () => reports().length > before);
  const { heapUsed, external, rss } = reports().at(-1) ?? {};
  return { used: Number(heapUsed) + Number(external), rss: Number(rss) };
}

/** The smallest of several looks, at least `looks` of them: what waits for a timeout is no leak. */
export async function settledHeap(baton: BatonProcess, looks = 5): Promise<Heap> {
  const seen: Heap[] = [];
  await until(
    'looks at the heap',
    async () => {
      seen.push(await heapOf(baton));
      return seen.length >= looks;
    },
    { everyMs: 200 },
  );
  return seen.reduce((least, each) => (each.used < least.used ? each : least));
}

/** Waits until so much of the heap is in use and no more. @throws Error with what it was last */
export async function heapWithin(baton: BatonProcess, most: number, deadlineMs: number): Promise<Heap> {
  let last: Heap | null = null;
  return await until(
    `at most ${most} bytes in use`,
    async () => {
      last = await heapOf(baton);
      return last.used <= most ? last : undefined;
    },
    { everyMs: 500, deadlineMs, detail: () => last },
  );
}
