/** Reads back what the worker runs, and lays Baton's knowledge over it. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { ServerName } from '../../model/ids.ts';
import { DataPlaneError } from '../errors.ts';
import { showDurations } from './durations.ts';
import { eachPart } from './breathe.ts';
import { frontendPrefix } from './frontends.ts';
import { type Layout, mapNames, mapPath } from './layout.ts';
import { choiceKeys, choiceMaps, noMaps } from './maps.ts';
import {
  detached,
  parseMap,
  parseMapRow,
  parseServerStates,
  parseStatistics,
  parseTable,
  type Row,
} from './parse.ts';
import { failoverServer } from './failover-server.ts';
import { routeKeys, routeMaps, type RouteOptions } from './routes.ts';
import { run } from './socket.ts';
import { backendName, type Server, type Service, type Services } from './state.ts';

export interface Readback {
  readonly pid: number;
  /** All rows, or those that were asked for. */
  readonly maps: ReturnType<typeof noMaps>;
  /** Names of the frontends that listen. */
  readonly frontends: ReadonlySet<string>;
  /** By backend, then by server. */
  readonly servers: ReadonlyMap<string, ReadonlyMap<string, Row>>;
  readonly statistics: readonly Row[];
  /** Requests by how long they took, by backend. */
  readonly durations: ReadonlyMap<string, readonly number[]>;
}

/**
 * Everything. With thousands of servers that is megabytes of text; between its parts the fast way out has its turn.
 * @throws DataPlaneError when HAProxy does not answer
 */
export async function readBack(layout: Layout, signal: AbortSignal): Promise<Readback> {
  const commands = [
    'show info',
    'show servers state',
    'show stat',
    showDurations(),
    ...mapNames.map((map) => `show map ${mapPath(map)}`),
  ];
  const answers = await run(layout.runtimeSocket, commands, signal);
  const failed = answers.find((answer) => answer.failed);
  if (failed !== undefined) {
    throw new DataPlaneError('data-plane-refused', `HAProxy answered ${failed.command}: ${failed.text}`);
  }
  const [info, states, statistics, durations, ...maps] = answers.map((answer) => answer.text);
  await breathe();
  const rows: Row[] = [];
  await eachPart(statistics ?? '', 1, (part) => {
    for (const row of parseStatistics(part)) rows.push(row);
  });
  await breathe();
  const servers: Servers = new Map();
  await eachPart(states ?? '', 2, (part) => addServers(servers, parseServerStates(part)));
  await breathe();
  const frontends = rows.filter((row) => row['svname'] === 'FRONTEND' && row['status'] === 'OPEN');
  return {
    pid: pidIn(info),
    maps: Object.fromEntries(
      mapNames.map((map, index) => [map, parseMap(maps[index] ?? '')]),
    ) as Readback['maps'],
    frontends: new Set(
      frontends.map((row) => row['pxname'] ?? '').filter((name) => name.startsWith(frontendPrefix)),
    ),
    servers,
    statistics: rows,
    durations: parseTable(durations ?? ''),
  };
}

/**
 * The same of some services only: their servers, shares and names. The frontends are as they are known to be.
 * Null when HAProxy has no such backends.
 * @throws DataPlaneError when HAProxy does not answer
 */
export async function readServices(
  layout: Layout,
  services: readonly Service[],
  frontends: ReadonlySet<string>,
  options: RouteOptions,
  signal: AbortSignal,
): Promise<Readback | null> {
  const backends = services.flatMap(({ name, slots }) => slots.map(({ slot }) => backendName(name, slot)));
  const names = services.map((service) => service.name);
  const routes = routeKeys(services, options);
  const choices = choiceKeys(services);
  const answers = await run(
    layout.runtimeSocket,
    [
      'show info',
      ...backends.flatMap((backend) => [
        `show servers state ${backend}`,
        `show stat ${backend} 6 -1`,
        showDurations(backend),
      ]),
      ...names.map((name) => `get map ${mapPath('split')} ${name}`),
      ...choiceMaps.flatMap((map) => choices[map].map((key) => `get map ${mapPath(map)} ${key}`)),
      ...routeMaps.flatMap((map) => routes[map].map((key) => `get map ${mapPath(map)} ${key}`)),
    ],
    signal,
  );
  if (answers.some((answer) => answer.failed)) return null;
  const texts = answers.map((answer) => answer.text);
  const states = backends.flatMap((_, index) => parseServerStates(texts[1 + 3 * index] ?? ''));
  const statistics = backends.flatMap((_, index) => parseStatistics(texts[2 + 3 * index] ?? ''));
  const durations = backends.flatMap((_, index) => [...parseTable(texts[3 + 3 * index] ?? '')]);
  let at = 1 + 3 * backends.length;
  const rows = (keys: readonly string[]) => rowsIn(keys, texts.slice(at, (at += keys.length)));
  const servers: Servers = new Map();
  addServers(servers, states);
  // A backend that nobody is in has no lines to be found by.
  for (const backend of backends) if (!servers.has(backend)) servers.set(backend, new Map());
  return {
    pid: pidIn(texts[0]),
    maps: {
      ...noMaps(),
      split: rows(names),
      match: rows(choices.match),
      affinity: rows(choices.affinity),
      conditions: rows(choices.conditions),
      hosts: rows(routes.hosts),
      paths: rows(routes.paths),
      anycase: rows(routes.anycase),
      apps: rows(routes.apps),
    },
    frontends,
    servers,
    statistics,
    durations: new Map(durations),
  };
}

function pidIn(info: string | undefined): number {
  return Number(/^Pid: (\d+)$/m.exec(info ?? '')?.[1]);
}

/** Rows of `show servers state` by backend, then by server. */
type Servers = Map<string, Map<string, Row>>;

function addServers(servers: Servers, rows: readonly Row[]): void {
  for (const row of rows) {
    const backend = row['be_name'] ?? '';
    const found = servers.get(backend) ?? new Map<string, Row>();
    servers.set(backend, found.set(row['srv_name'] ?? '', row));
  }
}

function rowsIn(keys: readonly string[], answers: readonly string[]): Map<string, string> {
  return new Map(
    keys.flatMap((key, index) => {
      const value = parseMapRow(answers[index] ?? '', key);
      return value === null ? [] : [[key, value] as const];
    }),
  );
}

/** The services as they really run: slots that HAProxy has, servers with the addresses and weights that it has. */
export function reconcile(services: Iterable<Service>, found: Readback): Services {
  const real = new Map<string, Service>();
  for (const service of services) {
    const slots = service.slots.flatMap((slot) => {
      const rows = found.servers.get(backendName(service.name, slot.slot));
      if (rows === undefined) return [];
      const servers = new Map<ServerName, Server>();
      for (const [text, row] of rows) {
        if (text === failoverServer) continue;
        const known = slot.servers.get(text as ServerName);
        const name = known?.name ?? (detached(text) as ServerName);
        servers.set(name, realServer(name, row, known));
      }
      return [{ ...slot, servers }];
    });
    if (slots.length > 0) real.set(service.name, { ...service, slots });
  }
  return new Map([...real].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const maintenance = 0x01;

/** A server that Baton does not know has a check like no other, and so will be replaced. */
function realServer(name: ServerName, row: Row, known: Server | undefined): Server {
  const rotation = rotationIn(row);
  const port = Number(row['srv_port']);
  if (known?.address === row['srv_addr'] && known?.port === port && known.rotation === rotation) return known;
  return {
    name,
    address: detached(row['srv_addr'] ?? ''),
    port,
    check: known?.check ?? { kind: 'tcp', path: '/', port: null, intervalMs: 1, timeoutMs: 1, fall: 1 },
    ...(known?.sendProxy && { sendProxy: known.sendProxy }),
    rotation,
  };
}

/** Of a row of `show servers state`. */
export function rotationIn(row: Row): Server['rotation'] {
  if ((Number(row['srv_admin_state']) & maintenance) !== 0) return 'leaving';
  return Number(row['srv_uweight']) > 0 ? 'in' : 'hold';
}

/** The servers that HAProxy's checks or refused connections have marked down, as `backend/server`. */
export function downIn(statistics: readonly Row[]): ReadonlySet<string> {
  const down = new Set<string>();
  for (const row of statistics) {
    if (row['type'] === '2' && row['status']?.startsWith('DOWN'))
      down.add(`${row['pxname']}/${row['svname']}`);
  }
  return down;
}
