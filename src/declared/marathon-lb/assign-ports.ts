/** Service ports for apps with an address per task, to which Marathon gives none: marathon-lb's own rule. */
import type { App } from '../../model/app.ts';
import type { AppId } from '../../model/ids.ts';
import { sha1 } from '../../model/sha1.ts';
import { compare } from '../order.ts';

/** From `first` to `last`, both included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** `--min-serv-port-ip-per-task` and `--max-serv-port-ip-per-task` of marathon-lb. */
export const defaultPortRange: PortRange = { first: 10_050, last: 10_100 };

/** After so many taken ports in a row the lowest free one is taken. */
const mostClashes = 50;

/**
 * The assigned service ports by app and port index: of apps in container networks that have no service port at all. The
 * same apps give the same ports, whatever their order: by id they take their turns, where marathon-lb goes by the order
 * of Marathon's answer; that shows only where two of them clash. Ports that find no place are left out.
 */
export function assignServicePorts(
  apps: Iterable<App>,
  range: PortRange = defaultPortRange,
): ReadonlyMap<AppId, ReadonlyMap<number, number>> {
  const taken = new Set<number>();
  const assigned = new Map<AppId, ReadonlyMap<number, number>>();
  const waiting = [...apps].filter(wantsAssignment).sort((a, b) => compare(a.id, b.id));
  for (const { id, ports } of waiting) {
    const own = new Map<number, number>();
    const known = new Map<number, number>();
    for (const { index, containerPort } of ports) {
      if (containerPort === null) continue;
      // Two ports of one app with the same number, such as TCP and UDP, have the same service port.
      const port = known.get(containerPort) ?? freePort(id, containerPort, range, taken);
      if (port === null) continue;
      taken.add(port);
      known.set(containerPort, port);
      own.set(index, port);
    }
    assigned.set(id, own);
  }
  return assigned;
}

function wantsAssignment({ network, ports }: App): boolean {
  return network === 'container' && ports.length > 0 && ports.every((port) => (port.servicePort ?? 0) === 0);
}

function freePort(
  app: AppId,
  containerPort: number,
  range: PortRange,
  taken: ReadonlySet<number>,
): number | null {
  const size = range.last - range.first + 1;
  if (taken.size >= size) return null;
  for (let attempt = 0; attempt < mostClashes; attempt += 1) {
    const hash = Number.parseInt(sha1(`${app}-${containerPort}-${attempt}`).slice(0, 8), 16);
    const port = range.first + (hash % size);
    if (!taken.has(port)) return port;
  }
  for (let port = range.first; port <= range.last; port += 1) if (!taken.has(port)) return port;
  return null;
}
