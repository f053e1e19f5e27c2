/** Sums of HAProxy's counters, which start over with each worker. */
import type { Mode } from '../../declared/types.ts';
import { noDurations } from '../../model/latency.ts';
import type { ObservedSlot } from '../../plan/observed.ts';
import type { SlotStatistics } from '../driver.ts';
import { detached, type Row } from './parse.ts';
import { failoverServer } from './failover-server.ts';
import { backendName, type Services } from './state.ts';
import type { WorkerStatistics } from './workers.ts';

const columns = [
  'stot',
  'hrsp_1xx',
  'hrsp_2xx',
  'hrsp_3xx',
  'hrsp_4xx',
  'hrsp_5xx',
  'hrsp_other',
  'econ',
  'wretr',
  'wredis',
] as const;
type Column = (typeof columns)[number];

interface Values extends Record<Column, number> {
  durations: readonly number[];
}

/** What the planner is told of a backend. */
export type Counted = Pick<ObservedSlot, 'requests' | 'errors' | 'durations'>;

const nothingCounted: Counted = { requests: 0, errors: 0, durations: noDurations };

export interface Counters {
  /**
   * All workers that there are, with all or some of their rows; workers that are not named are forgotten. So are
   * backends that none of them has, when all of their rows are there.
   */
  readonly add: (workers: readonly WorkerStatistics[]) => void;
  readonly of: (backend: string, mode: Mode) => Counted;
  /** Of the services that run. */
  readonly slots: (services: Services) => readonly SlotStatistics[];
}

export function createCounters(): Counters {
  const totals = new Map<string, Values>();
  let last = new Map<number, Map<string, Values>>();

  function add(workers: readonly WorkerStatistics[]): void {
    const seen = new Map<number, Map<string, Values>>();
    const present = new Set<string>();
    for (const { pid, rows, durations } of workers) {
      const now = last.get(pid) ?? new Map<string, Values>();
      for (const row of rows) if (row['svname'] === 'BACKEND') present.add(row['pxname'] ?? '');
      for (const [backend, values] of ownValues(rows, durations)) {
        const earlier = now.get(backend);
        const key = earlier === undefined ? detached(backend) : backend;
        const total = totals.get(backend) ?? zero();
        for (const column of columns) {
          total[column] += Math.max(0, values[column] - (earlier?.[column] ?? 0));
          values[column] = Math.max(values[column], earlier?.[column] ?? 0);
        }
        const before = earlier?.durations ?? noDurations;
        const counted = values.durations;
        total.durations = total.durations.map(
          (count, at) => count + Math.max(0, (counted[at] ?? 0) - (before[at] ?? 0)),
        );
        values.durations = counted.map((count, at) => Math.max(count, before[at] ?? 0));
        totals.set(key, total);
        now.set(key, values);
      }
      // Also of one that gives no answer any more.
      for (const backend of now.keys()) present.add(backend);
      seen.set(pid, now);
    }
    last = seen;
    if (!workers.every(({ whole }) => whole)) return;
    for (const backend of totals.keys()) if (!present.has(backend)) totals.delete(backend);
  }

  return {
    add,
    of(backend, mode) {
      const values = totals.get(backend);
      if (values === undefined) return nothingCounted;
      return {
        requests: answered(values, mode),
        errors: mode === 'tcp' ? values.econ : values.hrsp_5xx,
        durations: values.durations,
      };
    },
    slots(services) {
      const found: SlotStatistics[] = [];
      for (const service of services.values()) {
        for (const { slot, mode } of service.slots) {
          const backend = backendName(service.name, slot);
          const values = totals.get(backend) ?? zero();
          found.push({
            service: service.id,
            slot,
            requests: answered(values, mode),
            sessions: values.stot,
            responses: {
              '1xx': values.hrsp_1xx,
              '2xx': values.hrsp_2xx,
              '3xx': values.hrsp_3xx,
              '4xx': values.hrsp_4xx,
              '5xx': values.hrsp_5xx,
            },
            connectionErrors: values.econ,
            retries: values.wretr,
            redispatches: values.wredis,
          });
        }
      }
      return found;
    },
  };
}

/**
 * A backend's values without those of its way to another pool: what went on is neither an answer of its own nor an
 * error. A request that no server answered is one, because HAProxy answers it with 502, 503 or 504; one that its client
 * gave up is none. Most backends stand by, and have counted nothing: they are left out.
 */
function ownValues(
  rows: readonly Row[],
  durations: WorkerStatistics['durations'],
): ReadonlyMap<string, Values> {
  const values = new Map<string, Values>();
  const away = new Map<string, Row>();
  for (const row of rows) {
    const backend = row['pxname'] ?? '';
    if (row['stot'] === '0') continue;
    if (row['svname'] === 'BACKEND' && !backend.startsWith(':')) {
      values.set(backend, { ...read(row), durations: durations.get(backend) ?? noDurations });
    } else if (row['svname'] === failoverServer) away.set(backend, row);
  }
  for (const [backend, row] of away) {
    const own = values.get(backend);
    const other = read(row);
    if (own === undefined) continue;
    for (const column of columns) own[column] = Math.max(0, own[column] - other[column]);
  }
  return values;
}

function read(row: Row): Record<Column, number> {
  const values = { ...zeros };
  for (const column of columns) values[column] = Number(row[column] ?? 0) || 0;
  return values;
}

const zeros = Object.fromEntries(columns.map((column) => [column, 0])) as Record<Column, number>;

function zero(): Values {
  return { ...zeros, durations: noDurations };
}

/** A connection that is passed on unread counts once. */
function answered(values: Values, mode: Mode): number {
  if (mode === 'tcp') return values.stot;
  return values.hrsp_2xx + values.hrsp_3xx + values.hrsp_4xx + values.hrsp_5xx + values.hrsp_other;
}
