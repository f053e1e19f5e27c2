/** The event stream byte by byte: head, framing, heartbeat, filter, slow consumers. */
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../support/wait.ts';
import { appOf, type Rig, rig } from './support.ts';

interface RawStream {
  readonly socket: net.Socket;
  /** What came in each packet. */
  readonly packets: string[];
  text(): string;
  ended(): boolean;
}

let it: Rig;
const open: net.Socket[] = [];
beforeEach(async () => {
  it = await rig({ heartbeatMs: 40, tasks: 'addresses' });
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await it.sim.close();
});

function connect(query = '', paused = false): RawStream {
  const { hostname, port } = new URL(it.sim.url);
  const socket = net.connect(Number(port), hostname);
  open.push(socket);
  const packets: string[] = [];
  let ended = false;
  socket.on('error', () => {});
  socket.on('close', () => void (ended = true));
  socket.write(`GET /v2/events${query} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n`);
  if (!paused) socket.on('data', (chunk) => packets.push(chunk.toString('latin1')));
  return { socket, packets, text: () => packets.join(''), ended: () => ended };
}

const types = (text: string): readonly string[] =>
  [...text.matchAll(/^event: (\S+)\r$/gm)].map((match) => match[1] ?? '');

describe('the stream', () => {
  test('head, no length, no chunks, CRLF', async () => {
    const stream = connect();
    await until('attached', () => stream.text().includes('event_stream_attached'));
    const [head = '', ...rest] = stream.text().split('\r\n\r\n');
    expect(head.split('\r\n').filter((line) => !line.startsWith('Date: '))).toEqual([
      'HTTP/1.1 200 OK',
      'Cache-Control: no-cache, no-store, must-revalidate',
      'Pragma: no-cache',
      'Expires: 0',
      `X-Marathon-Leader: ${it.sim.url}`,
      'X-Frame-Options: DENY',
      'X-XSS-Protection: 1; mode=block',
      'Content-Type: text/event-stream;charset=utf-8',
      'Connection: close',
    ]);
    expect(rest[0]).toMatch(
      /^event: event_stream_attached\r\ndata: \{"remoteAddress":"127\.0\.0\.1","eventType":"event_stream_attached","timestamp":"[-0-9T:.]+Z"\}$/,
    );
    expect(stream.text().replaceAll('\r\n', '')).not.toMatch(/[\r\n](?!$)/);
  });

  test('heartbeats are a bare CR and LF, flushed apart, and never inside an event', async () => {
    const stream = connect();
    await until('two heartbeats', () => stream.text().endsWith('}\r\n\r\n\r\n\r\n'));
    const alone = stream.packets.filter((packet) => packet === '\r' || packet === '\n');
    expect(alone.length).toBeGreaterThan(0);
    const before = stream.text().length;
    await it.deploy('POST', '/v2/apps', appOf('/web', { instances: 20 }));
    await until('all events came', () => types(stream.text()).includes('deployment_success'));
    const blocks = stream
      .text()
      .slice(before)
      .replace(/\r$/, '')
      .split('\r\n')
      .filter((line) => line !== '');
    expect(blocks.every((line, index) => line.startsWith(index % 2 === 0 ? 'event: ' : 'data: {'))).toBe(
      true,
    );
  });

  test('event_type filters, and may be given more than once', async () => {
    const stream = connect(
      '?event_type=deployment_info&event_type=deployment_success&event_type=no_such_event',
    );
    await until('attached', () => it.sim.subscribers() === 1);
    await it.deploy('POST', '/v2/apps', appOf('/web'));
    await until('the deployment ended', () => types(stream.text()).includes('deployment_success'));
    expect(types(stream.text())).toEqual(['deployment_info', 'deployment_info', 'deployment_success']);
  });

  test('those who stay hear of those who come and go', async () => {
    const first = connect();
    await until('attached', () => it.sim.subscribers() === 1);
    connect().socket.on('data', function (this: net.Socket) {
      this.destroy();
    });
    await until('the other left', () => types(first.text()).includes('event_stream_detached'));
    expect(types(first.text())).toEqual([
      'event_stream_attached',
      'event_stream_attached',
      'event_stream_detached',
    ]);
    await until('forgotten', () => it.sim.subscribers() === 1);
  });

  test('who does not read is cut off, and nobody else', async () => {
    const reader = connect('?event_type=deployment_success');
    connect('', true);
    await until('both attached', () => it.sim.subscribers() === 2);
    for (let n = 0; n < 20; n += 1) {
      const labels = { big: 'x'.repeat(1_000_000), n: String(n) };
      await it.call('PUT', '/v2/apps/web', { cmd: 'x', instances: 0, labels });
    }
    expect(it.sim.subscribers()).toBe(2);
    await it.deploy(
      'PUT',
      '/v2/apps',
      Array.from({ length: 200 }, (_, app) => appOf(`/many/${app}`)),
    );
    await until('cut off', () => it.sim.subscribers() === 1);
    expect(reader.ended()).toBe(false);
  });

  test('the end of a leader ends the streams', async () => {
    const stream = connect();
    await until('attached', () => it.sim.subscribers() === 1);
    it.sim.closeStreams();
    await until('closed', () => stream.ended());
    expect(it.sim.subscribers()).toBe(0);
  });
});
