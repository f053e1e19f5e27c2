/** Tasks that are told by a PROXY header who the client is, through a real HAProxy. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SendProxy } from '../../../src/declared/types.ts';
import type { ServiceTarget } from '../../../src/plan/target.ts';
import { freePorts } from '../../support/free-ports.ts';
import { request } from '../../support/load.ts';
import { endpoints, pool, service } from '../../support/targets.ts';
import { deadline, enter, openStage, type Stage } from './stage.ts';

let stage: Stage;
let port: number;
let task: number;
const server = createServer((socket) => {
  socket.once('data', (bytes) => {
    const said = bytes.subarray(0, 5).toString('latin1') === 'PROXY' ? 'v1' : bytes[0] === 13 ? 'v2' : 'none';
    socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${said.length}\r\nconnection: close\r\n\r\n${said}`);
  });
  socket.on('error', () => socket.destroy());
});

beforeEach(async () => {
  stage = await openStage();
  [port] = (await freePorts(1)) as [number];
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  task = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  await stage.dispose();
  server.close();
});

function target(sendProxy?: SendProxy): readonly ServiceTarget[] {
  const told = endpoints('s', [task]).map((each) => ({ ...each, ...(sendProxy && { sendProxy }) }));
  return [service('/app', port, [pool('/app', 'a', 10_000, told)])];
}

test('the header comes and goes without a reload, in either version, and the next Baton finds it', async () => {
  const seen = async () => (await request(port)).body;
  await enter(stage.driver, target('v2'));
  expect(await seen()).toBe('v2');
  const { driver } = stage.another();
  await stage.driver.stop(deadline());
  await driver.start(deadline());
  expect(await driver.apply(target('v2'), deadline())).toMatchObject({ reloads: 0, changes: 0 });
  expect(await enter(driver, target('v1'))).toBe(0);
  expect(await seen()).toBe('v1');
  expect(await enter(driver, target())).toBe(0);
  expect(await seen()).toBe('none');
});
