/** Which listener already has an address, port and host name; finding it does not take longer the more there are. */
import type { AppId } from '../model/ids.ts';
import type { Listener } from './types.ts';

interface Holder {
  readonly app: AppId;
  /** Who came earlier is named. */
  readonly order: number;
}

interface OnAddress {
  readonly first: Holder;
  /** By host name; the empty one stands for all that no other service names. */
  readonly byHost: Map<string, Holder>;
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
      const here = addresses.get(listener.address) ?? { first: holder, byHost: new Map<string, Holder>() };
      addresses.set(listener.address, here);
      for (const host of hostsOf(listener)) here.byHost.set(host, holder);
      return null;
    },
  };
}

/**
 * Those that want the same requests on this port. No host name means all that no other service names; no address means
 * every address, and host names cannot part what comes to different sockets.
 */
function rivalsIn(addresses: ReadonlyMap<string | null, OnAddress>, listener: Listener): Holder[] {
  const rivals: Holder[] = [];
  for (const [address, { first, byHost }] of addresses) {
    if (address !== listener.address) {
      if (address === null || listener.address === null) rivals.push(first);
      continue;
    }
    for (const host of hostsOf(listener)) {
      const holder = byHost.get(host);
      if (holder !== undefined) rivals.push(holder);
    }
  }
  return rivals;
}

function hostsOf({ hosts }: Listener): readonly string[] {
  return hosts.length === 0 ? [''] : hosts;
}
