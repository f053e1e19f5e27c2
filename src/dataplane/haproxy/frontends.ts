/** Frontends: one for each address and port, whatever number of services share it. */
import type { Listener, Mode } from '../../declared/types.ts';
import type { Conditioned } from './condition-rules.ts';
import { endpointText } from './grammar.ts';
import type { BindPlace, HaproxyOptions } from './options.ts';
import type { Service } from './state.ts';

/** Where connections come in. */
export interface Place {
  /** `*:80`, `10.0.0.1:80`, `[::1]:80`: the map keys' prefix. */
  readonly key: string;
  readonly address: string;
  readonly port: number;
}

/** What is listened with. Its listeners agree about that (`settle`), except that each may bring certificates. */
export interface Frontend extends Place {
  readonly purpose: 'services' | 'statistics' | 'apps';
  readonly mode: Mode;
  /** Null: plain. Files; sorted. */
  readonly certificates: readonly string[] | null;
  readonly bindOptions: readonly string[];
}

export function frontendOf(listener: Listener, bind: string): Place {
  const address = (listener.address ?? bind).toLowerCase();
  return { key: endpointText(address, listener.port), address, port: listener.port };
}

/** All frontends that services need, sorted, each with the first service that asked for it. */
/** Those that nobody's labels ask for. */
export function ownFrontends({ statistics, appIds }: HaproxyOptions): readonly Frontend[] {
  const shape = { mode: 'http', certificates: null, bindOptions: [] } as const;
  const own = (place: BindPlace | null | undefined, purpose: Frontend['purpose']): readonly Frontend[] => {
    if (place === null || place === undefined) return [];
    const { host: address, port } = place;
    return [{ key: endpointText(address, port), address, port, purpose, ...shape }];
  };
  return [...own(statistics, 'statistics'), ...own(appIds, 'apps')];
}

/** The list of its certificates, of a frontend that speaks TLS. */
export function certificateListFile(key: string): string {
  return `tls/${frontendName(key).slice(frontendPrefix.length)}.list`;
}

export function frontendsOf(
  services: Iterable<Service>,
  bind: string,
): ReadonlyMap<string, { readonly frontend: Frontend; readonly service: Service }> {
  const found = new Map<string, { frontend: Frontend; service: Service }>();
  for (const service of services) {
    for (const listener of service.listeners) {
      const place = frontendOf(listener, bind);
      const { mode, tls, bindOptions } = listener;
      const before = found.get(place.key);
      if (before === undefined) {
        const certificates = tls === null ? null : [...new Set(tls.certificates)].sort();
        found.set(place.key, {
          frontend: { ...place, purpose: 'services', mode, certificates, bindOptions },
          service,
        });
      } else if (tls !== null) {
        const certificates = [
          ...new Set([...(before.frontend.certificates ?? []), ...tls.certificates]),
        ].sort();
        found.set(place.key, { ...before, frontend: { ...before.frontend, certificates } });
      }
    }
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** By frontend: whom its requests are asked about conditions for. */
export function conditionsOf(
  services: Iterable<Service>,
  bind: string,
): ReadonlyMap<string, readonly Conditioned[]> {
  const found = new Map<string, Conditioned[]>();
  for (const { name, listeners, conditions } of services) {
    if (conditions.length === 0) continue;
    const conditioned = { service: name, conditions: conditions.map(({ condition }) => condition) };
    for (const key of new Set(listeners.map((listener) => frontendOf(listener, bind).key))) {
      const before = found.get(key) ?? [];
      found.set(key, [...before, conditioned]);
    }
  }
  return found;
}

export const frontendPrefix = ':in:';

/** A frontend's name in the configuration; the brackets of an IPv6 address are not in HAProxy's alphabet. */
export function frontendName(key: string): string {
  return `${frontendPrefix}${key.replaceAll('[', '').replaceAll(']', '').replace('*', 'any')}`;
}
