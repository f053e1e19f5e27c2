/** Ports for processes that are yet to start: free now, and none that the system gives to an outgoing connection meanwhile. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** From the first port up to, and without, the second. */
export type PortRange = readonly [from: number, to: number];

/** Some so many different ports of 127.0.0.1 that nobody listens on. @throws Error when there are none */
export type FreePorts = (count: number) => Promise<readonly number[]>;

/** Below it programs that one knows have their ports. */
const lowest = 10_240;
const highest = 65_535;
/** So many are room enough. */
const enough = 2_000;

/** Where nobody's outgoing connections are: below the ports that the system takes for them, else above. */
export function quietPorts([from, to]: PortRange = portsOfConnections()): PortRange {
  const quiet = [
    [lowest, from],
    [Math.max(lowest, to), highest + 1],
  ] as const;
  return quiet.find(([first, end]) => end - first >= enough) ?? [lowest, highest + 1];
}

/** Goes round in a range from a place of chance, so that no port comes again before all others, and two processes seldom meet. */
export function freePortsIn([from, to]: PortRange): FreePorts {
  const size = to - from;
  let next = Math.floor(Math.random() * size);
  return async (count) => {
    const found: number[] = [];
    for (let tried = 0; found.length < count; tried += 1) {
      if (tried === size) throw new Error(`no ${count} ports are free from ${from} to ${to - 1}`);
      const port = from + next;
      next = (next + 1) % size;
      if (await isFree(port)) found.push(port);
    }
    return found;
  };
}

/** What Linux says; elsewhere what the registry of ports has for this. */
function portsOfConnections(): PortRange {
  try {
    const text = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
    const [from = Number.NaN, last = Number.NaN] = text.trim().split(/\s+/).map(Number);
    if (from < last) return [from, last + 1];
  } catch {
    // No Linux.
  }
  return [49_152, highest + 1];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
