/** Virtual hosts, paths and shares, from labels through a real HAProxy, and what their changes cost. */
import { expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { pipeline } from '../support/load.ts';
import { until } from '../support/wait.ts';
import { appsAt, labelled, seenAt } from './labelled.ts';
import { setStage } from './stage.ts';

it('hosts, paths and shares are as the labels say, and change without a reload', async () => {
  const stage = await setStage({ flags: ['--group', 'external'] });
  const { port } = stage;
  const [shop = 0, canary = 0, cart = 0, deep = 0, intern = 0, lone = 0] = await freePorts(6);
  const baton = await stage.startBaton();
  const reloads = () => baton.metric('baton_dataplane_reloads_total');
  const cartLabels = { HAPROXY_0_VHOST: 'shop.example', HAPROXY_0_PATH: '/cart' };
  await stage.post(labelled('shop', [shop], { HAPROXY_0_VHOST: 'shop.example,www.example', weight: '95' }));
  await stage.post(labelled('canary', [canary], { HAPROXY_0_VHOST: 'shop.example', weight: '5' }));
  await stage.post(labelled('cart', [cart], cartLabels));
  await stage.post(
    labelled('deep', [deep], { HAPROXY_0_VHOST: 'shop.example', HAPROXY_0_PATH: '/cart/deep' }),
  );
  await stage.post(
    labelled('intern', [intern], { HAPROXY_GROUP: 'internal', HAPROXY_0_VHOST: 'in.example' }),
  );
  await stage.carried({ shop: 95, canary: 5 }, '/shop');
  await stage.carried({ cart: 100 }, '/cart');
  await stage.carried({ deep: 100 }, '/deep');
  await until(
    'all listeners',
    async () => (await seenAt(port, 'shop.example', '/cart/deep')).app === '/deep',
  );

  const { apps, failures } = await pipeline(port, 2_000, 'shop.example');
  expect(failures).toEqual([]);
  expect(Math.abs((apps['canary'] ?? 0) - 100)).toBeLessThanOrEqual(4);
  expect((apps['canary'] ?? 0) + (apps['shop'] ?? 0)).toBe(2_000);
  const places: readonly (readonly [number, string, string, string])[] = [
    [port, 'www.example', '/', '/shop'],
    [port, 'WWW.example:80', '/cart', '/shop'],
    [port, 'shop.example', '/cart', '/cart'],
    [port, 'shop.example', '/cart/x', '/cart'],
    [port, 'shop.example', '/cart/deep/x', '/deep'],
    [shop, 'shop.example', '/', '/shop'],
    [canary, 'shop.example', '/', '/canary'],
    [cart, 'x', '/', '/cart'],
    [port, 'in.example', '/', '503'],
    [port, 'unknown.example', '/', '503'],
  ];
  for (const [at, host, path, app] of places)
    expect([host, path, await appsAt(at, host, path)]).toEqual([host, path, app]);
  expect((await baton.services()).map(({ service }) => service).toSorted()).toEqual([
    '/cart',
    '/deep',
    '/shop',
  ]);
  await expect(appsAt(intern, 'in.example')).rejects.toThrow('ECONNREFUSED');

  const before = await reloads();
  await stage.put('shop', { instances: 3 });
  await until('a third task', async () => {
    const tasks = new Set<string>();
    for (let n = 0; n < 9; n += 1) tasks.add((await seenAt(shop, 'x')).task);
    return tasks.size === 3;
  });
  await stage.put('canary', {
    labels: { HAPROXY_GROUP: 'external', HAPROXY_0_VHOST: 'shop.example', weight: '95' },
  });
  await stage.carried({ shop: 50, canary: 50 }, '/shop');
  await stage.put('cart', {
    labels: {
      HAPROXY_GROUP: 'external',
      HAPROXY_0_VHOST: 'shop.example,new.example',
      HAPROXY_0_PATH: '/cart /basket',
    },
  });
  await until('the new host', async () => (await seenAt(port, 'new.example', '/basket/x')).app === '/cart');
  await until('the new path', async () => (await appsAt(port, 'shop.example', '/basket', 1)) === '/cart');
  expect(await appsAt(port, 'new.example', '/')).toBe('503');
  expect(await reloads()).toBe(before);

  await stage.post(labelled('lone', [lone], { HAPROXY_0_VHOST: 'lone.example' }));
  await until('another app', async () => (await seenAt(port, 'lone.example')).app === '/lone');
  await until('its port', async () => (await seenAt(lone, 'x')).app === '/lone');
  expect((await reloads()) - before).toBeLessThanOrEqual(1);
  await stage.remove('lone');
  await until('it to be gone', async () => (await appsAt(port, 'lone.example', '/', 1)) === '503');
  await until('its service to be gone', async () => (await baton.services()).length === 3);
  expect((await reloads()) - before).toBeLessThanOrEqual(2);
  expect(await appsAt(port, 'shop.example', '/', 40)).toBe('/canary /shop');
});
