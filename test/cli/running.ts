/** A Baton's API that says what a test wants it to, and a Marathon to plan with. */
import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import type { ApiDependencies } from '../../src/api/routes.ts';
import { startApi } from '../../src/api/server.ts';
import type { ControllerState } from '../../src/controller/state.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { until } from '../support/wait.ts';
import { up, World } from '../plan/world.ts';

/** Two versions of app1, the newer carrying all. */
export function twoVersions(): World {
  return new World([
    { id: 'app1', priority: 0, tasks: up('app1', 2) },
    { id: 'app1-100', priority: 10, tasks: up('app1-100', 2) },
  ]);
}

/** The address of a Baton that is in this state. */
export async function tellingBaton(
  state: Partial<ControllerState>,
  more: Partial<ApiDependencies> = {},
): Promise<string> {
  const whole: ControllerState = {
    marathon: {
      connected: true,
      syncedAt: Date.now() as never,
      heardAt: null,
      failingSince: null,
      trouble: null,
      pending: 0,
    },
    services: [],
    realised: new Map(),
    diagnostics: [],
    notReady: null,
    ...state,
  };
  const api = await startApi(
    { host: '127.0.0.1', port: 0 },
    {
      state: () => whole,
      metrics: async () => ({ contentType: 'text/plain', text: '' }),
      notReady: () => whole.notReady,
      ...more,
    },
  );
  onTestFinished(() => api.close());
  return `http://${api.address}`;
}

/** The address of something that is no Baton. */
export async function answering(
  status: number,
  body: string,
  asked: (request: IncomingMessage) => void = () => {},
): Promise<string> {
  const server = createServer((request, response) => {
    asked(request);
    response.writeHead(status).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

/** A Marathon with these apps, all of their tasks healthy. */
export async function marathonWith(
  ...apps: readonly Readonly<Record<string, unknown>>[]
): Promise<Simulator> {
  const simulator = await startSimulator({ tasks: 'addresses', healthSpeed: 100, startDelayMs: 1 });
  onTestFinished(() => simulator.close());
  for (const app of apps) await send(simulator, app);
  for (const { id, instances } of apps) {
    await until(`${String(id)} to be healthy`, async () => {
      const answer = await fetch(`${simulator.url}/v2/apps/${String(id)}`);
      const { app } = (await answer.json()) as { app: Readonly<Record<string, unknown>> };
      return app['tasksHealthy'] === instances;
    });
  }
  return simulator;
}

async function send(simulator: Simulator, app: unknown): Promise<void> {
  const answer = await fetch(`${simulator.url}/v2/apps`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(app),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
}
