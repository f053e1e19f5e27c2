/** What the watch makes of health that Mesos reports, and of tasks that Mesos has lost sight of. */
import { afterEach, describe, expect, test } from 'vitest';
import { millis } from '../../src/model/ids.ts';
import { type MarathonVersion, marathonVersions } from '../../src/simulator/dialect.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { until } from '../support/wait.ts';
import { startSynced, type Watching } from './support/watching.ts';

let simulator: Simulator;
let watching: Watching;
/** How far ahead Baton's clock is, in ms. */
let ahead = 0;

afterEach(async () => {
  await watching.stop();
  await simulator.close();
});

async function begin(
  marathonVersion: MarathonVersion,
  app: Readonly<Record<string, unknown>>,
): Promise<void> {
  simulator = await startSimulator({
    marathonVersion,
    tasks: 'addresses',
    healthSpeed: 20,
    startDelayMs: 20,
    killGraceMs: 50,
  });
  ahead = 0;
  watching = await startSynced([simulator.url], { clock: () => millis(Date.now() + ahead) });
  await until('the stream', () => watching.watch.status().connected);
  const answer = await fetch(`${simulator.url}/v2/apps`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id: '/web', cmd: 'serve', cpus: 0.1, mem: 32, ...app }),
  });
  expect(answer.status).toBe(201);
}

const tasks = () => watching.app('/web')?.tasks ?? [];
const healths = () => tasks().map(({ health }) => health);

const mesosCheck = { protocol: 'MESOS_TCP', intervalSeconds: 1, delaySeconds: 0, gracePeriodSeconds: 0 };

describe.each(marathonVersions)('Marathon %s', (version) => {
  test('health by Mesos, told twice, is followed', async () => {
    await begin(version, { healthChecks: [{ ...mesosCheck, maxConsecutiveFailures: 1000 }] });
    await until('up', () => healths().join() === 'up');
    simulator.behaveApp('/web', { unhealthy: true });
    await until('down', () => healths().join() === 'down');
    simulator.behaveApp('/web', { unhealthy: false });
    await until('up again', () => healths().join() === 'up');
    expect(watching.of('sync-failed')).toEqual([]);
  });

  test('a task that is unreachable keeps its health and its ports, until it is given up', async () => {
    const strategy = { inactiveAfterSeconds: 40, expungeAfterSeconds: 6_000_000 };
    const check = { protocol: 'TCP', intervalSeconds: 1, gracePeriodSeconds: 0 };
    await begin(version, { healthChecks: [check], unreachableStrategy: strategy });
    await until('up', () => healths().join() === 'up');
    const ports = tasks()[0]?.ports;
    simulator.unreachable('agent');
    await until('unreachable', () => tasks()[0]?.state === 'TASK_UNREACHABLE');
    expect(tasks()).toMatchObject([{ health: 'up', silentSince: expect.any(Number), ports }]);
    await until('replaced', () => healths().join() === 'up,up');
    expect(tasks().find(({ state }) => state === 'TASK_UNREACHABLE')?.ports).toEqual([]);
    simulator.reachable('agent');
    await until('one of them', () => tasks().length === 1 && tasks()[0]?.silentSince === null);
    expect(watching.of('sync-failed')).toEqual([]);
  });
});

test('what a leader has not probed yet is as it was, and unknown when that lasts', async () => {
  const check = { protocol: 'TCP', intervalSeconds: 1, gracePeriodSeconds: 0 };
  await begin('1.10', { healthChecks: [check] });
  await until('up', () => healths().join() === 'up');
  simulator.faults.set({ kind: 'no-health' });
  simulator.closeStreams();
  await until('silence', () => tasks()[0]?.silentSince !== null);
  expect(healths()).toEqual(['up']);
  ahead = 10 * 60_000;
  simulator.closeStreams();
  await until('unknown', () => healths().join() === 'unknown');
  simulator.faults.clear();
  simulator.closeStreams();
  await until('up again', () => healths().join() === 'up');
  expect(watching.of('sync-failed')).toEqual([]);
});

test('results of the task before are not those of the task', async () => {
  const check = { ...mesosCheck, gracePeriodSeconds: 100_000 };
  await begin('1.10', { healthChecks: [check], backoffSeconds: 0 });
  await until('up', () => healths().join() === 'up');
  simulator.behaveApp('/web', { unhealthy: true });
  simulator.crashApp('/web');
  await until('the next task runs', () =>
    tasks().some(({ id, state }) => id.endsWith('._app.2') && state === 'TASK_RUNNING'),
  );
  const answer = await fetch(`${simulator.url}/v2/apps/web`);
  expect(await answer.json()).toMatchObject({
    app: { tasksHealthy: 1, tasks: [{ healthCheckResults: [{ alive: true }] }] },
  });
  expect(healths()).toEqual(['unknown']);
});
