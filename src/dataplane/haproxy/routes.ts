/** Which service has which requests: rows by address, port, host name and beginning of the path. */
import type { Listener } from '../../declared/types.ts';
import { frontendOf } from './frontends.ts';
import type { HaproxyOptions } from './options.ts';
import type { Service, Slot } from './state.ts';

/** The maps that hold them. The rows of `paths` and `anycase` are beginnings; the longest that fits is found. */
export const routeMaps = ['hosts', 'paths', 'anycase', 'apps'] as const;
export type RouteMap = (typeof routeMaps)[number];
export type Routes = Readonly<Record<RouteMap, ReadonlyMap<string, string>>>;

/** What the rows depend on besides the services. */
export type RouteOptions = Pick<HaproxyOptions, 'bind' | 'appIds'>;

/** Somebody who wants the requests of one name that begin so. */
interface Claim {
  readonly prefix: string;
  readonly rank: number;
  /** `service`, or `service:slot` where only one app's pool is meant. */
  readonly to: string;
}

interface OnName {
  /** Who wants all paths. */
  whole: Claim | null;
  readonly paths: Map<string, Claim>;
  readonly anycase: Map<string, Claim>;
}

/** No prefix is as long, so a rank counts before any length. */
const longestPrefix = 2_048;
/** A slot that no service has: a listener of an app that has no pool leads to nobody. */
const noSlot = '-';

/**
 * `hosts` has a service for each name, `paths` and `anycase` an order and a service for each beginning, so that the
 * longest one is enough to know who wins: its row has whoever wins among all beginnings of it. Of several that want the
 * same the first service has it; the reader of the labels has said so already.
 */
export function routesOf(services: readonly Service[], options: RouteOptions): Routes {
  const names = new Map<string, OnName>();
  for (const service of services) {
    if (service.removed) continue;
    for (const listener of service.listeners) claim(names, service, listener, options.bind);
  }
  const hosts = new Map<string, string>();
  const paths = new Map<string, string>();
  const anycase = new Map<string, string>();
  for (const [name, on] of names) {
    if (on.whole !== null) hosts.set(name, on.whole.to);
    addBeginnings(name, on.whole, on.paths, paths);
    addBeginnings(name, on.whole, on.anycase, anycase);
  }
  return { hosts, paths, anycase, apps: appRows(services, options) };
}

/** A service has its own id; any other app is its pool in the first service. */
function appRows(services: readonly Service[], options: RouteOptions): ReadonlyMap<string, string> {
  const rows = new Map<string, string>();
  const served = services.filter((service) => !service.removed && hasAppIds(service, options));
  for (const { id, name } of served) if (isAppKey(id)) rows.set(id.toLowerCase(), name);
  for (const service of served) {
    const { name } = service;
    for (const { app, slot } of poolsIn(service)) {
      const key = (app ?? '').toLowerCase();
      if (isAppKey(key) && !rows.has(key)) rows.set(key, `${name}:${slot}`);
    }
  }
  return rows;
}

/** Connections say nothing that could be read. */
function hasAppIds({ listeners }: Service, { appIds = null }: RouteOptions): boolean {
  return appIds !== null && listeners[0]?.mode !== 'tcp';
}

function isAppKey(text: string): boolean {
  return /^[A-Za-z0-9/._-]{1,255}$/.test(text);
}

function claim(names: Map<string, OnName>, service: Service, listener: Listener, bind: string): void {
  const to = destination(service, listener);
  for (const name of namesOf(listener, bind)) {
    const on = names.get(name) ?? { whole: null, paths: new Map(), anycase: new Map() };
    names.set(name, on);
    if (listener.paths.length === 0) {
      on.whole = better(on.whole, { prefix: '', rank: listener.rank, to });
    }
    for (const { prefix, ignoresCase } of listener.paths) {
      const beginning = ignoresCase ? prefix.toLowerCase() : prefix;
      const among = ignoresCase ? on.anycase : on.paths;
      among.set(
        beginning,
        better(among.get(beginning) ?? null, { prefix: beginning, rank: listener.rank, to }),
      );
    }
  }
}

/** Without those that only wait for the last server to leave: their app may be in another slot already. */
function poolsIn({ slots, weights }: Service): readonly Slot[] {
  return slots.filter(({ slot }) => weights.some((each) => each.slot === slot));
}

function destination(service: Service, { only }: Listener): string {
  if (only === null) return service.name;
  const slot = poolsIn(service).find((each) => each.app === only)?.slot ?? noSlot;
  return `${service.name}:${slot}`;
}

/** Without a name: all that come to the address and port and that nobody names. */
function namesOf(listener: Listener, bind: string): readonly string[] {
  const { key } = frontendOf(listener, bind);
  const hosts = listener.hosts.length === 0 ? [''] : listener.hosts;
  return hosts.map((host) => `${key}/${host}`.toLowerCase());
}

function better(one: Claim | null, other: Claim): Claim {
  return one === null || order(other) > order(one) ? other : one;
}

function order({ rank, prefix }: Claim): number {
  return rank * longestPrefix + prefix.length;
}

/** In their order each beginning comes after all beginnings of its own, which are the ones still on the stack. */
function addBeginnings(
  name: string,
  whole: Claim | null,
  claims: ReadonlyMap<string, Claim>,
  rows: Map<string, string>,
): void {
  const stack: { readonly prefix: string; readonly winner: Claim }[] = [];
  for (const [prefix, claim] of [...claims].sort(([a], [b]) => (a < b ? -1 : 1))) {
    while (stack.length > 0 && !prefix.startsWith(stack.at(-1)?.prefix ?? '')) stack.pop();
    const winner = better(stack.at(-1)?.winner ?? whole, claim);
    stack.push({ prefix, winner });
    rows.set(`${name}${prefix}`, `${order(winner)}:${winner.to}`);
  }
}

export type RouteKeys = Readonly<Record<RouteMap, readonly string[]>>;

/** The rows by which services are found. */
export function routeKeys(services: Iterable<Service>, options: RouteOptions): RouteKeys {
  const [hosts, paths, anycase] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const apps = new Set<string>();
  for (const service of services) {
    const { id, listeners } = service;
    const ids = hasAppIds(service, options) ? [id, ...poolsIn(service).map(({ app }) => app ?? '')] : [];
    for (const each of ids) if (isAppKey(each)) apps.add(each.toLowerCase());
    for (const listener of listeners) {
      for (const name of namesOf(listener, options.bind)) {
        if (listener.paths.length === 0) hosts.add(name);
        for (const { prefix, ignoresCase } of listener.paths) {
          if (ignoresCase) anycase.add(`${name}${prefix.toLowerCase()}`);
          else paths.add(`${name}${prefix}`);
        }
      }
    }
  }
  return { hosts: [...hosts], paths: [...paths], anycase: [...anycase], apps: [...apps] };
}

/** What of a service decides about its rows, to be compared. */
export function routeIdentity(service: Service | undefined, options: RouteOptions): string {
  if (service === undefined || service.removed) return '';
  const { listeners } = service;
  const pinned = listeners.filter(({ only }) => only !== null).map((each) => destination(service, each));
  const apps = hasAppIds(service, options) ? poolsIn(service).map(({ app, slot }) => [app, slot]) : [];
  return JSON.stringify([listeners, pinned, apps]);
}

/** The rules of the frontend where a request says whom it is for. */
export function appRules(mapPath: (map: RouteMap) => string): string {
  return `  http-request set-var(txn.host) req.hdr(host),host_only,lower
  http-request set-var(txn.route) req.hdr(X-Marathon-App-Id),lower,map_str(${mapPath('apps')})
`;
}

/** The rules of a frontend that find the service; `txn.only` is the slot that a listener is pinned to. */
export function routeRules(key: string, mapPath: (map: RouteMap) => string): string {
  const found = (name: string): string => `{ var(txn.${name}) -m found }`;
  return `  http-request set-var(txn.host) req.hdr(host),host_only,lower
  http-request set-var(txn.path) path
  http-request set-var(txn.name) str(${key}),concat(/,txn.host)
  http-request set-var(txn.exact) var(txn.name),concat(,txn.path),map_beg(${mapPath('paths')})
  http-request set-var(txn.anycase) var(txn.name),concat(,txn.path),lower,map_beg(${mapPath('anycase')})
  http-request set-var(txn.order) int(-9000000000000000)
  http-request set-var(txn.order) var(txn.exact),field(1,:),add(0) if ${found('exact')}
  http-request set-var(txn.route) var(txn.exact),field(2,:,0) if ${found('exact')}
  http-request set-var(txn.route) var(txn.anycase),field(2,:,0) if ${found('anycase')} { var(txn.anycase),field(1,:),sub(txn.order) gt 0 }
  http-request set-var(txn.route) var(txn.name),map_str(${mapPath('hosts')}) if !${found('route')}
  http-request set-var(txn.named) bool(true) if ${found('route')} { var(txn.host) -m len gt 0 }
  http-request set-var(txn.route) str(${key}/),map_str(${mapPath('hosts')}) if !${found('route')}
`;
}
