/** Pods beside apps in each version of a simulated Marathon: what they do costs no error, no list and no app. */
import { afterEach, expect, test } from 'vitest';
import { appId, taskId } from '../../src/model/ids.ts';
import { type MarathonVersion, marathonVersions } from '../../src/simulator/dialect.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { until } from '../support/wait.ts';
import { ask } from './support/asking.ts';
import { startSynced, type Watching } from './support/watching.ts';
import { inTime, startAsking } from './support/writing.ts';

let simulator: Simulator;
let watching: Watching;
let withdrawn: string[];

async function begin(marathonVersion: MarathonVersion): Promise<void> {
  simulator = await startSimulator({
    marathonVersion,
    tasks: 'addresses',
    startDelayMs: 5,
    killGraceMs: 50,
    heartbeatMs: 200,
  });
  withdrawn = [];
  watching = await startSynced([simulator.url], { withdraw: (app) => withdrawn.push(app) });
  await send('POST', '/v2/apps', { id: '/shop/web', cmd: 'serve', instances: 2, cpus: 0.1, mem: 32 });
  await settled();
}

afterEach(async () => {
  await watching.stop();
  await simulator.close();
});

async function send(method: string, path: string, body?: unknown): Promise<void> {
  const said = await ask(simulator.url, method, path, body);
  expect({ ok: said.status >= 200 && said.status < 300, body: said.body }).toMatchObject({ ok: true });
}

async function settled(): Promise<void> {
  await until('no deployment', async () => {
    const response = await fetch(`${simulator.url}/v2/deployments`);
    return ((await response.json()) as unknown[]).length === 0;
  });
  await until('all looked at', () => watching.watch.status().pending === 0);
}

function pod(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id: '/shop/pod',
    containers: ['one', 'two'].map((name) => ({
      name,
      resources: { cpus: 0.1, mem: 32 },
      endpoints: [{ name: `http-${name}`, hostPort: 0 }],
    })),
    // A label that would declare a service, if pods had any say.
    labels: { HAPROXY_GROUP: 'external', HAPROXY_0_VHOST: 'pod.example' },
    scheduling: { backoff: { backoff: 0 } },
    ...more,
  };
}

test.each(marathonVersions)('a pod that flaps beside an app of %s', async (version) => {
  await begin(version);
  const before = watching.watch.snapshot().apps;
  const read = watching.of('request').length;
  await send('POST', '/v2/pods', pod());
  await settled();
  for (let round = 0; round < 3; round += 1) {
    await until('it runs', () => simulator.crashApp('/shop/pod').length === 1);
    await settled();
  }
  await send('PUT', '/v2/pods/shop/pod', pod({ scaling: { kind: 'fixed', instances: 3 } }));
  await settled();
  await send('PUT', '/v2/pods/shop/pod', pod({ environment: { RELEASE: '2' } }));
  await settled();
  await send('DELETE', '/v2/pods/shop/pod');
  await settled();

  const heard = (type: string) => watching.of('event').some(({ eventType }) => eventType === type);
  await until(
    'its end was heard of',
    () => heard('app_terminated_event') && watching.watch.status().pending === 0,
  );
  expect(heard('status_update_event')).toBe(true);
  expect(heard('instance_changed_event')).toBe(true);
  expect(watching.watch.snapshot().apps).toEqual(before);
  expect(watching.watch.status()).toMatchObject({ connected: true, trouble: null, failingSince: null });
  expect(withdrawn).toEqual([]);
  expect(watching.of('sync-failed')).toEqual([]);
  expect(watching.of('rejected')).toEqual([]);
  expect(watching.of('synced')).toHaveLength(1);
  // Each event costs one read at most, and none is repeated for what is no app.
  const reads = watching.of('request').slice(read);
  expect(reads.length).toBeLessThan(watching.of('event').length);
  expect(new Set(reads.map(({ route, outcome }) => `${route} ${outcome}`))).toEqual(
    new Set(['GET /v2/apps/{id} not-found']),
  );
});

test('a pod in the same group is no obstacle to scaling, draining and deleting an app', async () => {
  await begin('1.10');
  await send('POST', '/v2/pods', pod());
  await settled();
  const { writer } = startAsking([simulator.url], 2_000);
  const web = appId('/shop/web');
  await writer.scale(web, 3, inTime());
  await settled();
  const [task] = watching.app('/shop/web')?.tasks ?? [];
  await writer.kill(web, [taskId(task?.id ?? '')], inTime());
  await settled();
  expect(watching.app('/shop/web')).toMatchObject({ instances: 2 });
  await writer.scale(web, 0, inTime());
  await settled();
  await writer.delete(web, inTime());
  await settled();
  await writer.close();
  const pods = await (await fetch(`${simulator.url}/v2/pods/::status`)).json();
  expect(pods).toMatchObject([{ id: '/shop/pod', status: 'STABLE' }]);
  expect(watching.watch.snapshot().apps.size).toBe(0);
});
