/** Traffic moves because of a label: Avi's graceful migration, end to end under load. */
import { expect, it } from 'vitest';
import { listenerApp, versionApp } from '../support/apps.ts';
import { until } from '../support/wait.ts';
import { answered, answering, expectNoFailure, setStage } from './stage.ts';

it.each([
  ['1.10', 2000],
  ['1.7', 300],
  ['1.4', 300],
] as const)(
  'Marathon %s: app1, app1-100, app1-200, app1 scaled to 0: no request fails, no move costs a reload',
  async (marathonVersion, requests) => {
    const stage = await setStage({ simulator: { marathonVersion } });
    const baton = await stage.startBaton();
    await stage.post(listenerApp('app1'));
    await stage.carried({ app1: 100 });
    await until('the listener', async () => (await answering(stage.port, 1))['/app1'] === 1);
    const reloads = await baton.metric('baton_dataplane_reloads_total');
    const load = stage.load();
    await answered(load, requests);

    await stage.post(versionApp('app1-100', { service: 'app1', priority: 10 }));
    await stage.carried({ 'app1-100': 100 });
    expect(await answering(stage.port, 50)).toEqual({ '/app1-100': 50 });
    expect(await baton.service('/app1')).toMatchObject({ ratio: 100 });
    await answered(load, requests);

    await stage.post(versionApp('app1-200', { service: 'app1', priority: 20 }));
    await stage.carried({ 'app1-200': 100 });
    expect(await answering(stage.port, 50)).toEqual({ '/app1-200': 50 });
    await answered(load, requests);

    await stage.put('app1', { instances: 0 });
    await until('app1 to be empty', async () => {
      const { pools } = await baton.service('/app1');
      return pools.find((pool) => pool.app === '/app1')?.state === 'empty';
    });
    await answered(load, requests);
    expect(await answering(stage.port, 50)).toEqual({ '/app1-200': 50 });

    const service = await baton.service('/app1');
    expect(service).toMatchObject({ phase: 'settled', ratio: 0, listener: { app: '/app1', gone: false } });
    expect(Object.fromEntries(service.pools.map((pool) => [pool.app, pool.side]))).toEqual({
      '/app1': 'A',
      '/app1-100': 'B',
      '/app1-200': 'A',
    });
    expect(await baton.metric('baton_dataplane_reloads_total')).toBe(reloads);
    expect(await baton.metric('baton_traffic_moves_total', { service: '/app1' })).toBe(3);
    await expectNoFailure(load);
  },
);

it('an empty Marathon is a state like any other: ready, no services', async () => {
  const stage = await setStage();
  const baton = await stage.startBaton();
  expect(await baton.services()).toEqual([]);
  expect(await baton.diagnostics()).toEqual([]);
});

it('keeps the listener for the versions that refer to it when the listener app is deleted', async () => {
  const stage = await setStage();
  await stage.startBaton();
  await stage.post(listenerApp('app1'));
  await stage.post(versionApp('app1-100', { service: 'app1', priority: 10 }));
  await stage.carried({ 'app1-100': 100 });
  const load = stage.load();
  await answered(load, 200);
  await stage.remove('app1');
  await until(
    'the listener app to be gone',
    async () => (await stage.baton().service('/app1')).listener.gone,
  );
  await answered(load, 200);
  // The memory of it is in the state directory: another Baton keeps it too.
  await stage.baton().end('SIGKILL');
  const next = await stage.startBaton();
  await answered(load, 200);
  expect((await next.service('/app1')).listener).toMatchObject({ app: '/app1', gone: true });
  expect((await next.diagnostics()).map(({ code }) => code)).toContain('listener-app-gone');
  await expectNoFailure(load);
});
