/** What must not move traffic does not; what must, does, before anybody is told. */
import { describe, expect, it } from 'vitest';
import { listenerApp, versionApp } from '../support/apps.ts';
import { until } from '../support/wait.ts';
import { answered, answering, expectNoFailure, setStage, type Stage } from './stage.ts';

/** Marathon's first probe of a new task comes after 5 s; HAProxy's, which nobody speeds up, must still be the earlier. */
const unhurried = 5;

const member = { service: 'app1', priority: 10 };

async function tasksRunning(stage: Stage, app: string, count: number, version?: string): Promise<void> {
  await until(`${count} tasks of ${app}`, async () => {
    const tasks = (await stage.simulator.tasks()).filter(
      (task) => task.app === `/${app}` && task.state === 'TASK_RUNNING',
    );
    return tasks.length === count && tasks.every((task) => version === undefined || task.version >= version);
  });
}

describe('a pool', () => {
  it('that never becomes healthy takes no traffic', async () => {
    const stage = await setStage();
    await stage.startBaton();
    await stage.post(listenerApp('app1'));
    await stage.carried({ app1: 100 });
    const load = stage.load();
    await stage.post(versionApp('app1-100', member, { env: { SIM_UNHEALTHY: 'true' } }));
    // Three failures in a row, and Marathon kills and replaces them: a whole life of such a task.
    await until(
      'a task to be killed for being unhealthy',
      async () =>
        (await stage
          .baton()
          .metric('baton_marathon_events_total', { event_type: 'unhealthy_instance_kill_event' })) > 0,
    );
    await answered(load, 500);
    const view = await stage.baton().service('/app1');
    expect(view.phase).toBe('waiting');
    expect(Object.keys(await expectNoFailure(load))).toEqual(['/app1']);
  });

  it('keeps its traffic when it loses one of ten, scales up, and is upgraded in place', async () => {
    const stage = await setStage({ healthSpeed: unhurried });
    const baton = await stage.startBaton();
    await stage.post(listenerApp('app1'));
    await stage.post(versionApp('app1-100', member, { instances: 10 }));
    await stage.carried({ 'app1-100': 100 });
    const moves = await baton.metric('baton_traffic_moves_total');
    const load = stage.load();
    await answered(load, 500);

    const [victim] = (await stage.simulator.tasks()).filter((task) => task.app === '/app1-100');
    stage.simulator.crashTask(victim?.id ?? '');
    await tasksRunning(stage, 'app1-100', 9);
    await tasksRunning(stage, 'app1-100', 10);
    await stage.put('app1-100', { instances: 12 });
    await tasksRunning(stage, 'app1-100', 12);
    await answered(load, 500);

    const changedAt = new Date().toISOString();
    await stage.put('app1-100', { env: { CHANGED: 'yes' } });
    await tasksRunning(stage, 'app1-100', 12, changedAt);
    await answered(load, 500);

    // Events took stopped tasks out before anything was read; how many, and how many a read took out, is chance.
    expect(await baton.metric('baton_endpoints_withdrawn_total')).toBeGreaterThan(0);
    expect(await baton.metric('baton_traffic_moves_total')).toBe(moves);
    expect(Object.keys(await expectNoFailure(load))).toEqual(['/app1-100']);
  });

  it('whose tasks all die is left inside HAProxy, before Marathon says a word', async () => {
    const stage = await setStage({ healthSpeed: 1 });
    const baton = await stage.startBaton();
    const soon = [
      {
        protocol: 'HTTP',
        path: '/',
        portIndex: 0,
        gracePeriodSeconds: 5,
        intervalSeconds: 20,
        maxConsecutiveFailures: 3,
      },
    ];
    await stage.post(listenerApp('app1', { healthChecks: soon }));
    await stage.post(versionApp('app1-100', member, { healthChecks: soon }));
    await stage.carried({ 'app1-100': 100 });
    const load = stage.load();
    await answered(load, 1000);
    const events = await baton.metric('baton_marathon_events_total');
    stage.simulator.crashApp('/app1-100', { silent: true });
    await until('app1 to answer', async () => (await answering(stage.port, 1))['/app1'] === 1);
    await stage.carried({ app1: 100 });
    await answered(load, 1000);
    expect(await baton.metric('baton_marathon_events_total')).toBe(events);
    expect(await baton.service('/app1')).toMatchObject({ phase: 'failed-over' });
    await expectNoFailure(load);
  });
});

it('a label change on a running app, and another check path, cost no request and no reload', async () => {
  const stage = await setStage({ healthSpeed: unhurried });
  const baton = await stage.startBaton();
  const keepsOne = { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 };
  await stage.post(listenerApp('app1', { instances: 2, upgradeStrategy: keepsOne }));
  await stage.carried({ app1: 100 });
  const reloads = await baton.metric('baton_dataplane_reloads_total');
  const load = stage.load();
  await answered(load, 500);
  const changedAt = new Date().toISOString();
  const { labels, healthChecks } = listenerApp('app1', { path: '/health', labels: { team: 'blue' } });
  await stage.put('app1', { labels, healthChecks });
  await tasksRunning(stage, 'app1', 2, changedAt);
  await until('both to be in rotation', async () => {
    const pool = (await baton.service('/app1')).pools[0];
    return (
      pool?.endpoints.length === 2 &&
      pool.endpoints.every((each) => each.rotation === 'in' && each.probed === 'passed')
    );
  });
  await answered(load, 500);
  expect(await baton.metric('baton_dataplane_reloads_total')).toBe(reloads);
  await expectNoFailure(load);
});
