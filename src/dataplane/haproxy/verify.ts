/** Compares a target with what was read back. */
import type { Verified } from '../driver.ts';
import { addAffinity, affineService } from './affinity.ts';
import { addConditions, conditionService, sameConditions } from './condition.ts';
import { frontendName, frontendOf } from './frontends.ts';
import { choiceMaps } from './maps.ts';
import { addMatches, matchService } from './match.ts';
import { merge } from './merge.ts';
import { mirror, type Plane } from './plane.ts';
import { readBack, type Readback, readServices, reconcile } from './readback.ts';
import { routeIdentity, routeKeys, type RouteMap, routeMaps, type Routes, routesOf } from './routes.ts';
import { settle } from './settle.ts';
import { splitRow } from './split.ts';
import { backendName, type Service, type Services } from './state.ts';
import type { Wanted } from './wanted.ts';

/**
 * Reads back and compares. Some services are asked for by themselves; what is not as it should be is looked at as a
 * whole, and the mirror corrected.
 * @param only the services that it is about, by name; null: all
 * @throws DataPlaneError when HAProxy does not answer
 */
export async function verify(
  plane: Plane,
  asked: ReadonlyMap<string, Wanted>,
  only: ReadonlySet<string> | null,
  signal: AbortSignal,
): Promise<Verified> {
  const { running, layout, options } = plane;
  const { services: wanted } = settle(asked, running.services, only, options.bind);
  if (only !== null) {
    const among = [...running.services.values()].filter(({ name }) => only.has(name));
    const found = await readServices(layout, among, running.frontends, options, signal);
    const routes = knownRoutes(plane, wanted, among);
    if (found?.pid === running.worker && routes !== null) {
      const verified = verifyAgainst(wanted, reconcile(among, found), found, routes, plane);
      if (verified.outcome === 'yes') return verified;
    }
  }
  const found = await readBack(layout, signal);
  const services = reconcile(running.services.values(), found);
  const routes = routesOf([...expected(services, wanted, only, plane).values()], options);
  const verified = verifyAgainst(wanted, services, found, routes, plane);
  if (verified.outcome === 'no') mirror(running, services.values(), found);
  return verified;
}

/**
 * The rows by which some services are found, as they were last made. Null when the target wants them to be found
 * otherwise: then the services that are not asked for have a say in it.
 */
function knownRoutes(
  { running, options, rejected }: Plane,
  wanted: ReadonlyMap<string, Wanted>,
  among: readonly Service[],
): Routes | null {
  const merged = merge(new Map(among.map((each) => [each.name, each])), wanted, 0, null).services;
  const isOther = (service: Service) =>
    !rejected.has(service.name) &&
    routeIdentity(service, options) !== routeIdentity(merged.get(service.name), options);
  if (among.some(isOther)) return null;
  const keys = routeKeys(among, options);
  const rows = (map: RouteMap): ReadonlyMap<string, string> => {
    const known = keys[map].map((key) => [key, running.maps[map].get(key)] as const);
    return new Map(known.filter((row): row is [string, string] => row[1] !== undefined));
  };
  return { hosts: rows('hosts'), paths: rows('paths'), anycase: rows('anycase'), apps: rows('apps') };
}

/** What is to run: what HAProxy does not take stays as it is. */
function expected(
  services: Services,
  wanted: ReadonlyMap<string, Wanted>,
  only: ReadonlySet<string> | null,
  { rejected }: Plane,
): Services {
  const found = new Map(merge(services, wanted, 0, only).services);
  for (const name of rejected.keys()) {
    if (only !== null && !only.has(name)) continue;
    const runs = services.get(name);
    if (runs === undefined) found.delete(name);
    else found.set(name, runs);
  }
  return found;
}

/**
 * Listeners that are open, names, shares, and which endpoints take requests. What `apply` could not carry out and has
 * said so in its diagnostics is no difference, or it would never end.
 */
function verifyAgainst(
  wanted: ReadonlyMap<string, Wanted>,
  services: Services,
  found: Readback,
  routes: Routes,
  plane: Plane,
): Verified {
  const differences: string[] = [];
  for (const want of wanted.values()) {
    if (plane.rejected.has(want.name)) continue;
    const service = services.get(want.name);
    if (service === undefined) {
      differences.push(`${want.id} is not there`);
      continue;
    }
    for (const listener of want.listeners) {
      const { key } = frontendOf(listener, plane.options.bind);
      if (!found.frontends.has(frontendName(key)) && !plane.refused.has(key))
        differences.push(`${want.id} does not listen on ${key}`);
    }
    if (!sameConditions(want, service)) differences.push(`${want.id} asks for other conditions`);
    const row = splitRow(want.pools);
    const runs = found.maps.split.get(want.name) ?? '';
    if (row !== runs) differences.push(`${want.id} has the shares "${runs}" instead of "${row}"`);
    for (const slot of service.slots) {
      const pool = want.pools.find((each) => each.slot === slot.slot);
      const here = `${want.id} slot ${slot.slot}`;
      const real = found.servers.get(backendName(want.name, slot.slot));
      for (const server of slot.servers.values()) {
        if (server.rotation === 'in' && pool?.servers.get(server.name)?.rotation !== 'in') {
          differences.push(`${here}: ${server.name} takes requests`);
        }
      }
      for (const server of pool?.servers.values() ?? []) {
        const has = slot.servers.get(server.name);
        if (has?.rotation !== server.rotation || !real?.has(server.name)) {
          differences.push(
            `${here}: ${server.name} is ${has?.rotation ?? 'missing'} instead of ${server.rotation}`,
          );
        } else if (has.address !== server.address || has.port !== server.port) {
          differences.push(`${here}: ${server.name} has another address`);
        }
      }
    }
    for (const pool of want.pools) {
      if (!service.slots.some((slot) => slot.slot === pool.slot))
        differences.push(`${want.id} has no slot ${pool.slot}`);
    }
  }
  differences.push(...otherChoices(wanted, found, plane));
  for (const map of routeMaps) {
    for (const key of new Set([...routes[map].keys(), ...found.maps[map].keys()])) {
      const [want, has] = [routes[map].get(key), found.maps[map].get(key)];
      if (want !== has) differences.push(`${key} leads to ${has ?? 'nobody'} instead of ${want ?? 'nobody'}`);
    }
  }
  return differences.length === 0 ? { outcome: 'yes' } : { outcome: 'no', differences };
}

/** Rows that choose for some requests before the shares do: those that are missing, other, or left over. */
function otherChoices(
  wanted: ReadonlyMap<string, Wanted>,
  { maps }: Readback,
  { rejected }: Plane,
): readonly string[] {
  const rows = {
    match: new Map<string, string>(),
    affinity: new Map<string, string>(),
    conditions: new Map<string, string>(),
  };
  for (const { name, matches, conditions, affinity, pools } of wanted.values()) {
    addMatches(name, matches, rows.match);
    addConditions(name, conditions, rows.conditions);
    if (affinity) addAffinity(name, pools, rows.affinity);
  }
  const serviceOf = { match: matchService, affinity: affineService, conditions: conditionService };
  return choiceMaps.flatMap((map) =>
    [...new Set([...rows[map].keys(), ...maps[map].keys()])].flatMap((key) => {
      const [want, has] = [rows[map].get(key), maps[map].get(key)];
      const service = serviceOf[map](key);
      if (want === has || !wanted.has(service) || rejected.has(service)) return [];
      return [`${service} leads ${key} to ${has ?? 'nobody'} instead of ${want ?? 'nobody'}`];
    }),
  );
}
