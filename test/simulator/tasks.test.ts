/** The simulated tasks: what they answer, how they misbehave, how they end. */
import http from 'node:http';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../support/wait.ts';
import { appOf, httpCheck, outline, type Rig, rig } from './support.ts';

let it: Rig;
beforeEach(async () => {
  it = await rig();
});
afterEach(() => it.sim.close());

async function taskOf(id: string): Promise<{ id: string; url: string }> {
  const [task] = (await it.app(id)).tasks;
  return { id: task?.id ?? '', url: `http://${task?.host}:${task?.ports[0]}` };
}

interface Got {
  readonly status: number;
  readonly connection: string;
}

function get(url: string, agent: http.Agent, headers: http.OutgoingHttpHeaders = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent, headers }, (response) => {
      response.resume();
      const connection = response.headers.connection ?? '';
      response.on('end', () => resolve({ status: response.statusCode ?? 0, connection }));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}

describe('behaviour', () => {
  test('unhealthy fails probes of both kinds, requests are told apart', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web'));
    const { url } = await taskOf('/web');
    const probe = async (headers: Record<string, string>) =>
      (await fetch(`${url}/health`, { headers })).status;
    const all = async () => [
      await probe({ 'user-agent': 'Marathon-simulator-healthcheck' }),
      await probe({ 'user-agent': 'baton-check' }),
      await probe({ 'x-baton-check': '1' }),
      await probe({}),
    ];
    expect(await all()).toEqual([200, 200, 200, 200]);
    await it.call('PUT', '/_sim/apps/web/behaviour', { unhealthy: true });
    await until('told', async () => (await probe({ 'user-agent': 'baton-check' })) === 503);
    expect(await all()).toEqual([503, 503, 503, 200]);
    await it.call('PUT', '/_sim/apps//web/behaviour', { requests: 'fail' });
    await until('told', async () => (await probe({})) === 503);
    await it.call('PUT', '/_sim/apps/web/behaviour', { unhealthy: false });
    await until('told', async () => (await probe({ 'user-agent': 'baton-check' })) === 200);
    expect(await all()).toEqual([200, 200, 200, 503]);
  });

  test('an error rate is spread evenly, and probes are spared', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web', { env: { SIM_ERROR_RATE: '0.25' } }));
    const { url } = await taskOf('/web');
    const statuses: number[] = [];
    for (let n = 0; n < 40; n += 1) {
      statuses.push((await fetch(url)).status);
      expect((await fetch(url, { headers: { 'user-agent': 'baton-check' } })).status).toBe(200);
    }
    expect(statuses.filter((status) => status === 500)).toHaveLength(10);
    const [counted] = await it.sim.tasks();
    expect(counted).toMatchObject({ requests: 40, failed: 10, probes: 40, inFlight: 0 });
  });

  test('strict health paths: a probe of another path gets 404', async () => {
    const env = { SIM_STRICT_HEALTH_PATH: 'true' };
    await it.deploy('POST', '/v2/apps', appOf('/web', { env, healthChecks: [httpCheck] }));
    const { url } = await taskOf('/web');
    const probe = async (path: string) =>
      (await fetch(`${url}${path}`, { headers: { 'user-agent': 'baton-check' } })).status;
    expect([await probe('/health'), await probe('/'), (await fetch(url)).status]).toEqual([200, 404, 200]);
  });

  test('what an app is told holds for its later tasks; a single task wins', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web'));
    it.sim.behaveApp('/web', { requests: 'fail' });
    await it.deploy('PATCH', '/v2/apps/web', { labels: { a: 'b' } });
    const { id, url } = await taskOf('/web');
    expect((await fetch(url)).status).toBe(503);
    await it.call('PUT', `/_sim/tasks/${id}/behaviour`, { requests: 'ok' });
    await until('told', async () => (await fetch(url)).status === 200);
  });

  test.each([
    [{ unhealthy: 'yes' }, 400],
    [{ errorRate: 2 }, 400],
    [{ nonsense: true }, 400],
  ])('%j is refused', async (change, status) => {
    await it.deploy('POST', '/v2/apps', appOf('/web'));
    expect((await it.call('PUT', '/_sim/apps/web/behaviour', change)).status).toBe(status);
  });
});

describe('the end of a task', () => {
  test('when killed, it finishes what is in flight and takes nothing new', async () => {
    const slow = { env: { SIM_LATENCY_MS: '300' }, taskKillGracePeriodSeconds: 20 };
    await it.deploy('POST', '/v2/apps', appOf('/web', slow));
    const { id, url } = await taskOf('/web');
    const agent = new http.Agent({ keepAlive: true, maxSockets: 10 });
    try {
      const inFlight = Array.from({ length: 5 }, () => get(url, agent));
      await until('all arrived', async () => (await it.sim.tasks())[0]?.inFlight === 5);
      await it.call('POST', '/v2/tasks/delete?scale=true', { ids: [id] });
      await until('no new connection is taken', async () => {
        const fresh = new http.Agent();
        return await get(url, fresh).then(
          () => false,
          () => true,
        );
      });
      expect(await Promise.all(inFlight)).toEqual(
        Array.from({ length: 5 }, () => ({ status: 200, connection: 'close' })),
      );
      await it.idle();
      expect(it.events.at(-3)).toMatchObject({ condition: 'Killed' });
    } finally {
      agent.destroy();
    }
  });

  test('what is not finished within the grace is reset', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web', { env: { SIM_LATENCY_MS: '600000' } }));
    const { url } = await taskOf('/web');
    const agent = new http.Agent();
    const outcome = get(url, agent).catch((error: unknown) => error);
    await until('it arrived', async () => (await it.sim.tasks())[0]?.inFlight === 1);
    await it.deploy('PUT', '/v2/apps/web', { instances: 0 });
    expect(await outcome).toMatchObject({ code: 'ECONNRESET' });
  });

  test('idle keep-alive connections do not hold it up', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web', { taskKillGracePeriodSeconds: 600 }));
    const { url } = await taskOf('/web');
    const agent = new http.Agent({ keepAlive: true });
    try {
      await get(url, agent);
      expect((await it.sim.tasks())[0]).toMatchObject({ requests: 1, sessions: 1, inFlight: 0 });
      await it.deploy('PUT', '/v2/apps/web', { instances: 0 });
      expect(await it.sim.tasks()).toEqual([]);
    } finally {
      agent.destroy();
    }
  });

  test('nor do connections that never said anything', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web', { taskKillGracePeriodSeconds: 600 }));
    const { url } = await taskOf('/web');
    const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
    try {
      await until('accepted', async () => (await it.sim.tasks())[0]?.sessions === 1);
      await it.deploy('PUT', '/v2/apps/web', { instances: 0 });
      expect(await it.sim.tasks()).toEqual([]);
    } finally {
      socket.destroy();
    }
  });

  test('a crash resets its connections; Marathon sees it fail and starts it again', async () => {
    await it.deploy(
      'POST',
      '/v2/apps',
      appOf('/web', { env: { SIM_LATENCY_MS: '600000' }, backoffSeconds: 0 }),
    );
    const { id, url } = await taskOf('/web');
    const outcome = get(url, new http.Agent()).catch((error: unknown) => error);
    await until('it arrived', async () => (await it.sim.tasks())[0]?.inFlight === 1);
    it.fresh();
    expect((await it.call('POST', `/_sim/tasks/${id}/crash`)).status).toBe(200);
    expect(await outcome).toMatchObject({ code: 'ECONNRESET' });
    await until('it runs again', async () => (await taskOf('/web')).id === id.replace(/1$/, '2'));
    await until('it runs', async () => (await it.app('/web')).tasks[0]?.state === 'TASK_RUNNING');
    expect(outline(it.fresh())).toEqual([
      'status_update_event TASK_FAILED',
      'instance_changed_event Failed',
      'instance_changed_event Provisioned',
      'status_update_event TASK_STARTING',
      'instance_changed_event Starting',
      'status_update_event TASK_RUNNING',
      'instance_changed_event Running',
    ]);
    expect((await it.app('/web'))['lastTaskFailure']).toMatchObject({ state: 'TASK_FAILED', taskId: id });
  });

  test('while its relaunch is delayed, a failed task stays listed without ports', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web', { backoffSeconds: 600, maxLaunchDelaySeconds: 600 }));
    const crashed = await it.call<{ tasks: string[] }>('POST', '/_sim/apps/web/crash', { silent: false });
    const [task] = (await it.app('/web')).tasks;
    expect(crashed.body.tasks).toEqual([task?.id]);
    expect(task).toMatchObject({ state: 'TASK_FAILED', ports: [] });
    expect('version' in (task ?? {})).toBe(false);
    expect(await it.app('/web')).toMatchObject({ tasksRunning: 0 });
    await it.deploy('PUT', '/v2/apps/web', { instances: 0 });
    expect((await it.app('/web')).tasks).toEqual([]);
  });

  test('a silent crash shows only when it is noticed', async () => {
    await it.deploy('POST', '/v2/apps', appOf('/web', { backoffSeconds: 600 }));
    const { id, url } = await taskOf('/web');
    it.fresh();
    await it.call('POST', `/_sim/tasks/${id}/crash`, { silent: true });
    await until('dead', () =>
      fetch(url).then(
        () => false,
        () => true,
      ),
    );
    expect((await it.sim.tasks())[0]).toMatchObject({ id, crashed: true, state: 'TASK_RUNNING' });
    expect(it.fresh()).toEqual([]);
    await it.call('POST', `/_sim/tasks/${id}/notice`);
    expect(outline(it.fresh())).toEqual(['status_update_event TASK_FAILED', 'instance_changed_event Failed']);
  });
});
