/** Tasks that Mesos has lost sight of: what is told and listed, when they are replaced, and what happens on their return. */
import { afterEach, describe, expect, test } from 'vitest';
import { type MarathonVersion, marathonVersions } from '../../src/simulator/dialect.ts';
import { until } from '../support/wait.ts';
import { appOf, outline, type Rig, rig, type SeenTask } from './support.ts';

let it: Rig;
afterEach(() => it.sim.close());

async function begin(
  marathonVersion: MarathonVersion,
  app: Readonly<Record<string, unknown>> = {},
  healthSpeed = 100,
): Promise<SeenTask> {
  it = await rig({ marathonVersion, healthSpeed, tasks: 'addresses' });
  await it.deploy('POST', '/v2/apps', appOf('/web', app));
  it.fresh();
  return await only();
}

async function only(): Promise<SeenTask> {
  const [task] = (await it.app('/web')).tasks;
  if (task === undefined) throw new Error('no task');
  return task;
}

async function control(path: string): Promise<unknown> {
  return (await it.call('POST', `/_sim/${path}`)).body;
}

const waiting = { inactiveAfterSeconds: 300, expungeAfterSeconds: 600 };
const lost = ['status_update_event TASK_UNREACHABLE', 'instance_changed_event Unreachable'];
const inactive = 'instance_changed_event UnreachableInactive';
const back = ['status_update_event TASK_RUNNING', 'instance_changed_event Running'];

async function sees(line: string): Promise<readonly string[]> {
  const lines: string[] = [];
  await until(line, () => {
    lines.push(...outline(it.fresh()));
    return lines.includes(line);
  });
  return lines;
}

describe.each(marathonVersions)('Marathon %s', (version) => {
  test('waits for one that is not inactive yet, lists it with its ports, and takes it back', async () => {
    const before = await begin(version, { unreachableStrategy: waiting }, 1);
    expect(await control('agent/unreachable')).toEqual({ tasks: [before.id] });
    expect(outline(it.fresh())).toEqual(lost);
    expect(await it.app('/web')).toMatchObject({
      tasksRunning: 0,
      tasks: [{ id: before.id, state: 'TASK_UNREACHABLE', ports: before.ports, version: before.version }],
    });
    expect(await control(`tasks/${before.id}/reachable`)).toEqual({ tasks: [before.id] });
    expect(outline(it.fresh())).toEqual(back);
    expect((await only()).state).toBe('TASK_RUNNING');
  });

  test('replaces one that is inactive, lists it without ports, and ends one when it returns', async () => {
    const { id } = await begin(version, {
      unreachableStrategy: { inactiveAfterSeconds: 1, expungeAfterSeconds: 3_000_000 },
    });
    await control('apps/web/unreachable');
    const lines = await sees('instance_changed_event Running');
    expect(lines.slice(0, 3)).toEqual([...lost, inactive]);
    const tasks = (await it.app('/web')).tasks;
    expect(tasks.map(({ state }) => state)).toEqual(['TASK_UNREACHABLE', 'TASK_RUNNING']);
    expect(tasks[0]).toMatchObject({ id, ports: [] });
    expect(tasks[0]).not.toHaveProperty('version');
    await control('apps/web/reachable');
    // The youngest goes: that is the one that stood in.
    await until('one task', async () => (await it.app('/web')).tasks.length === 1);
    expect((await only()).id).toBe(id);
  });

  test('forgets one in the end, and kills it when it returns', async () => {
    const { id } = await begin(version, {
      unreachableStrategy: { inactiveAfterSeconds: 1, expungeAfterSeconds: 40 },
    });
    await control('agent/unreachable');
    const lines = await sees('instance_changed_event Killed');
    expect(lines).toContain(inactive);
    expect((await only()).id).not.toBe(id);
    await until('the other runs', async () => (await only()).state === 'TASK_RUNNING');
    it.fresh();
    expect(await control(`tasks/${id}/reachable`)).toEqual({ tasks: [id] });
    await sees('unknown_instance_terminated_event Killed');
    expect((await it.app('/web')).tasks).toHaveLength(1);
    expect((await it.call('POST', `/_sim/tasks/${id}/reachable`)).status).toBe(404);
  });

  test('a scale-down takes it first, and forgets it at once', async () => {
    const { id } = await begin(version, { instances: 2, unreachableStrategy: 'disabled' });
    await control(`tasks/${id}/unreachable`);
    await it.deploy('PUT', '/v2/apps/web', { instances: 1 });
    expect((await only()).id).not.toBe(id);
    expect(outline(it.fresh())).not.toContain('status_update_event TASK_KILLED');
  });

  test('an upgrade and a deletion do not wait for it', async () => {
    await begin(version, {
      unreachableStrategy: { inactiveAfterSeconds: 1, expungeAfterSeconds: 3_000_000 },
    });
    await control('agent/unreachable');
    await sees('instance_changed_event Running');
    await it.deploy('PUT', '/v2/apps/web', { env: { A: '1' } });
    expect((await only()).state).toBe('TASK_RUNNING');
    await control('agent/unreachable');
    await it.deploy('DELETE', '/v2/apps/web');
    expect((await it.call('GET', '/v2/apps/web')).status).toBe(404);
  });
});

test.each([
  ['1.4', [...lost]],
  ['1.7', ['status_update_event TASK_UNREACHABLE', inactive]],
] as const)('Marathon %s, where nothing is said, tells %j', async (version, expected) => {
  await begin(version, {}, 1);
  it.fresh();
  await control('agent/unreachable');
  expect(outline(it.fresh()).slice(0, 2)).toEqual(expected);
});

test('one that crashes meanwhile is known to have failed when its agent is back', async () => {
  const { id } = await begin('1.10', { unreachableStrategy: 'disabled', backoffSeconds: 0 });
  await control('agent/unreachable');
  await control(`tasks/${id}/crash`);
  expect(outline(it.fresh())).toEqual(lost);
  await control('agent/reachable');
  await until('the next task runs', async () => {
    const task = await only();
    return task.id.endsWith('._app.2') && task.state === 'TASK_RUNNING';
  });
  expect(outline(it.fresh())).toContain('status_update_event TASK_FAILED');
});

test('what is no strategy is refused', async () => {
  it = await rig({ tasks: 'addresses' });
  const post = async (unreachableStrategy: unknown) =>
    (await it.call('POST', '/v2/apps', appOf('/web', { unreachableStrategy }))).body;
  expect(await post('never')).toEqual({
    message: 'Invalid JSON',
    details: [{ path: '/unreachableStrategy', errors: ['error.expected.jsstring'] }],
  });
  expect(await post({ inactiveAfterSeconds: 2, expungeAfterSeconds: 1 })).toEqual({
    message: 'Object is not valid',
    details: [
      { path: '/unreachableStrategy/inactiveAfter', errors: ['got 2 seconds, expected 1 second or less'] },
    ],
  });
});
