/** Connections that never end: what a drain does with a websocket, also with one that an older worker holds. */
import { once } from 'node:events';
import http from 'node:http';
import type { Duplex } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { listenerApp, versionApp } from '../support/apps.ts';
import { until } from '../support/wait.ts';
import { setStage, type Stage } from './stage.ts';

/** A websocket that has said something and heard it back. */
async function websocket(port: number): Promise<Duplex> {
  const sent = http.request({
    host: '127.0.0.1',
    port,
    headers: { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
  });
  sent.end();
  const [response, socket] = (await once(sent, 'upgrade')) as [http.IncomingMessage, Duplex];
  onTestFinished(() => void socket.destroy());
  expect(response.headers['sec-websocket-accept']).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  socket.on('error', () => undefined);
  expect(await said(socket, 'hello')).toBe('hello');
  return socket;
}

async function said(socket: Duplex, text: string): Promise<string> {
  const heard = once(socket, 'data', { signal: AbortSignal.timeout(20_000) });
  socket.write(text);
  return String((await heard)[0]);
}

async function pool(stage: Stage, app: string) {
  const { pools } = await stage.baton().service('/app1');
  return pools.find((each) => each.app === app);
}

it('a websocket is left alone while its version drains, and closed when the time is up; a reload in between changes nothing', async () => {
  const stage = await setStage();
  const baton = await stage.startBaton();
  const own = { service: 'app1', drain: { timeout: '8s', then: 'close' } };
  await stage.post(listenerApp('app1', { labels: { ab_config: JSON.stringify(own) } }));
  await stage.carried({ app1: 100 });
  const first = await websocket(stage.port);
  // Another port costs a reload: the first connection stays with the worker that is leaving.
  const reloads = await baton.metric('baton_dataplane_reloads_total');
  await stage.post(listenerApp('app2', { port: 8099, instances: 1 }));
  await until('the reload', async () => (await baton.metric('baton_dataplane_reloads_total')) > reloads);
  const second = await websocket(stage.port);
  await stage.post(versionApp('app1-100', { service: 'app1', priority: 10 }));
  await stage.carried({ 'app1-100': 100 });
  await until('the drain', async () => (await pool(stage, '/app1'))?.state === 'draining');
  await until('both to be counted', async () => (await pool(stage, '/app1'))?.sessions === 2);
  expect(await said(first, 'still here')).toBe('still here');
  expect(await said(second, 'me too')).toBe('me too');
  const closed = Promise.all([first, second].map((socket) => once(socket.resume(), 'close')));
  await until('the end of the drain', async () => (await pool(stage, '/app1'))?.sessions === 0);
  await closed;
  expect((await pool(stage, '/app1'))?.state).toBe('standby');
});
