/** Where gateways want to be reached. */
import { type AppId, appId } from '../../model/ids.ts';
import type { Request } from '../allot.ts';
import { type DeclareOptions, type Listener, plainListener } from '../types.ts';
import type { Gateway } from './gateway.ts';

/** What a gateway's service is named after: `/gateway/NAME`, in the characters that the data plane's names may have. */
export function gatewayId(name: string): AppId {
  return appId(`gateway/${name.replace(/[^A-Za-z0-9._/-]/gu, '-')}`);
}

const first = 40_000;
const last = 45_000;

/** The listeners that each gateway wants, in the order of the gateways: its port, and port 80 for its virtual hosts. */
export function gatewayRequests(gateways: readonly Gateway[], options: DeclareOptions): readonly Request[] {
  const chosen = chosenPorts(gateways);
  const listener = (port: number): Listener => plainListener(port, options.mapPorts.get(port) ?? port);
  return gateways.map((gateway, index) => {
    const own = { ...listener(chosen.get(gateway.name) ?? gateway.port), mode: gateway.mode };
    // One each, so that a host that another service has does not take the others with it.
    const hosts = gateway.virtualHosts.map((host) => ({ ...listener(80), hosts: [host] }));
    return {
      app: gatewayId(gateway.name),
      gateway: gateway.name,
      // No ISO time is greater than a tilde: those of which nobody knows when they came, came last, in their order.
      since: gateway.createdAt ?? `~${String(index).padStart(9, '0')}`,
      order: index,
      label: null,
      value: null,
      listeners: [own, ...hosts],
    };
  });
}

/** The ports of those that leave it open: by name, so that others may come and go, and the next one where two agree. */
function chosenPorts(gateways: readonly Gateway[]): ReadonlyMap<string, number> {
  const taken = new Set(gateways.map(({ port }) => port));
  const chosen = new Map<string, number>();
  for (const { name } of gateways.filter(({ port }) => port === 0)) {
    let port = first + (hashOf(name) % (last - first + 1));
    for (let tries = 0; taken.has(port) && tries <= last - first; tries += 1)
      port = port === last ? first : port + 1;
    taken.add(port);
    chosen.set(name, port);
  }
  return chosen;
}

function hashOf(name: string): number {
  let hash = 7;
  for (let at = 0; at < name.length; at += 1) hash = (hash * 31 + name.charCodeAt(at)) % 1_000_003;
  return hash;
}
