/** The watch follows each version of a simulated Marathon through the life of apps, and ends up with what the API lists. */
import { afterEach, describe, expect, test } from 'vitest';
import { type MarathonVersion, marathonVersions } from '../../src/simulator/dialect.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { until } from '../support/wait.ts';
import { ask } from './support/asking.ts';
import { startSynced, type Watching } from './support/watching.ts';

let simulator: Simulator;
let watching: Watching;

interface Listed {
  readonly id: string;
  readonly version: string;
  readonly instances: number;
  readonly deployments: readonly unknown[];
  readonly tasks: readonly { id: string; state: string; ports: readonly number[]; version?: string }[];
}

async function begin(marathonVersion: MarathonVersion): Promise<void> {
  // New definitions show late, as they do on a busy Marathon.
  simulator = await startSimulator({
    marathonVersion,
    tasks: 'addresses',
    healthSpeed: 20,
    startDelayMs: 20,
    killGraceMs: 50,
    heartbeatMs: 200,
    visibilityDelayMs: 60,
  });
  watching = await startSynced([simulator.url], { idleMs: 1000 });
}

afterEach(async () => {
  await watching.stop();
  await simulator.close();
});

async function send(method: string, path: string, body?: unknown): Promise<void> {
  const answer = await ask(simulator.url, method, path, body);
  expect(answer).toMatchObject({ status: method === 'POST' ? 201 : 200 });
}

async function listed(): Promise<readonly Listed[]> {
  const response = await fetch(`${simulator.url}/v2/apps?embed=apps.tasks&embed=apps.deployments`);
  return ((await response.json()) as { apps: readonly Listed[] }).apps;
}

function summary(apps: readonly Listed[]): unknown {
  return apps
    .map(({ id, version, instances, tasks }) => ({
      id,
      version,
      instances,
      tasks: tasks
        .map((task) => ({ id: task.id, state: task.state, ports: task.ports, version: task.version ?? null }))
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function watched(): unknown {
  const apps = [...watching.watch.snapshot().apps.values()];
  return summary(
    apps.map((app) => ({
      ...app,
      deployments: [],
      tasks: app.tasks.map(({ id, state, ports, version }) => ({
        id,
        state,
        ports,
        ...(version && { version }),
      })),
    })),
  );
}

/** Waits until nothing is deployed and the snapshot says what the API says. */
async function settled(): Promise<void> {
  await until('no deployment', async () =>
    (await listed()).every(({ deployments }) => deployments.length === 0),
  );
  await until(
    'the same picture',
    async () => JSON.stringify(watched()) === JSON.stringify(summary(await listed())),
    { deadlineMs: 8000, detail: watched },
  );
}

function shop(version: string): Record<string, unknown> {
  return {
    id: '/shop/web',
    cmd: 'serve',
    instances: 3,
    env: { RELEASE: version },
    labels: { release: version },
    // The old form, which all versions read.
    container: {
      type: 'DOCKER',
      docker: {
        image: `shop/web:${version}`,
        network: 'BRIDGE',
        portMappings: [{ containerPort: 8080, hostPort: 0, servicePort: 0, protocol: 'tcp' }],
      },
    },
    healthChecks: [
      { protocol: 'HTTP', path: `/health/${version}`, intervalSeconds: 2, gracePeriodSeconds: 10 },
    ],
    upgradeStrategy: { minimumHealthCapacity: 0.5, maximumOverCapacity: 0.5 },
  };
}

const web = () => watching.app('/shop/web');

describe.each(marathonVersions)('Marathon %s', (version) => {
  test('create, scale, upgrade, fail, scale to nothing, delete: without one list after the first', async () => {
    await begin(version);
    await send('POST', '/v2/apps', shop('1'));
    await settled();
    expect(web()?.network).toBe('bridge');
    expect(web()?.ports).toMatchObject([{ containerPort: 8080, protocol: 'tcp' }]);
    await until(
      'all up',
      () => web()?.tasks.length === 3 && web()?.tasks.every(({ health }) => health === 'up'),
    );

    await send('PUT', '/v2/apps/shop/web', { instances: 5 });
    await settled();
    expect(web()?.tasks.map(({ current }) => current)).toEqual([true, true, true, true, true]);

    const mixed: string[][] = [];
    const look = setInterval(() => {
      const old = web()?.tasks.filter(({ current }) => !current) ?? [];
      if (old.length > 0) mixed.push(old.map((task) => task.healthChecks[0]?.path ?? 'none'));
    }, 5);
    await send('PUT', '/v2/apps/shop/web', { ...shop('2'), instances: 4 });
    await settled();
    clearInterval(look);
    expect(web()?.labels).toEqual({ release: '2' });
    expect(mixed.length).toBeGreaterThan(0);
    expect(new Set(mixed.flat())).toEqual(new Set(['/health/1']));

    simulator.behaveApp('/shop/web', { unhealthy: true });
    await until('somebody down', () => web()?.tasks.some(({ health }) => health === 'down'));
    simulator.behaveApp('/shop/web', { unhealthy: false });
    await until(
      'all up',
      () => web()?.tasks.length === 4 && web()?.tasks.every(({ health }) => health === 'up'),
    );

    await send('PUT', '/v2/apps/shop/web', { instances: 0 });
    await settled();
    expect(web()).toMatchObject({ instances: 0, tasks: [] });

    await send('DELETE', '/v2/apps/shop/web');
    await settled();
    expect(watching.watch.snapshot().apps.size).toBe(0);
    expect(watching.of('synced')).toHaveLength(1);
    expect(watching.of('sync-failed')).toEqual([]);
  });

  test('what happens while the stream is away is in the list after it', async () => {
    await begin(version);
    await send('POST', '/v2/apps', shop('1'));
    simulator.closeStreams();
    await send('POST', '/v2/apps', { ...shop('1'), id: '/shop/api' });
    await settled();
    expect(watching.of('synced').map(({ reason }) => reason)).toContain('reconnect');
  });
});
