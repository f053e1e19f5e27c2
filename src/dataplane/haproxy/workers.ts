/** Statistics over all workers: the one that takes new connections, and those that only finish theirs. */
import { showDurations } from './durations.ts';
import type { Layout } from './layout.ts';
import { askOldWorker, processes } from './master.ts';
import { parseStatistics, parseTable, type Row } from './parse.ts';
import type { Readback } from './readback.ts';

export interface WorkerStatistics {
  readonly pid: number;
  readonly rows: readonly Row[];
  /** Requests by how long they took, by backend. */
  readonly durations: ReadonlyMap<string, readonly number[]>;
  /** Whether it was asked for all of its rows. */
  readonly whole: boolean;
}

/** More backends than this are asked for together with all others. */
const mostAlone = 8;

/**
 * The current worker's first.
 * @param backends what to ask older workers for; null: everything
 * @throws DataPlaneError when the master does not answer
 */
export async function allWorkers(
  layout: Layout,
  found: Readback,
  backends: readonly string[] | null,
  signal: AbortSignal,
): Promise<readonly WorkerStatistics[]> {
  const whole = backends === null;
  const few = whole || backends.length > mostAlone ? null : backends;
  const statistics = few?.map((backend) => `show stat ${backend} 6 -1`) ?? ['show stat'];
  const tables = few?.map(showDurations) ?? [showDurations()];
  const { old, worker } = await processes(layout, signal);
  const former = [...old, ...(worker === null || worker === found.pid ? [] : [worker])];
  const others = await Promise.all(
    former
      .filter((pid) => pid !== found.pid)
      .map(async (pid): Promise<WorkerStatistics> => {
        const asked = async (commands: readonly string[]) =>
          await Promise.all(commands.map((command) => askOldWorker(layout, pid, command, signal)));
        const [rows, durations] = await Promise.all([asked(statistics), asked(tables)]);
        return {
          pid,
          rows: rows.flatMap(parseStatistics),
          durations: new Map(durations.flatMap((text) => [...parseTable(text)])),
          whole,
        };
      }),
  );
  return [{ pid: found.pid, rows: found.statistics, durations: found.durations, whole }, ...others];
}

/** Sessions by `backend` and by `backend/server`, over all workers; those on the way to another pool count there. */
export function sessionsIn(
  workers: readonly WorkerStatistics[],
  failover: string,
): ReadonlyMap<string, number> {
  const sessions = new Map<string, number>();
  for (const { rows } of workers) {
    for (const row of rows) {
      const backend = row['pxname'] ?? '';
      const current = Number(row['scur'] ?? 0);
      // Most servers have none, and nobody asks for what is not there.
      if (current === 0) continue;
      if (row['svname'] === 'BACKEND') add(sessions, backend, current);
      else if (row['svname'] === failover) add(sessions, backend, -current);
      else if (row['type'] === '2') add(sessions, `${backend}/${row['svname']}`, current);
    }
  }
  return sessions;
}

function add(sessions: Map<string, number>, key: string, count: number): void {
  sessions.set(key, (sessions.get(key) ?? 0) + count);
}
