/** Which listener already has an address, port and host name; finding it does not take longer the more there are. */
import type { AppId } from '../model/ids.ts';
import { type Listener, pathText } from './types.ts';

interface Holder {
  readonly app: AppId;
  /** Who came earlier is named. */
  readonly order: number;
}

interface OnAddress {
  readonly first: Holder;
  /** One socket speaks one protocol. */
  readonly protocol: string;
  /** By host name and path; the empty one stands for all that no other service names. */
  readonly byPlace: Map<string, Holder>;
}

export interface Taken {
  /** The app that holds what this listener wants, or part of it; null when nobody does, and it is the holder now. */
  claim(app: AppId, listener: Listener): AppId | null;
}

export function createTaken(): Taken {
  const ports = new Map<number, Map<string | null, OnAddress>>();
  let order = 0;

  return {
    claim(app, listener) {
      const addresses = ports.get(listener.port) ?? new Map<string | null, OnAddress>();
      const rivals = rivalsIn(addresses, listener);
      const [keeper] = rivals.sort((a, b) => a.order - b.order);
      if (keeper !== undefined) return keeper.app;
      ports.set(listener.port, addresses);
      const holder = { app, order: order++ };
      const here = addresses.get(listener.address) ?? {
        first: holder,
        protocol: protocolOf(listener),
        byPlace: new Map<string, Holder>(),
      };
      addresses.set(listener.address, here);
      for (const place of placesOf(listener)) here.byPlace.set(place, holder);
      return null;
    },
  };
}

/**
 * Those that want the same requests on this port. No host name means all that no other service names; no address means
 * every address, and host names cannot part what comes to different sockets, or in different protocols.
 */
function rivalsIn(addresses: ReadonlyMap<string | null, OnAddress>, listener: Listener): Holder[] {
  const rivals: Holder[] = [];
  for (const [address, { first, protocol, byPlace }] of addresses) {
    if (address !== listener.address) {
      if (address === null || listener.address === null) rivals.push(first);
      continue;
    }
    if (protocol !== protocolOf(listener)) rivals.push(first);
    for (const place of placesOf(listener)) {
      const holder = byPlace.get(place);
      if (holder !== undefined) rivals.push(holder);
    }
  }
  return rivals;
}

function protocolOf({ mode, tls }: Listener): string {
  return `${mode}${tls === null ? '' : ' with TLS'}`;
}

function placesOf({ hosts, paths }: Listener): readonly string[] {
  if (hosts.length === 0) return [''];
  const texts = paths.length === 0 ? [''] : paths.map(pathText);
  return hosts.flatMap((host) => texts.map((path) => `${host} ${path}`));
}
