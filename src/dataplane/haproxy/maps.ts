/** The maps that HAProxy looks up at run time: their content, and the commands from one content to another. */
import { addAffinity, stayingIn } from './affinity.ts';
import { addConditions } from './condition.ts';
import { checkPath } from './grammar.ts';
import { type MapName, mapNames, mapPath } from './layout.ts';
import { addMatches } from './match.ts';
import { routeIdentity, type RouteOptions, routesOf } from './routes.ts';
import { splitRow } from './split.ts';
import { addSticky } from './sticky.ts';
import { backendName, type Service, type Services } from './state.ts';

export type Content = ReadonlyMap<string, string>;
export type Maps = Readonly<Record<MapName, Content>>;

export function noMaps(): Readonly<Record<MapName, Map<string, string>>> {
  return {
    hosts: new Map(),
    paths: new Map(),
    anycase: new Map(),
    apps: new Map(),
    split: new Map(),
    match: new Map(),
    affinity: new Map(),
    conditions: new Map(),
    sticky: new Map(),
    failover: new Map(),
    checks: new Map(),
  };
}

export function mapsOf(services: readonly Service[], options: RouteOptions): Maps {
  return { ...ownRows(services), ...routesOf(services, options) };
}

/** The maps whose rows are read back and compared, of each service by itself. */
export const choiceMaps = ['match', 'affinity', 'conditions'] as const;

export type ChoiceMap = (typeof choiceMaps)[number];

/** The keys of a service's rows that say who is chosen before the shares are asked. */
export function choiceKeys(services: readonly Service[]): Readonly<Record<ChoiceMap, readonly string[]>> {
  const { match, affinity, conditions } = ownRows(services);
  return {
    match: [...match.keys()],
    affinity: [...affinity.keys()],
    conditions: [...conditions.keys()],
  };
}

/** The rows of each service that no other service has a say in: all but the routes. */
function ownRows(services: readonly Service[]): Maps {
  const maps = noMaps();
  for (const service of services) {
    addChecks(service, maps.checks);
    if (service.removed) continue;
    addMatches(service.name, service.matches, maps.match);
    if (service.affinity) addAffinity(service.name, stayingIn(service.weights, service.slots), maps.affinity);
    addConditions(service.name, service.conditions, maps.conditions);
    addSticky(service, maps.sticky);
    const row = splitRow(service.weights);
    if (row !== '') maps.split.set(service.name, row);
    for (const { slot } of service.slots) {
      const next = nextSlots(service, slot);
      if (next !== '') maps.failover.set(backendName(service.name, slot), next);
    }
  }
  return maps;
}

/** On which path the servers of some services are probed. */
export function checksOf(services: Iterable<Service>): Content {
  const checks = new Map<string, string>();
  for (const service of services) addChecks(service, checks);
  return checks;
}

function addChecks(service: Service, checks: Map<string, string>): void {
  for (const slot of service.slots) {
    if (slot.checkKind !== 'http') continue;
    for (const server of slot.servers.values()) {
      const path = checkPath(server.check.path) ?? '/';
      if (path !== '/') checks.set(`${backendName(service.name, slot.slot)}/${server.name}`, path);
    }
  }
}

/** Where a request goes on from a dead slot: the others in order, up to one that may not be left. */
function nextSlots(service: Service, from: string): string {
  if (service.noFailover.some((slot) => slot === from)) return '';
  const next: string[] = [];
  for (const slot of service.failover) {
    if (slot === from) continue;
    next.push(slot);
    if (service.noFailover.includes(slot)) break;
  }
  return next.join(':');
}

/** A map file as HAProxy loads it. */
export function renderMap(content: Content): string {
  return [...content].map(([key, value]) => `${key} ${value}\n`).join('');
}

/**
 * The rows of some services as they are in `maps`, and as they are to be. Where one of them is found otherwise than
 * before, the routes of all services are compared: several may want what begins alike.
 */
export function rowsOf(
  maps: Maps,
  before: readonly Service[],
  after: readonly Service[],
  all: Services,
  options: RouteOptions,
): { readonly from: Maps; readonly to: Maps } {
  const [was, to] = [ownRows(before), ownRows(after)];
  const from = noMaps();
  for (const map of mapNames) {
    for (const key of new Set([...was[map].keys(), ...to[map].keys()])) {
      const value = maps[map].get(key);
      if (value !== undefined) from[map].set(key, value);
    }
  }
  if (identity(before, options) === identity(after, options)) return { from, to };
  const { hosts, paths, anycase, apps } = maps;
  return {
    from: { ...from, hosts, paths, anycase, apps },
    to: { ...to, ...routesOf([...all.values()], options) },
  };
}

function identity(services: readonly Service[], options: RouteOptions): string {
  return services.map((service) => `${service.name} ${routeIdentity(service, options)}`).join('\n');
}

/** Carries changes of rows over; says which maps they are in. */
export function carryOver(
  maps: Readonly<Record<MapName, Map<string, string>>>,
  from: Maps,
  to: Maps,
): ReadonlySet<MapName> {
  const changed = new Set<MapName>();
  for (const map of mapNames) {
    for (const [key, value] of to[map]) {
      if (maps[map].get(key) === value) continue;
      maps[map].set(key, value);
      changed.add(map);
    }
    for (const key of from[map].keys()) {
      if (!to[map].has(key) && maps[map].delete(key)) changed.add(map);
    }
  }
  return changed;
}

/** Commands that add and change rows: those of `checks` before servers enter, the others after; those that take rows away run last. */
export function mapChanges(
  from: Maps,
  to: Maps,
): { readonly checks: readonly string[]; readonly put: readonly string[]; readonly drop: readonly string[] } {
  const checks: string[] = [];
  const put: string[] = [];
  const drop: string[] = [];
  for (const map of mapNames) {
    const path = mapPath(map);
    for (const [key, value] of to[map]) {
      const before = from[map].get(key);
      if (before === value) continue;
      const commands = map === 'checks' ? checks : put;
      commands.push(`${before === undefined ? 'add' : 'set'} map ${path} ${key} ${value}`);
    }
    for (const key of from[map].keys()) {
      if (to[map].has(key)) continue;
      drop.push(`del map ${path} ${key}`);
    }
  }
  return { checks, put, drop };
}
