/** The contract of data planes, kept by the one in memory. */
import { createMemoryDriver } from '../../src/dataplane/memory/driver.ts';
import { driverContract } from './driver-contract.ts';

driverContract('memory', async () => ({
  driver: createMemoryDriver({}, { notify: () => undefined }),
  notices: [],
  ports: [9_001, 9_002, 9_003],
  listen: [8_001, 8_002],
  dispose: async () => undefined,
}));
