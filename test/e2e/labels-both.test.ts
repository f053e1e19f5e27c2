/** One app in several services, and by several of its ports, from labels through a real HAProxy. */
import { expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { pipeline } from '../support/load.ts';
import { until } from '../support/wait.ts';
import { appsAt, labelled, seenAt } from './labelled.ts';
import { answered, expectNoFailure, setStage } from './stage.ts';

it('the same app in two services has in each the part that it declares there, and leaves both at once', async () => {
  const stage = await setStage({ flags: ['--group', 'external'] });
  const { port } = stage;
  await stage.startBaton();
  const [first = 0, second = 0, third = 0] = await freePorts(3);
  await stage.post(labelled('a', [first], { HAPROXY_0_VHOST: '127.0.0.1' }));
  await stage.post(labelled('b', [second], { HAPROXY_0_VHOST: 'b.example', weight: '75' }));
  await stage.carried({ a: 100 }, '/a');
  await stage.carried({ b: 100 }, '/b');
  const load = stage.load(300);
  await answered(load, 100);
  const config = [
    { service: '127.0.0.1', priority: 10 },
    { service: 'b', weight: 25 },
  ];
  const own = { HAPROXY_0_VHOST: 'both.example', ab_config: JSON.stringify(config) };
  await stage.post(labelled('both', [third], own));
  await stage.carried({ both: 100 }, '/a');
  await stage.carried({ b: 75, both: 25 }, '/b');
  await stage.carried({ both: 100 }, '/both');
  expect(await appsAt(port, '127.0.0.1')).toBe('/both');
  expect(await appsAt(port, 'both.example')).toBe('/both');
  const { apps, failures } = await pipeline(port, 2_000, 'b.example');
  expect(failures).toEqual([]);
  expect(Math.abs((apps['both'] ?? 0) - 500)).toBeLessThanOrEqual(4);
  expect((apps['both'] ?? 0) + (apps['b'] ?? 0)).toBe(2_000);
  // Named by a virtual host a service is shared there alone; named by its app it is shared at all its places.
  expect(await Promise.all([first, second, third].map((at) => appsAt(at, 'x')))).toEqual([
    '/a',
    '/b /both',
    '/both',
  ]);
  await answered(load, 100);
  await stage.put('both', { instances: 0 });
  await stage.carried({ a: 100 }, '/a');
  await stage.carried({ b: 100 }, '/b');
  await until('nobody', async () => (await appsAt(port, 'both.example', '/', 1)) === '503');
  expect(await appsAt(port, 'b.example')).toBe('/b');
  await answered(load, 100);
  expect(Object.keys(await expectNoFailure(load)).toSorted()).toEqual(['/a', '/both']);
});

it('several ports of one app are each where their labels say, one of them shared with another app', async () => {
  const stage = await setStage({ flags: ['--group', 'external'] });
  const { port } = stage;
  const baton = await stage.startBaton();
  const [shop = 0, zero = 0, one = 0, two = 0] = await freePorts(4);
  await stage.post(labelled('shop', [shop], { HAPROXY_0_VHOST: '127.0.0.1', weight: '50' }));
  await stage.carried({ shop: 100 }, '/shop');
  const load = stage.load(300);
  await stage.post(
    labelled('multi', [zero, one, two], {
      HAPROXY_0_VHOST: '127.0.0.1',
      HAPROXY_1_VHOST: 'admin.example',
      HAPROXY_2_MODE: 'tcp',
      weight: '50',
    }),
  );
  await stage.carried({ shop: 50, multi: 50 }, '/shop');
  await stage.carried({ multi: 100 }, `/multi_${one}`);
  await stage.carried({ multi: 100 }, `/multi_${two}`);

  /** The ports of the tasks that answer there, by their index; those of other apps are none. */
  async function indicesAt(at: number, host: string): Promise<string> {
    const tasks = (await stage.simulator.tasks()).filter(({ app }) => app === '/multi');
    const seen = await Promise.all(Array.from({ length: 12 }, () => seenAt(at, host)));
    const found = seen
      .filter(({ app }) => app === '/multi')
      .flatMap((each) => tasks.map(({ ports }) => ports.indexOf(each.port)).filter((index) => index >= 0));
    return [...new Set(found)].toSorted((a, b) => a - b).join();
  }
  const places = async () =>
    Promise.all([indicesAt(port, '127.0.0.1'), indicesAt(port, 'admin.example'), indicesAt(two, 'x')]);
  expect(await places()).toEqual(['0', '1', '2']);
  expect((await seenAt(two, 'x')).proto).toBeUndefined();
  // All of its ports move to the next version together.
  const old = (await stage.simulator.tasks()).filter(({ app }) => app === '/multi').map(({ id }) => id);
  await stage.put('multi', { env: { NEXT: 'yes' } });
  await until('the next version', async () => {
    const tasks = (await stage.simulator.tasks()).filter(({ app }) => app === '/multi');
    return tasks.length === 2 && tasks.every(({ id }) => !old.includes(id));
  });
  await until('its ports', async () => (await places()).join(' ') === '0 1 2');
  await stage.remove('multi');
  await stage.carried({ shop: 100 }, '/shop');
  await until('the services are gone', async () => (await baton.services()).length === 1);
  await until('nobody', async () => (await appsAt(port, 'admin.example', '/', 1)) === '503');
  await expect(seenAt(two, 'x')).rejects.toThrow(/ECONNREFUSED|ECONNRESET|socket hang up/);
  await answered(load, 100);
  expect(Object.keys(await expectNoFailure(load)).toSorted()).toEqual(['/multi', '/shop']);
});
