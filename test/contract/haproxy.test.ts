/** The contract of data planes, kept by a real HAProxy. */
import { afterAll, beforeAll } from 'vitest';
import { openStage } from '../dataplane/haproxy/stage.ts';
import { type Farm, startFarm } from '../support/farm.ts';
import { freePorts } from '../support/free-ports.ts';
import { driverContract } from './driver-contract.ts';

let farm: Farm | undefined;
beforeAll(async () => {
  farm = await startFarm('app', 3);
});
afterAll(async () => {
  await farm?.kill();
});

driverContract('haproxy', async () => {
  const stage = await openStage();
  return {
    driver: stage.driver,
    notices: stage.notices,
    ports: farm?.ports ?? [],
    listen: await freePorts(2),
    dispose: stage.dispose,
  };
});
