/** That processes get ports that stay free until they bind them. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { freePortsIn, quietPorts } from '../../src/cli/demo/free-ports.ts';

test.each([
  ['below what Linux takes for connections', [32_768, 61_000], [10_240, 32_768]],
  ['below what macOS takes for them', [49_152, 65_536], [10_240, 49_152]],
  ['above, where there is no room below', [1024, 60_000], [60_000, 65_536]],
  ['below, where there is a little', [12_240, 65_536], [10_240, 12_240]],
  ['anywhere, where connections take them all', [1024, 65_536], [10_240, 65_536]],
] as const)('%s', (_, connections, quiet) => {
  expect(quietPorts(connections)).toEqual(quiet);
});

test('ports are of the range, and none comes again before all others', async () => {
  const [from] = quietPorts();
  const free = freePortsIn([from, from + 400]);
  const ports = [...(await free(100)), ...(await free(1)), ...(await free(100))];
  expect(new Set(ports).size).toBe(201);
  expect(ports.every((port) => port >= from && port < from + 400)).toBe(true);
});

test('a port that somebody listens on is left out', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(freePortsIn([taken, taken + 1])(1)).rejects.toThrow(
    `no 1 ports are free from ${taken} to ${taken}`,
  );
});
