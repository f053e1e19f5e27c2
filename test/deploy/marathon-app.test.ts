/** Marathon takes the app that runs Baton as it stands in the repository. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { checkout } from '../support/planted.ts';
import { until } from '../support/wait.ts';

const answered = z.looseObject({ id: z.string(), version: z.string() });
const list = z.object({
  app: z.looseObject({
    tasksRunning: z.number(),
    portDefinitions: z.array(z.looseObject({ port: z.number() })),
    networks: z.array(z.looseObject({ mode: z.string() })),
    upgradeStrategy: z.unknown(),
    env: z.record(z.string(), z.string()),
  }),
});

it('is created, and runs once', async () => {
  const definition = readFileSync(join(checkout, 'deploy/marathon/baton.json'), 'utf8');
  const posted = z.object({ env: z.record(z.string(), z.string()) }).parse(JSON.parse(definition));
  const simulator = await startSimulator({ tasks: 'addresses', startDelayMs: 1 });
  try {
    const created = await fetch(`${simulator.url}/v2/apps`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: definition,
    });
    expect({ status: created.status, app: answered.parse(await created.json()).id }).toEqual({
      status: 201,
      app: '/baton',
    });

    const { app } = await until('the task of /baton', async () => {
      const read = list.parse(await (await fetch(`${simulator.url}/v2/apps//baton`)).json());
      return read.app.tasksRunning === 1 ? read : undefined;
    });
    expect(app.env).toEqual(posted.env);
    expect(app.networks).toMatchObject([{ mode: 'host' }]);
    expect(app.portDefinitions.map(({ port }) => port)).toEqual([80, 8090]);
    expect(app.upgradeStrategy).toEqual({ minimumHealthCapacity: 0, maximumOverCapacity: 0 });
  } finally {
    await simulator.close();
  }
});
