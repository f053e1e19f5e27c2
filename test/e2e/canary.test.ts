/** Canaries end to end: exact shares, steps that hold, and a way back by itself when the new version fails. */
import { expect, it } from 'vitest';
import { listenerApp, versionApp } from '../support/apps.ts';
import { pipeline } from '../support/load.ts';
import { until } from '../support/wait.ts';
import { answered, answering, expectNoFailure, setStage, type Stage } from './stage.ts';

const analysis = { maxErrorRate: 0.01, minRequests: 50, interval: '1s', failureLimit: 0 };

async function phase(stage: Stage, wanted: string): Promise<void> {
  let last: unknown;
  await until(
    `phase ${wanted}`,
    async () => {
      const { phase: found, because } = await stage.baton().service('/app1');
      last = [found, because.text];
      return found === wanted;
    },
    { detail: () => last },
  );
}

it('the 80/20 canary: 8 and 2 of 10, 20 % of 10,000, and sent back when it answers errors', async () => {
  const stage = await setStage();
  await stage.startBaton();
  await stage.post(
    listenerApp('app1', {
      instances: 3,
      labels: { ab_config: JSON.stringify({ service: 'app1', weight: 80 }) },
    }),
  );
  await stage.carried({ app1: 100 });
  await stage.post(versionApp('app1-100', { service: 'app1', weight: 20, analysis }, { instances: 1 }));
  await stage.carried({ app1: 80, 'app1-100': 20 });
  const ten = await answering(stage.port, 10);
  expect(ten['/app1-100']).toBeGreaterThanOrEqual(1);
  expect(ten['/app1-100']).toBeLessThanOrEqual(3);
  const { apps, failures } = await pipeline(stage.port, 10_000);
  expect(failures).toEqual([]);
  expect(apps['app1-100']).toBeGreaterThanOrEqual(1990);
  expect(apps['app1-100']).toBeLessThanOrEqual(2010);

  const load = stage.load();
  stage.simulator.behaveApp('/app1', { errorRate: 0.05 });
  await answered(load, 1500);
  await stage.carried({ app1: 80, 'app1-100': 20 });

  stage.simulator.behaveApp('/app1', { errorRate: 0 });
  stage.simulator.behaveApp('/app1-100', { errorRate: 0.05 });
  await stage.carried({ app1: 100 });
  await phase(stage, 'aborted');
  const { because } = await stage.baton().service('/app1');
  expect(because.code).toBe('analysis-failed');
});

it('a canary by steps: holds, goes on by itself, waits for a person, and ends at 100 %', async () => {
  const stage = await setStage();
  const baton = await stage.startBaton();
  await stage.post(listenerApp('app1'));
  await stage.carried({ app1: 100 });
  const load = stage.load();
  const steps = [{ weight: 5, hold: '1s' }, { weight: 25, pause: true }, { weight: 100 }];
  await stage.post(versionApp('app1-100', { service: 'app1', priority: 10, steps }));
  await stage.carried({ app1: 75, 'app1-100': 25 });
  await until('the pause', async () => (await baton.service('/app1')).transition?.phase === 'paused');
  // A second at 5 % may pass between two looks, but not untold.
  const told = await fetch(`${baton.url}/v1/services/app1/history?limit=200`);
  const { entries } = (await told.json()) as { entries: readonly { kind: string; text: string }[] };
  const moves = entries.filter(({ kind }) => kind === 'traffic-moved').map(({ text }) => text.split(';')[0]);
  expect(moves).toEqual([
    'traffic: app1 100 %',
    'traffic: app1 95 %, app1-100 5 %',
    'traffic: app1 75 %, app1-100 25 %',
  ]);
  const answer = await fetch(`${baton.url}/v1/services/app1/promote`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by: 'anna', why: 'looks good' }),
  });
  expect(answer.status).toBe(200);
  await stage.carried({ 'app1-100': 100 });
  await phase(stage, 'settled');
  await expectNoFailure(load);
});

it('instance by instance: the old app is gone, nobody was killed with a request in progress', async () => {
  const stage = await setStage();
  await stage.startBaton();
  await stage.post(listenerApp('front', { instances: 1, labels: { ab_config: '{"weight": 0}' } }));
  await stage.post(versionApp('blue', { service: 'front', priority: 0 }, { instances: 3 }));
  await stage.carried({ blue: 100 }, '/front');
  const load = stage.load();
  await answered(load, 100);
  stage.simulator.behaveApp('/blue', { latencyMs: 300 });
  await stage.post(
    versionApp(
      'green',
      { service: 'front', priority: 10, strategy: 'rolling', retire: 'delete', retireAfter: '0s' },
      { instances: 1 },
    ),
  );
  const least = { up: Number.POSITIVE_INFINITY, most: 0 };
  await until('blue to be gone', async () => {
    const { pools } = await stage.baton().service('/front');
    const up = pools
      .filter((pool) => pool.app !== '/front')
      .flatMap((pool) => pool.endpoints)
      .filter((endpoint) => endpoint.rotation === 'in' && endpoint.probed === 'passed').length;
    least.up = Math.min(least.up, up);
    least.most = Math.max(least.most, up);
    return !pools.some((pool) => pool.app === '/blue');
  });
  // Three served before, and at no time fewer, nor more than one more.
  expect(least.up).toBe(3);
  expect(least.most).toBeLessThanOrEqual(4);
  const { pools } = await stage.baton().service('/front');
  expect(pools.find((pool) => pool.app === '/green')).toMatchObject({ weight: 100 });
  expect(pools.find((pool) => pool.app === '/green')?.endpoints).toHaveLength(3);
  await expectNoFailure(load);
});
