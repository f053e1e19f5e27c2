/** The contract of data planes, kept by the one in memory. */
import { expect, test } from 'vitest';
import { createMemoryDriver } from '../../src/dataplane/memory/driver.ts';
import type { SlotName } from '../../src/model/ids.ts';
import { endpoints, pool, service } from '../support/targets.ts';
import { driverContract } from './driver-contract.ts';

test('the driver in memory counts what it is told was served', async () => {
  const driver = createMemoryDriver({}, { notify: () => undefined });
  const target = service('/app', 8_001, [pool('/app', 'a', 10_000, endpoints('app', [9_001]))]);
  const signal = AbortSignal.timeout(1_000);
  await driver.apply([target], signal);
  driver.serve(target.service, 'a' as SlotName, 8, { errors: 1, ms: 5 });
  driver.serve(target.service, 'a' as SlotName, 2, { ms: 1e9 });
  const slot = (await driver.observe(signal)).services.get(target.service)?.slots[0];
  expect([slot?.requests, slot?.errors, slot?.durations[0], slot?.durations.at(-1)]).toEqual([10, 1, 8, 2]);
});

driverContract('memory', async () => ({
  driver: createMemoryDriver({}, { notify: () => undefined }),
  notices: [],
  ports: [9_001, 9_002, 9_003],
  listen: [8_001, 8_002],
  dispose: async () => undefined,
}));
