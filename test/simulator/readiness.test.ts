/** Readiness checks: a deployment waits for them, shows what they answered, and forgets them. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../support/wait.ts';
import { appOf, rig, type Rig, type SeenApp } from './support.ts';

const check = {
  name: 'warm',
  path: '/ready',
  portName: 'web',
  intervalSeconds: 2,
  timeoutSeconds: 1,
  httpStatusCodesForReady: [200],
  preserveLastResponse: true,
};

const app = appOf('/web', {
  portDefinitions: [
    { port: 0, name: 'admin' },
    { port: 0, name: 'web' },
  ],
  readinessChecks: [check],
  env: { SIM_UNREADY: 'true' },
});

async function start(options: Parameters<typeof rig>[0] = {}): Promise<Rig> {
  const it = await rig(options);
  onTestFinished(() => it.sim.close());
  return it;
}

interface Result {
  readonly name: string;
  readonly taskId: string;
  readonly ready: boolean;
  readonly lastResponse?: { readonly status: number; readonly contentType: string; readonly body: string };
}

async function results(it: Rig): Promise<readonly Result[]> {
  interface Seen {
    readonly currentActions: readonly { readonly readinessCheckResults: readonly Result[] }[];
  }
  const { body } = await it.call<Seen[]>('GET', '/v2/deployments');
  return body.flatMap(({ currentActions }) =>
    currentActions.flatMap((action) => action.readinessCheckResults),
  );
}

describe.each(['real', 'addresses'] as const)('tasks that are %s', (tasks) => {
  test('the deployment waits until its tasks are ready', async () => {
    const it = await start({ tasks });
    await it.call('POST', '/v2/apps', app);
    await until('an answer', async () => (await results(it)).length === 1);
    const [result] = await results(it);
    const [task] = (await it.app('/web')).tasks;
    expect(result).toMatchObject({ name: 'warm', ready: false, lastResponse: { status: 503 } });
    expect(task?.id.startsWith(`${result?.taskId}.`)).toBe(true);
    const listed = async () =>
      (await it.call<{ apps: SeenApp[] }>('GET', '/v2/apps?embed=apps.readiness')).body.apps[0];
    expect((await listed())?.['readinessCheckResults']).toMatchObject([{ name: 'warm', ready: false }]);
    expect((await listed())?.['tasksRunning']).toBe(1);

    it.sim.behaveApp('/web', { unready: false });
    await it.idle();
    expect((await listed())?.['readinessCheckResults']).toEqual([]);
  });
});

test('an upgrade keeps the old tasks until the new ones are ready', async () => {
  const it = await start({ tasks: 'addresses' });
  await it.deploy('POST', '/v2/apps', { ...app, env: {}, instances: 2 });
  const before = (await it.app('/web')).tasks.map(({ id }) => id);
  await it.call('PUT', '/v2/apps/web', { env: { SIM_UNREADY: 'true' } });
  await until('both to have answered', async () => (await results(it)).length === 2);
  const during = (await it.app('/web')).tasks;
  expect(during.filter(({ id }) => before.includes(id))).toHaveLength(2);
  it.sim.behaveApp('/web', { unready: false });
  await it.idle();
  expect((await it.app('/web')).tasks.filter(({ id }) => before.includes(id))).toEqual([]);
});

test('a response is shown only when asked for, and before 1.8 the task is named', async () => {
  const it = await start({ tasks: 'addresses', marathonVersion: '1.7' });
  await it.call('POST', '/v2/apps', { ...app, readinessChecks: [{ ...check, preserveLastResponse: false }] });
  await until('an answer', async () => (await results(it)).length === 1);
  const [task] = (await it.app('/web')).tasks;
  expect(await results(it)).toEqual([{ name: 'warm', taskId: task?.id, ready: false }]);
});

test('a task that no deployment starts is not asked', async () => {
  const it = await start({ tasks: 'addresses' });
  await it.deploy('POST', '/v2/apps', { ...app, env: {}, backoffSeconds: 0 });
  const [before] = (await it.app('/web')).tasks;
  it.sim.behaveApp('/web', { unready: true });
  it.sim.crashTask(before?.id ?? '');
  await until('the replacement', async () => {
    const [after] = (await it.app('/web')).tasks;
    return after?.id !== before?.id && after?.state === 'TASK_RUNNING';
  });
  // A deployment that has nothing to launch does not wait for it either.
  expect((await it.deploy('PUT', '/v2/apps/web', { instances: 1 })).status).toBe(200);
  const { body } = await it.call<{ apps: SeenApp[] }>('GET', '/v2/apps?embed=apps.readiness');
  expect(body.apps[0]?.['readinessCheckResults']).toEqual([]);
});
