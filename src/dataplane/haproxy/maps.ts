/** The maps that HAProxy looks up at run time: their content, and the commands from one content to another. */
import type { Listener } from '../../declared/types.ts';
import { frontendOf } from './frontends.ts';
import { checkPath } from './grammar.ts';
import { type MapName, mapNames, mapPath } from './layout.ts';
import { splitRow } from './split.ts';
import { backendName, type Service } from './state.ts';

export type Content = ReadonlyMap<string, string>;
export type Maps = Readonly<Record<MapName, Content>>;

export function noMaps(): Readonly<Record<MapName, Map<string, string>>> {
  return { hosts: new Map(), split: new Map(), failover: new Map(), checks: new Map() };
}

export function mapsOf(services: Iterable<Service>, bind: string): Maps {
  const maps = noMaps();
  for (const service of services) {
    addChecks(service, maps.checks);
    if (service.removed) continue;
    addHosts(service, bind, maps.hosts);
    const row = splitRow(service.weights);
    if (row !== '') maps.split.set(service.name, row);
    for (const { slot } of service.slots) {
      const next = nextSlots(service, slot);
      if (next !== '') maps.failover.set(backendName(service.name, slot), next);
    }
  }
  return maps;
}

/** The first service keeps a name that two ask for; the reader of the labels has said so already. */
function addHosts(service: Service, bind: string, hosts: Map<string, string>): void {
  for (const entry of hostKeys(service.listeners, bind)) {
    if (!hosts.has(entry)) hosts.set(entry, service.name);
  }
}

/** The rows by which a service is found. */
export function hostKeys(listeners: readonly Listener[], bind: string): readonly string[] {
  return listeners.flatMap((listener) => {
    const { key } = frontendOf(listener, bind);
    const names = listener.hosts.length === 0 ? [''] : listener.hosts;
    return names.map((name) => `${key}/${name.toLowerCase()}`);
  });
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
 * The rows of some services as they are in `maps`, and as they are to be. A name that a service outside of them holds
 * stays with that one.
 */
export function rowsOf(
  maps: Maps,
  before: readonly Service[],
  after: readonly Service[],
  bind: string,
): { readonly from: Maps; readonly to: Maps } {
  const mine = new Set([...before, ...after].map((service) => service.name));
  const [was, to] = [mapsOf(before, bind), mapsOf(after, bind)];
  const from = noMaps();
  for (const map of mapNames) {
    for (const key of new Set([...was[map].keys(), ...to[map].keys()])) {
      const value = maps[map].get(key);
      if (value !== undefined) from[map].set(key, value);
    }
  }
  const hosts = new Map(to.hosts);
  for (const [key, holder] of from.hosts) {
    if (mine.has(holder)) continue;
    from.hosts.delete(key);
    hosts.delete(key);
  }
  return { from, to: { ...to, hosts } };
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
