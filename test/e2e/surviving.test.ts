/** Baton and HAProxy may die: traffic goes on, and comes back as it was. */
import { describe, expect, it } from 'vitest';
import { listenerApp, versionApp } from '../support/apps.ts';
import { freePort } from '../support/free-ports.ts';
import { type BatonProcess, haproxyPid } from '../support/baton.ts';
import { until } from '../support/wait.ts';
import { answered, answering, expectNoFailure, setStage, type Stage } from './stage.ts';

async function shared(stage: Stage): Promise<void> {
  await stage.post(
    listenerApp('app1', { labels: { ab_config: '{"service": "app1", "priority": 10, "weight": 80}' } }),
  );
  await stage.post(versionApp('app1-100', { service: 'app1', priority: 10, weight: 20 }));
  await stage.carried({ app1: 80, 'app1-100': 20 });
}

describe('Baton', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'ended by %s during traffic loses no request and moves no weight',
    async (signal) => {
      const stage = await setStage();
      await stage.startBaton();
      await shared(stage);
      const master = await haproxyPid(stage.stateDir);
      const load = stage.load();
      await answered(load, 500);
      const code = await stage.baton().end(signal);
      expect(code).toBe(signal === 'SIGTERM' ? 0 : null);
      await answered(load, 500);
      const next = await stage.startBaton();
      await answered(load, 500);
      expect(next.log.map(({ msg }) => msg)).toContain('adopted the running HAProxy');
      expect(await haproxyPid(stage.stateDir)).toBe(master);
      await stage.carried({ app1: 80, 'app1-100': 20 });
      expect(await next.metric('baton_traffic_moves_total')).toBe(0);
      expect(await next.metric('baton_dataplane_reloads_total')).toBe(0);
      const apps = await expectNoFailure(load);
      const share = (apps['/app1'] ?? 0) / ((apps['/app1'] ?? 0) + (apps['/app1-100'] ?? 0));
      expect(Math.abs(share - 0.8)).toBeLessThan(0.01);
    },
  );

  it('refuses a state directory that another one uses', async () => {
    const stage = await setStage();
    const first = await stage.startBaton();
    await expect(stage.startBaton()).rejects.toThrow(`another Baton (process ${first.pid}`);
    expect(await first.services()).toEqual([]);
  });
});

function movesTold(baton: BatonProcess): Promise<number> {
  return baton.metric('baton_traffic_moves_total', { service: '/app1' });
}

describe('HAProxy', () => {
  it('that was killed comes back with the same weights', async () => {
    const stage = await setStage();
    const baton = await stage.startBaton();
    await shared(stage);
    const moves = await movesTold(baton);
    const before = await haproxyPid(stage.stateDir);
    process.kill(before ?? 0, 'SIGKILL');
    await until('another HAProxy', async () => {
      const now = await haproxyPid(stage.stateDir);
      return now !== null && now !== before;
    });
    await until('answers', async () => (await answering(stage.port, 1)) !== undefined);
    // Where in the walk these begin is chance: no share is further than 2 from its part of any 100.
    const apps = await answering(stage.port, 100);
    expect(Math.abs((apps['/app1-100'] ?? 0) - 20)).toBeLessThanOrEqual(2);
    expect((apps['/app1-100'] ?? 0) + (apps['/app1'] ?? 0)).toBe(100);
    await stage.carried({ app1: 80, 'app1-100': 20 });
    expect(await baton.metric('baton_dataplane_deaths_total')).toBe(1);
    expect(await movesTold(baton)).toBe(moves);
  });

  it('that Baton cannot find is an error that says what to install', async () => {
    const stage = await setStage();
    await expect(stage.startBaton({ flags: ['--haproxy-binary', '/nowhere/haproxy'] })).rejects.toThrow(
      /haproxy/i,
    );
  });
});

it('with Marathon away at the start, HAProxy runs as it last did, and readiness says what is missing', async () => {
  const stage = await setStage();
  await stage.startBaton();
  await shared(stage);
  await stage.baton().end();
  process.kill((await haproxyPid(stage.stateDir)) ?? 0, 'SIGKILL');
  const next = await stage.launchBaton({ marathon: `http://127.0.0.1:${await freePort()}` });
  await until('a reason', async () =>
    (await next.readiness()).startsWith('not ready: no Marathon answered at http'),
  );
  expect(await answering(stage.port, 100)).toEqual({ '/app1': 80, '/app1-100': 20 });
});
