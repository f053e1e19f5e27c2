/** The watch over connections that come and go: reconnecting, waiting, other addresses, and what it says meanwhile. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { appId, millis } from '../../src/model/ids.ts';
import { until } from '../support/wait.ts';
import { type FakeMarathon, html, startFakeMarathon, streamHead } from './support/fake-marathon.ts';
import { startSynced, startWatching, type Watching } from './support/watching.ts';
import { wireAppOf } from './support/wire.ts';

let fake: FakeMarathon;
let watching: Watching;

beforeEach(async () => {
  fake = await startFakeMarathon();
  fake.apps.set('/a', wireAppOf('/a'));
  fake.apps.set('/g/b', wireAppOf('/g/b'));
});

afterEach(async () => {
  await watching.stop();
  await fake.close();
});

test('after a reconnection everything is read again', async () => {
  watching = await startSynced([fake.url]);
  fake.apps.set('/a', wireAppOf('/a', { instances: 3 }));
  for (const socket of fake.streams) socket.end();
  await until('the news', () => watching.app('/a')?.instances === 3);
  expect(watching.of('synced').map(({ reason }) => reason)).toEqual(['start', 'reconnect']);
  expect(watching.of('disconnected')).toHaveLength(1);
  expect(watching.watch.status()).toMatchObject({ connected: true, trouble: null });
});

test('while Marathon is away the snapshot stays, and the trouble says what to check', async () => {
  watching = await startSynced([fake.url]);
  const cluster = watching.watch.snapshot();
  await fake.close();
  await until('trouble', () => /connection refused/.test(watching.watch.status().trouble ?? ''));
  expect(watching.watch.status().trouble).toMatch(
    /^no Marathon answered at http.*is it running, is the address right\?$/,
  );
  expect(watching.watch.status().connected).toBe(false);
  expect(watching.watch.snapshot()).toBe(cluster);
});

test('200 and the end at once does not make it spin: each wait is longer, good connections alone reset that', async () => {
  fake.onStream = (socket) => socket.end(streamHead);
  // The waits double from 1 ms on: 20 of them are more than four minutes.
  watching = await startSynced([fake.url], { resyncMs: 20 }, { backoff: { firstMs: 1, maxMs: 1e9 } });
  await until('many lists', () => watching.of('synced').length >= 30);
  expect(fake.count('/v2/events')).toBeLessThanOrEqual(20);
  expect(fake.count('/v2/events')).toBeGreaterThan(2);
});

test('where the stream is refused, lists alone still tell the state', async () => {
  fake.intercept = (request, response) => request.path === '/v2/events' && (html(response, 405), true);
  watching = await startSynced([fake.url], { resyncMs: 50 });
  expect(watching.watch.snapshot().apps.size).toBe(2);
  expect(watching.watch.status()).toMatchObject({
    connected: false,
    trouble: expect.stringContaining('Accept') as unknown,
  });
  await until('more lists', () => watching.of('synced').length >= 3);
});

test('without a stream all apps are read more often, until there is one again', async () => {
  watching = await startSynced([fake.url], {}, { deafMs: 30 });
  await until('the stream', () => watching.watch.status().connected);
  fake.intercept = (request, response) => request.path === '/v2/events' && (html(response, 503), true);
  for (const socket of fake.streams) socket.end();
  await until('lists by themselves', () => reasons().filter((reason) => reason === 'periodic').length >= 3);
  fake.intercept = () => false;
  await until('the stream again', () => watching.watch.status().connected);
  await until('the list after it', () => reasons().at(-1) === 'reconnect');
  expect(watching.watch.status().trouble).toBeNull();
});

test('silence is noticed and heard of', async () => {
  watching = await startSynced([fake.url], { idleMs: 300 });
  await until('two streams', () => fake.count('/v2/events') >= 2);
  expect(watching.of('disconnected')[0]?.reason).toMatch(/nothing was heard/);
});

test('the next address is used when one does not answer, and no credentials are told', async () => {
  const dead = await startFakeMarathon();
  await dead.close();
  const urls = [dead.url, fake.url].map((url) => url.replace('//', '//user:secret@'));
  watching = startWatching(urls, {}, { backoff: { firstMs: 600_000, maxMs: 600_000 } });
  await until('connected', () => watching.watch.status().connected);
  await until('synced', () => watching.app('/a') !== undefined);
  expect(fake.requests[0]?.headers.authorization).toBe(
    `Basic ${Buffer.from('user:secret').toString('base64')}`,
  );
  expect(JSON.stringify([watching.notices, watching.watch.status()])).not.toContain('secret');
});

test('when the node that is followed dies, the next one is, and back again', async () => {
  const other = await startFakeMarathon();
  other.apps.set('/a', wireAppOf('/a', { instances: 2 }));
  watching = await startSynced([fake.url, other.url]);
  await until('the first', () => watching.watch.status().connected);
  for (const socket of fake.streams) socket.destroy();
  fake.intercept = (_, response) => (html(response, 503), true);
  await until('the second', () => watching.app('/a')?.instances === 2 && watching.watch.status().connected);
  expect(watching.of('connected').map(({ url }) => url)).toEqual([fake.url, other.url]);
  fake.intercept = () => false;
  await other.close();
  await until('the first again', () => watching.app('/a')?.instances === 1);
  expect(watching.watch.snapshot().apps.has(appId('/g/b'))).toBe(true);
});

test('a heartbeat and data of Marathon are signs of its life, what a proxy says in its place is none', async () => {
  let now = 1000;
  watching = await startSynced([fake.url], { clock: () => millis(now), resyncMs: 20 });
  const heard = () => watching.watch.status().heardAt;
  const asked = () => watching.of('request').filter(({ outcome }) => outcome === 'no-leader').length;
  await until('connected', () => watching.watch.status().connected);
  fake.intercept = (_, response) => (html(response, 503), true);
  await until('a page', () => asked() > 0);
  now = 2000;
  for (const socket of fake.streams) socket.write('\r\n');
  await until('the heartbeat', () => heard() === 2000);
  now = 3000;
  const before = asked();
  await until('more pages', () => asked() >= before + 2);
  expect(heard()).toBe(2000);
  fake.intercept = () => false;
  await until('the list', () => heard() === 3000);
});

test('since when reads fail is known until the whole list is read: one app is not enough', async () => {
  let now = 1000;
  watching = await startSynced([fake.url], { clock: () => millis(now), resyncMs: 20 });
  await until('connected', () => watching.watch.status().connected);
  expect(watching.watch.status().failingSince).toBeNull();
  fake.intercept = ({ path }, response) => path === '/v2/apps' && (html(response, 503), true);
  now = 2000;
  await until('a failure', () => watching.watch.status().failingSince !== null);
  now = 3000;
  fake.apps.set('/a', wireAppOf('/a', { instances: 3 }));
  fake.event('status_update_event', { appId: '/a' });
  await until('the one app', () => watching.app('/a')?.instances === 3);
  expect(watching.watch.status()).toMatchObject({
    connected: true,
    failingSince: 2000,
    trouble: expect.stringContaining('answered 503') as unknown,
  });
  fake.intercept = () => false;
  await until('the list', () => watching.watch.status().failingSince === null);
  expect(watching.watch.status().trouble).toBeNull();
});

function reasons(): readonly string[] {
  return watching.of('synced').map(({ reason }) => reason);
}
