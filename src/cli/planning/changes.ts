/** What differs between two pictures of the services: before and after. */
import { nameOf } from '../../plan/reasons.ts';
import type { ShownPool, ShownService } from './shown.ts';

export interface PoolChange {
  readonly app: string;
  /** Percent of the service's traffic; null where the pool is not. */
  readonly before: number | null;
  readonly after: number | null;
  /** Why it has that share then; null for a pool that goes. */
  readonly because: ShownPool['because'] | null;
}

export interface ServiceChange {
  readonly service: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** Where it listens before and after, `*:80 (a.example.com)`, sorted. */
  readonly listeners: { readonly before: readonly string[]; readonly after: readonly string[] };
  /** All pools, also those whose share stays. */
  readonly pools: readonly PoolChange[];
}

/** Services that differ in where they listen, in their pools or in a share. */
export function changesBetween(
  before: readonly ShownService[],
  after: readonly ShownService[],
): readonly ServiceChange[] {
  const old = new Map(before.map((service) => [service.service, service]));
  const fresh = new Map(after.map((service) => [service.service, service]));
  const names = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  return names.flatMap((name) => changeOf(name, old.get(name), fresh.get(name)) ?? []);
}

function changeOf(
  service: string,
  before: ShownService | undefined,
  after: ShownService | undefined,
): ServiceChange | null {
  const listeners = { before: bindsOf(before), after: bindsOf(after) };
  const apps = new Set([...(after?.pools ?? []), ...(before?.pools ?? [])].map(({ app }) => app));
  const pools = [...apps].map((app): PoolChange => {
    const then = after?.pools.find((pool) => pool.app === app);
    const now = before?.pools.find((pool) => pool.app === app);
    return { app, before: now?.weight ?? null, after: then?.weight ?? null, because: then?.because ?? null };
  });
  const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  const isSame =
    change === 'changed' &&
    listeners.before.join() === listeners.after.join() &&
    pools.every((pool) => pool.before === pool.after);
  return isSame ? null : { service, change, listeners, pools };
}

/** `*:80 (a.example.com/shop, https)`; `*:10001 (tcp, to shop/web)` */
export function bindsOf(service: ShownService | undefined): readonly string[] {
  return (service?.listener.binds ?? [])
    .map(({ address, port, hosts, mode, paths, tls, only }) => {
      const bound = `${address?.includes(':') === true ? `[${address}]` : (address ?? '*')}:${port}`;
      const places = paths.length === 0 ? hosts : hosts.flatMap((host) => paths.map((path) => host + path));
      const how = [mode === 'tcp' ? 'tcp' : null, tls ? (mode === 'tcp' ? 'tls' : 'https') : null];
      const more = [...places, ...how, only === null ? null : `to ${nameOf(only)}`];
      const said = more.filter((each) => each !== null);
      return said.length === 0 ? bound : `${bound} (${said.join(', ')})`;
    })
    .sort();
}
