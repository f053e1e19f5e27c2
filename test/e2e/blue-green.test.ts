/** Blue and green, as zdd.py labels them and as people do by hand, end to end under load: no request fails. */
import { expect, it } from 'vitest';
import { app } from '../support/apps.ts';
import { freePort } from '../support/free-ports.ts';
import { until } from '../support/wait.ts';
import { seenAt } from './labelled.ts';
import { answered, answering, expectNoFailure, setStage } from './stage.ts';

const service = '/shop_10000';

function colour(name: 'blue' | 'green', startedAt: string, instances: number): Record<string, unknown> {
  return app(
    `shop-${name}`,
    {
      HAPROXY_GROUP: 'external',
      HAPROXY_0_MODE: 'http',
      HAPROXY_0_PORT: '10000',
      HAPROXY_DEPLOYMENT_GROUP: 'shop',
      HAPROXY_DEPLOYMENT_COLOUR: name,
      HAPROXY_DEPLOYMENT_STARTED_AT: startedAt,
      HAPROXY_DEPLOYMENT_TARGET_INSTANCES: '2',
      HAPROXY_DEPLOYMENT_NEW_INSTANCES: '0',
    },
    { instances },
  );
}

it('blue hands over to green instance by instance, and stays out when it is scaled', async () => {
  const stage = await setStage({ flags: ['--group', 'external', '--bind-http-https', 'false'] });
  const baton = await stage.startBaton({ mapPorts: { 10000: stage.port } });
  await stage.post(colour('blue', '2024-01-01T08:00:00', 2));
  await stage.carried({ 'shop-blue': 100 }, service);
  await until('the listener', async () => (await answering(stage.port, 1))['/shop-blue'] === 1);
  const reloads = await baton.metric('baton_dataplane_reloads_total');
  const load = stage.load();
  await answered(load, 300);

  await stage.post(colour('green', '2024-01-02T08:00:00', 1));
  await stage.carried({ 'shop-blue': 66.67, 'shop-green': 33.33 }, service);
  await answered(load, 300);

  await stage.put('shop-green', { instances: 2 });
  await stage.carried({ 'shop-green': 100 }, service);
  await stage.put('shop-blue', { instances: 1 });
  await answered(load, 300);
  expect(await answering(stage.port, 20)).toEqual({ '/shop-green': 20 });

  await stage.remove('shop-blue');
  await until('blue to be gone', async () => (await baton.service(service)).pools.length === 1);
  expect(await answering(stage.port, 20)).toEqual({ '/shop-green': 20 });
  expect(await baton.metric('baton_dataplane_reloads_total')).toBe(reloads);
  await expectNoFailure(load);
});

it('green is labelled while blue is scaled to 0, both on one port and virtual host', async () => {
  const stage = await setStage({ flags: ['--group', 'external'] });
  const port = await freePort();
  const baton = await stage.startBaton({ mapPorts: { 80: port, 10080: stage.port } });
  const labels = { HAPROXY_GROUP: 'external', HAPROXY_0_PORT: '10080', HAPROXY_0_VHOST: 'zdd.example' };
  await stage.post(app('blue', labels, { instances: 4 }));
  await stage.carried({ blue: 100 }, '/blue');
  await until('the listener', async () => (await seenAt(port, 'zdd.example')).app === '/blue');
  // New labels are a new version: all tasks are replaced, and one of the old ones stays until the new ones are healthy.
  const upgradeStrategy = { minimumHealthCapacity: 0.25, maximumOverCapacity: 0 };
  await stage.post(app('green', {}, { instances: 4, upgradeStrategy }));
  await until('green to be healthy', async () => {
    const answer = await fetch(`${stage.simulator.url}/v2/apps/green`);
    return ((await answer.json()) as { app: { tasksHealthy: number } }).app.tasksHealthy === 4;
  });
  const load = stage.load();
  await answered(load, 300);
  expect(await baton.services()).toHaveLength(1);

  await stage.put('green', { labels });
  await Promise.all([stage.put('blue', { instances: 0 }), answered(load, 300)]);
  await stage.carried({ green: 100 }, '/blue');
  await answered(load, 1000);
  expect(await answering(stage.port, 20)).toEqual({ '/green': 20 });
  expect((await seenAt(port, 'zdd.example')).app).toBe('/green');
  await expectNoFailure(load);
});
