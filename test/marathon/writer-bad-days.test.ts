/** What stands in the way of a change: it is waited out, named, or refused, and nothing is done twice. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FaultOrder } from '../../src/simulator/faults-schema.ts';
import { type AppId, appId, type TaskId, taskId } from '../../src/model/ids.ts';
import { marathonVersions } from '../../src/simulator/dialect.ts';
import { until } from '../support/wait.ts';
import { httpCheck } from '../simulator/support.ts';
import { failureOf, inTime, startAsking, startLate, startWriting, type Writing } from './support/writing.ts';

const killing = 'POST /v2/tasks/delete?scale=true';
const someDeployment = '97c136bf-5a28-4821-9d94-480d9fbb01c8';

let w: Writing;
afterEach(() => w.stop());

/** The first two tasks of an app. */
async function two(app: AppId): Promise<readonly [TaskId, TaskId]> {
  const [first = taskId(''), second = taskId('')] = await w.tasks(app);
  return [first, second];
}

describe.each(marathonVersions)('Marathon %s', (marathonVersion) => {
  beforeEach(async () => {
    w = await startWriting({ marathonVersion });
  });

  test.each<[string, FaultOrder, string, RegExp]>([
    [
      'a lock that nobody holds',
      { kind: 'conflict' },
      'locked',
      new RegExp(`^/web was not scaled to 2: .* 409: the app is locked by deployment ${someDeployment}$`),
    ],
    [
      'too many deployments',
      { kind: 'too-many-deployments' },
      'too-many-deployments',
      /^\/web was not scaled to 2: .* 403: Max number \(100\) of running deployments/,
    ],
    [
      'no leader',
      { kind: 'error', status: 503, method: 'PATCH' },
      'uncertain',
      /^perhaps \/web was not scaled to 2: it is not known whether .* 503/,
    ],
  ])('%s: waited out, or named when there is no time left', async (_, fault, code, message) => {
    const app = await w.deploy('/web', { instances: 1 });
    w.it.sim.faults.set({ ...fault, id: 'bad' });
    const twice = w.until((asked) => asked.filter((each) => each.startsWith('PATCH')).length === 2);
    const failure = await failureOf(w.writer.scale(app, 2, twice));
    expect([failure.code, failure.message]).toEqual([code, expect.stringMatching(message)]);
    expect(failure.retryable).toBe(true);
    expect(await w.instances(app)).toBe(1);

    const tried = w.changes();
    const scaled = w.done(w.writer.scale(app, 2, inTime()));
    await until('some attempts', () => w.changes() > tried + 1);
    w.it.sim.faults.clear('bad');
    await scaled;
    expect(await w.instances(app)).toBe(2);
  });

  describe('nothing is done twice', () => {
    const cut = (route: string): FaultOrder => ({ kind: 'cut-answer', route, id: 'cut' });

    test('a kill that was done and not answered', async () => {
      const app = await w.deploy('/web', { instances: 5 });
      const [first, second] = await two(app);
      w.it.sim.faults.set(cut('/v2/tasks/delete'));
      await w.done(w.writer.kill(app, [first, second], inTime()));
      await w.it.idle();
      expect(await w.tasks(app)).toHaveLength(3);
      expect(await w.tasks(app)).not.toContain(first);
      expect(await w.instances(app)).toBe(3);
      expect(w.asked.filter((each) => each.startsWith(killing))).toEqual([`${killing} unreachable`]);
    });

    test('what takes longer than a request may, and shows only then', async () => {
      await w.stop();
      w = await startWriting({ marathonVersion, visibilityDelayMs: 700 }, 300);
      await w.done(w.writer.create({ id: '/web', cmd: 'serve', instances: 4 }, inTime()));
      await w.it.idle();
      const [first, second] = await two(appId('/web'));
      expect(await w.tasks('/web')).toHaveLength(4);
      await w.done(w.writer.kill(appId('/web'), [first, second], inTime()));
      await until('it to show', async () => (await w.instances('/web')) === 2);
      await w.it.idle();
      await w.done(w.writer.scale(appId('/web'), 3, inTime()));
      await w.it.idle();
      expect([await w.instances('/web'), (await w.tasks('/web')).length]).toEqual([3, 3]);
      expect(w.asked).toContain('POST /v2/apps timeout');
      expect(w.asked).toContain('POST /v2/apps exists');
      expect(w.asked).toContain('PATCH /v2/apps/{id} timeout');
    });

    test('a kill that arrives after its time is up', async () => {
      const app = await w.deploy('/web', { instances: 5 });
      const [first, second] = await two(app);
      const late = await startLate(w.it.sim.url, { path: '/v2/tasks/delete', ms: 400 });
      const { writer, asked } = startAsking([late.url], 200);
      await writer.kill(app, [first, second], inTime());
      const sent = asked.filter((each) => each.startsWith(killing)).length;
      expect(sent).toBeGreaterThan(1);
      // Those that are still on their way find nothing to kill.
      await until('all to arrive', () => late.delivered() === sent);
      await w.it.idle();
      expect([await w.instances(app), (await w.tasks(app)).length]).toEqual([3, 3]);
      await writer.close();
      await late.close();
    });

    test('a kill that was not done is done then', async () => {
      const app = await w.deploy('/web', { instances: 3 });
      const [first] = await two(app);
      w.it.sim.faults.set({ kind: 'error', status: 504, route: '/v2/tasks/delete', id: 'bad' });
      const killed = w.done(w.writer.kill(app, [first], inTime()));
      await until('a refusal', () => w.asked.includes(`${killing} no-leader`));
      w.it.sim.faults.clear('bad');
      await killed;
      expect(await w.instances(app)).toBe(2);
    });

    test('an app that was created and not answered', async () => {
      w.it.sim.faults.set({ ...cut('/v2/apps'), method: 'POST' } as FaultOrder);
      const definition = { id: '/web', cmd: 'serve', instances: 1 };
      await w.done(w.writer.create(definition, inTime()));
      expect(await w.tasks('/web')).toHaveLength(1);
      expect(w.changes()).toBe(1);
    });

    test('an app that was deleted, a count that was set, and not answered', async () => {
      const app = await w.deploy('/web', { instances: 1 });
      w.it.sim.faults.set({ ...cut('/v2/apps/web'), method: 'PATCH' } as FaultOrder);
      await w.done(w.writer.scale(app, 0, inTime()));
      expect([await w.instances(app), w.changes()]).toEqual([0, 1]);
      w.it.sim.faults.set({ ...cut('/v2/apps/web'), method: 'DELETE' } as FaultOrder);
      expect(await w.writer.delete(app, inTime())).toEqual({ app, deployment: null });
      expect(w.changes()).toBe(2);
    });
  });

  test.each<[string, FaultOrder]>([
    ['401 for the dry run', { kind: 'error', status: 401, route: '/v2/groups*', method: 'PUT' }],
    ['403 for the dry run', { kind: 'error', status: 403, route: '/v2/groups*', method: 'PUT' }],
    ['404 for the dry run', { kind: 'error', status: 404, route: '/v2/groups*', method: 'PUT' }],
    ['403 for the group', { kind: 'error', status: 403, route: '/v2/groups*', method: 'GET' }],
  ])('%s: nothing is changed, and what to do is said', async (_, fault) => {
    const app = await w.deploy('/shop/web', { instances: 2 });
    w.it.sim.faults.set(fault);
    const [first] = await two(app);
    for (const change of [
      () => w.writer.scale(app, 3, inTime()),
      () => w.writer.kill(app, [first], inTime()),
    ]) {
      const { code, message } = await failureOf(change());
      expect(code).toBe('unproven');
      expect(message).toMatch(/does not tell what a change of \/shop\/web would do/);
      expect(message).toMatch(/right to update the group \/shop /);
    }
    expect(w.changes()).toBe(0);
  });
});

describe('on any version', () => {
  beforeEach(async () => {
    w = await startWriting({}, 2_000);
  });

  test.each([
    [401, 'unauthorized', /answered 401.*(password|token)/],
    [403, 'unauthorized', /answered 403; may this user change the app\?/],
    [404, 'refused', /answered 404; does a proxy/],
    [405, 'refused', /answered 405; does a proxy/],
  ])('%i is final and says what is wrong', async (status, code, message) => {
    const app = await w.deploy('/web', { instances: 1 });
    w.it.sim.faults.set({ kind: 'error', status, method: 'PATCH' });
    const failure = await failureOf(w.writer.scale(app, 2, inTime()));
    expect([failure.code, failure.message]).toEqual([code, expect.stringMatching(message)]);
    expect(failure.message).toMatch(/^\/web was not scaled to 2: /);
    expect(w.changes()).toBe(1);
  });

  test('422 is final and names the field', async () => {
    const definition = {
      id: '/web',
      cmd: 'serve',
      upgradeStrategy: { minimumHealthCapacity: 2, maximumOverCapacity: 1 },
    };
    const { code, message } = await failureOf(w.writer.create(definition, inTime()));
    expect([code, message]).toEqual([
      'refused',
      expect.stringMatching(/^\/web was not created: .* 422 \(.*minimumHealthCapacity/),
    ]);
    expect(w.changes()).toBe(1);
  });

  test('an app that there is not is named', async () => {
    for (const change of [
      () => w.writer.scale('/none' as AppId, 1, inTime()),
      () => w.writer.kill('/none' as AppId, [], inTime()),
    ]) {
      expect(await failureOf(change())).toMatchObject({
        code: 'not-found',
        message: expect.stringContaining('/none'),
      });
    }
  });

  test.each(['/g/tasks', '/g/tasks/web', '/g/restart', '/g/versions'])(
    '%s is not touched: its path means something else',
    async (id) => {
      for (const change of [
        () => w.writer.scale(id as AppId, 0, inTime()),
        () => w.writer.delete(id as AppId, inTime()),
        () => w.writer.create({ id }, inTime()),
      ]) {
        expect(await failureOf(change())).toMatchObject({ code: 'refused' });
      }
      expect(w.asked).toEqual([]);
    },
  );

  test('a deployment that does not end is named', async () => {
    const app = await w.deploy('/web', { instances: 1, healthChecks: [httpCheck] });
    w.it.sim.behaveApp('/web', { unhealthy: true });
    const written = await w.writer.scale(app, 2, inTime());
    const failure = await failureOf(
      w.writer.ended(
        written,
        w.until((asked) => asked.length === 3),
      ),
    );
    expect([failure.code, failure.message]).toEqual([
      'unfinished',
      `deployment ${written.deployment} of /web was not seen to end in the time given`,
    ]);
    // The same is asked for again: it is on its way.
    expect(await w.writer.scale(app, 2, inTime())).toEqual(written);
    w.it.sim.behaveApp('/web', { unhealthy: false });
    await w.writer.ended(written, inTime());
    expect(await w.tasks(app)).toHaveLength(2);
  });

  test('a deployment is waited for through bad answers', async () => {
    const app = await w.deploy('/web', { instances: 1 });
    w.it.sim.faults.set({ kind: 'error', route: '/v2/deployments', id: 'bad' });
    const done = w.done(w.writer.scale(app, 2, inTime()));
    await until('some', () => w.asked.filter((each) => each === 'GET /v2/deployments no-leader').length > 1);
    w.it.sim.faults.clear('bad');
    expect(await done).toMatchObject({ app });
    expect(await w.tasks(app)).toHaveLength(2);
  });

  test('a cancelled change asks for nothing more', async () => {
    const app = await w.deploy('/web', { instances: 1 });
    const failure = await failureOf(w.writer.scale(app, 2, AbortSignal.abort()));
    expect([failure.code, w.asked]).toEqual(['aborted', []]);

    w.it.sim.faults.set({ kind: 'slow', ms: 60_000, method: 'GET' });
    const end = new AbortController();
    const waiting = failureOf(w.writer.scale(app, 2, end.signal));
    setImmediate(() => end.abort());
    expect(await waiting).toMatchObject({ code: 'aborted', retryable: false });
    expect(w.changes()).toBe(0);
  });

  test('cancelled while it was being asked for, it may have been done', async () => {
    const app = await w.deploy('/web', { instances: 1 });
    const late = await startLate(w.it.sim.url, { path: '/v2/apps', ms: 100 });
    const { writer } = startAsking([late.url]);
    const end = new AbortController();
    const waiting = failureOf(writer.scale(app, 2, end.signal));
    await until('the change to be on its way', () => late.arrived() === 1);
    end.abort();
    const { code, message } = await waiting;
    await writer.close();
    await late.close();
    expect([code, message]).toEqual([
      'uncertain',
      expect.stringMatching(/^perhaps \/web was not scaled to 2/),
    ]);
  });

  test('closed, it ends what it waits for', async () => {
    const app = await w.deploy('/web', { instances: 1 });
    w.it.sim.faults.set({ kind: 'conflict' });
    const waiting = failureOf(w.writer.scale(app, 2, inTime()));
    await until('a refusal', () => w.asked.includes('PATCH /v2/apps/{id} locked'));
    await w.writer.close();
    expect(await waiting).toMatchObject({ code: 'locked' });
  });
});
