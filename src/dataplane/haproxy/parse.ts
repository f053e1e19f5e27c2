/** Reads what HAProxy prints: statistics, server states, maps, processes. */
import { failoverServer } from './failover-server.ts';

export type Row = Readonly<Record<string, string>>;

/** What is read of a backend, of its way to another pool, and of all frontends: of a hundred columns. */
const countedColumns: ReadonlySet<string> = new Set(
  (
    'pxname svname type status check_status scur stot econ wretr wredis ' +
    'hrsp_1xx hrsp_2xx hrsp_3xx hrsp_4xx hrsp_5xx hrsp_other'
  ).split(' '),
);

const counted: ReadonlySet<string> = new Set(['BACKEND', 'FRONTEND', failoverServer]);

/** Of a server that is asked for every few seconds beside thousands of others. */
const serverColumns: ReadonlySet<string> = new Set('pxname svname type status check_status scur'.split(' '));

/** Of what stands by: it has counted nothing. */
const idleColumns: ReadonlySet<string> = new Set([...serverColumns, 'stot']);

const stateColumns: ReadonlySet<string> = new Set(
  'be_name srv_name srv_addr srv_port srv_admin_state srv_uweight'.split(' '),
);

interface Column {
  readonly name: string;
  readonly index: number;
}

function columnsIn(header: readonly string[], wanted: ReadonlySet<string>): readonly Column[] {
  return header.map((name, index) => ({ name, index })).filter(({ name }) => wanted.has(name));
}

function rowOf(values: readonly string[], columns: readonly Column[]): Row {
  const row: Record<string, string> = {};
  for (const { name, index } of columns) row[name] = values[index] ?? '';
  return row;
}

/**
 * `show stat`: CSV with a header line (management guide 9.1), by column name. Of servers it is only read how they are; what
 * they count is their backend's, except on the way to another pool.
 */
export function parseStatistics(text: string): readonly Row[] {
  const lines = text.split('\n').filter((line) => line !== '');
  const header = (lines[0] ?? '').replace(/^# /, '').split(',');
  const all = columnsIn(header, countedColumns);
  const few = columnsIn(header, serverColumns);
  const idle = columnsIn(header, idleColumns);
  return lines.slice(1).map((line) => {
    if (line.includes('"')) return rowOf(cells(line), all);
    const from = line.indexOf(',') + 1;
    if (!counted.has(line.slice(from, line.indexOf(',', from)))) return rowIn(line, ',', few);
    const row = rowIn(line, ',', idle);
    return row['stot'] === '0' ? row : rowIn(line, ',', all);
  });
}

/** Cuts out what is wanted and nothing else: a line has a hundred cells, and there may be thousands of lines. */
function rowIn(line: string, separator: string, columns: readonly Column[]): Row {
  const row: Record<string, string> = {};
  let cell = 0;
  let from = 0;
  for (const { name, index } of columns) {
    for (; cell < index; cell += 1) {
      const next = line.indexOf(separator, from);
      from = next < 0 ? line.length : next + 1;
    }
    const end = line.indexOf(separator, from);
    row[name] = line.slice(from, end < 0 ? line.length : end);
  }
  return row;
}

/** The same text by itself: a piece of an answer keeps all of the answer in memory. */
export function detached(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

/** All of a line's. Only descriptions are quoted; a quote in them is doubled. */
function cells(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((match) =>
    match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'),
  );
}

/** `show servers state`: a version line, a header line, then columns by blanks. */
export function parseServerStates(text: string): readonly Row[] {
  const lines = text.split('\n').filter((line) => line !== '');
  const at = lines.findIndex((line) => line.startsWith('# '));
  const columns = columnsIn((lines[at] ?? '').slice(2).split(' '), stateColumns);
  return lines.slice(at + 1).map((line) => rowIn(line, ' ', columns));
}

/** `show map`: a reference, the key, the value. */
export function parseMap(text: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^0x[0-9a-f]+ (\S+) (.*)$/.exec(line);
    if (match?.[1] !== undefined) entries.set(match[1], match[2] ?? '');
  }
  return entries;
}

/** `get map`: the value, or null when there is no such row; what is found may have a shorter key. */
export function parseMapRow(text: string, key: string): string | null {
  const match = /, key="(.*)", value="(.*)", type="str"$/.exec(text);
  return match?.[1] === key ? (match[2] ?? null) : null;
}

/** `show table` of counters in arrays: by key, in their order. Baton's own keys begin with a colon and are left out. */
export function parseTable(text: string): ReadonlyMap<string, readonly number[]> {
  const entries = new Map<string, readonly number[]>();
  for (const line of text.split('\n')) {
    const key = /^0x[0-9a-f]+: key=([^: ]\S*) /.exec(line)?.[1];
    const first = line.indexOf(' gpc0=');
    if (key === undefined || first < 0) continue;
    const words = line.slice(first + 1).split(' ');
    entries.set(
      detached(key),
      words.map((word) => Number(word.slice(word.indexOf('=') + 1))),
    );
  }
  return entries;
}

export interface Session {
  /** HAProxy's own name of it. */
  readonly id: string;
  /** As `backend/server`. */
  readonly server: string;
}

/** `show sess`: those that have a server. */
export function parseSessions(text: string): readonly Session[] {
  return [...text.matchAll(/^(0x[0-9a-f]+): .* be=(\S+) srv=(\S+) /gm)].map((match) => ({
    id: match[1] ?? '',
    server: `${match[2]}/${match[3]}`,
  }));
}

export interface Processes {
  readonly master: number;
  readonly failedReloads: number;
  /** The worker that takes new connections; null while there is none. */
  readonly worker: number | null;
  /** Workers that only finish what they have. */
  readonly old: readonly number[];
}

/** `show proc` of the master. Null when it is not such an answer. */
export function parseProcesses(text: string): Processes | null {
  let section = '';
  let master: number | null = null;
  let failedReloads = 0;
  let worker: number | null = null;
  const old: number[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('# ')) section = line.slice(2).trim();
    const match = /^(\d+)\s+(master|worker)\s+\d+(?:\s+\[failed: (\d+)\])?/.exec(line);
    if (match === null) continue;
    if (match[2] === 'master') {
      master = Number(match[1]);
      failedReloads = Number(match[3] ?? 0);
    } else if (section === 'old workers') old.push(Number(match[1]));
    else worker = Number(match[1]);
  }
  return master === null ? null : { master, failedReloads, worker, old };
}
