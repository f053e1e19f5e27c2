/** Ports that are free now and that no other test file and no outgoing connection gets. */
import { freePortsIn, quietPorts } from '../../src/cli/demo/free-ports.ts';

/** More than test files that run at a time. */
const parts = 8;

/** So many different ports of 127.0.0.1. */
export const freePorts = freePortsIn(partOfThisWorker());

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('no port');
  return port;
}

/** The first of so many ports in a row. */
export async function freeRow(count: number): Promise<number> {
  for (;;) {
    const ports = await freePorts(count);
    const [first = 0] = ports;
    if (ports.every((port, index) => port === first + index)) return first;
  }
}

/** Vitest numbers its workers from 1; the benchmark and what it starts have no number. */
function partOfThisWorker(): readonly [number, number] {
  const [from, to] = quietPorts();
  const size = Math.floor((to - from) / parts);
  const part = Number(process.env['VITEST_POOL_ID'] ?? 0) % parts;
  return [from + part * size, from + (part + 1) * size];
}
