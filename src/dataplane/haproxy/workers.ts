/** Statistics over all workers: the one that takes new connections, and those that only finish theirs. */
import type { Layout } from './layout.ts';
import { askOldWorker, processes } from './master.ts';
import { parseStatistics, type Row } from './parse.ts';
import type { Readback } from './readback.ts';

export interface WorkerStatistics {
  readonly pid: number;
  readonly rows: readonly Row[];
}

/** The current worker's first. @throws DataPlaneError when the master does not answer */
export async function allWorkers(
  layout: Layout,
  found: Readback,
  signal: AbortSignal,
): Promise<readonly WorkerStatistics[]> {
  const { old, worker } = await processes(layout, signal);
  const former = [...old, ...(worker === null || worker === found.pid ? [] : [worker])];
  const others = await Promise.all(
    former
      .filter((pid) => pid !== found.pid)
      .map(async (pid) => ({
        pid,
        rows: parseStatistics(await askOldWorker(layout, pid, 'show stat', signal)),
      })),
  );
  return [{ pid: found.pid, rows: found.statistics }, ...others];
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
      if (row['svname'] === 'BACKEND') add(sessions, backend, current);
      else if (row['svname'] === failover) add(sessions, backend, -current);
      else if (row['type'] === '2') add(sessions, `${backend}/${row['svname']}`, current);
    }
  }
  return sessions;
}

function add(sessions: Map<string, number>, key: string, count: number): void {
  sessions.set(key, Math.max(0, (sessions.get(key) ?? 0) + count));
}
