/** Compares a target with what was read back. */
import type { Verified } from '../driver.ts';
import { frontendName, frontendOf } from './frontends.ts';
import { mapsOf } from './maps.ts';
import { merge } from './merge.ts';
import { mirror, type Plane } from './plane.ts';
import { readBack, type Readback, readServices, reconcile } from './readback.ts';
import { splitRow } from './split.ts';
import { backendName, type Services } from './state.ts';
import type { Wanted } from './wanted.ts';

/** What `apply` could not carry out and has said so in its diagnostics: no difference, or it would never end. */
export interface LeftOut {
  /** Frontends that cannot be bound, by key. */
  readonly refused: { readonly has: (key: string) => boolean };
  /** Services whose configuration HAProxy does not take, by name. */
  readonly rejected: { readonly keys: () => Iterable<string>; readonly has: (name: string) => boolean };
}

/**
 * Reads back and compares. Some services are asked for by themselves; what is not as it should be is looked at as a
 * whole, and the mirror corrected.
 * @param only the services that it is about, by name; null: all
 * @throws DataPlaneError when HAProxy does not answer
 */
export async function verify(
  plane: Plane,
  wanted: ReadonlyMap<string, Wanted>,
  only: ReadonlySet<string> | null,
  signal: AbortSignal,
): Promise<Verified> {
  const { running, layout, options } = plane;
  if (only !== null) {
    const among = [...running.services.values()].filter(({ name }) => only.has(name));
    const found = await readServices(layout, among, running.frontends, options.bind, signal);
    if (found?.pid === running.worker) {
      const verified = verifyAgainst(wanted, reconcile(among, found), only, found, options.bind, plane);
      if (verified.outcome === 'yes') return verified;
    }
  }
  const found = await readBack(layout, signal);
  const services = reconcile(running.services.values(), found);
  const verified = verifyAgainst(wanted, services, only, found, options.bind, plane);
  if (verified.outcome === 'no') mirror(running, services.values(), found);
  return verified;
}

/** Listeners that are open, names, shares, and which endpoints take requests. */
function verifyAgainst(
  wanted: ReadonlyMap<string, Wanted>,
  services: Services,
  only: ReadonlySet<string> | null,
  found: Readback,
  bind: string,
  leftOut: LeftOut,
): Verified {
  const differences: string[] = [];
  for (const want of wanted.values()) {
    if (leftOut.rejected.has(want.name)) continue;
    const service = services.get(want.name);
    if (service === undefined) {
      differences.push(`${want.id} is not there`);
      continue;
    }
    for (const listener of want.listeners) {
      const { key } = frontendOf(listener, bind);
      if (!found.frontends.has(frontendName(key)) && !leftOut.refused.has(key))
        differences.push(`${want.id} does not listen on ${key}`);
    }
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
  const expected = new Map(merge(services, wanted, 0, only).services);
  for (const name of leftOut.rejected.keys()) {
    if (only !== null && !only.has(name)) continue;
    const runs = services.get(name);
    if (runs === undefined) expected.delete(name);
    else expected.set(name, runs);
  }
  const { hosts } = mapsOf(expected.values(), bind);
  for (const key of new Set([...hosts.keys(), ...found.maps.hosts.keys()])) {
    const [want, has] = [hosts.get(key), found.maps.hosts.get(key)];
    if (want !== has) differences.push(`${key} leads to ${has ?? 'nobody'} instead of ${want ?? 'nobody'}`);
  }
  return differences.length === 0 ? { outcome: 'yes' } : { outcome: 'no', differences };
}
