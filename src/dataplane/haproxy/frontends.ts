/** Frontends: one for each address and port, whatever number of services share it. */
import type { Listener } from '../../declared/types.ts';
import { endpointText } from './grammar.ts';
import type { Service } from './state.ts';

export interface Frontend {
  /** `*:80`, `10.0.0.1:80`, `[::1]:80`: the map keys' prefix. */
  readonly key: string;
  readonly address: string;
  readonly port: number;
}

export function frontendOf(listener: Listener, bind: string): Frontend {
  const address = (listener.address ?? bind).toLowerCase();
  return { key: endpointText(address, listener.port), address, port: listener.port };
}

/** All frontends that services need, sorted, each with the first service that asked for it. */
export function frontendsOf(
  services: Iterable<Service>,
  bind: string,
): ReadonlyMap<string, { readonly frontend: Frontend; readonly service: Service }> {
  const found = new Map<string, { frontend: Frontend; service: Service }>();
  for (const service of services) {
    for (const listener of service.listeners) {
      const frontend = frontendOf(listener, bind);
      if (!found.has(frontend.key)) found.set(frontend.key, { frontend, service });
    }
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export const frontendPrefix = ':in:';

/** A frontend's name in the configuration; the brackets of an IPv6 address are not in HAProxy's alphabet. */
export function frontendName(key: string): string {
  return `${frontendPrefix}${key.replaceAll('[', '').replaceAll(']', '').replace('*', 'any')}`;
}
