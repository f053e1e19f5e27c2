/** The kept connection to HAProxy's socket: what it says it has done, and what becomes of it when the other side goes. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createFastLane } from '../../../src/dataplane/haproxy/fast-lane.ts';
import { until } from '../../support/wait.ts';

const prompt = '\n> ';

interface Other {
  readonly path: string;
  readonly server: Server;
  readonly heard: string[];
  readonly sockets: Socket[];
  /** What it answers to each command; null: nothing. */
  answer: (command: string) => string | null;
}

/** Speaks as HAProxy's socket does in its interactive mode: a prompt after each answer. */
async function other(): Promise<Other> {
  const directory = await mkdtemp(join(tmpdir(), 'b-'));
  const all: Other = {
    path: join(directory, 's.sock'),
    server: createServer(),
    heard: [],
    sockets: [],
    answer: () => '\n',
  };
  all.server.on('connection', (socket) => {
    all.sockets.push(socket);
    let rest = '';
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        all.heard.push(line);
        const said = line === 'prompt' || line.startsWith('set timeout') ? '' : all.answer(line);
        if (said !== null) socket.write(`${said}${prompt}`);
      }
    });
  });
  all.server.listen(all.path);
  await once(all.server, 'listening');
  onTestFinished(async () => {
    for (const socket of all.sockets) socket.destroy();
    all.server.close();
    await rm(directory, { recursive: true, force: true });
  });
  return all;
}

test('commands go out on the connection that is open, and each is answered before they count as done', async () => {
  const { path, heard, sockets } = await other();
  const lane = createFastLane(path);
  onTestFinished(() => lane.drop());
  lane.open();
  expect(await lane.say(['one', 'two'])).toBe(true);
  expect(await Promise.all([lane.say(['three']), lane.say(['four', 'five'])])).toEqual([true, true]);
  expect(heard).toEqual(['prompt', 'set timeout cli 1d', 'one', 'two', 'three', 'four', 'five']);
  expect(sockets).toHaveLength(1);
});

/** The next connection that this process opens, seen from its own side. */
function nextConnection(): () => Socket | undefined {
  let found: Socket | undefined;
  const opened = (message: unknown): void => {
    found ??= (message as { readonly socket: Socket }).socket;
  };
  subscribe('net.client.socket', opened);
  onTestFinished(() => void unsubscribe('net.client.socket', opened));
  return () => found;
}

test('an answer that comes in pieces counts once', async () => {
  const haproxy = await other();
  const lane = createFastLane(haproxy.path);
  onTestFinished(() => lane.drop());
  haproxy.answer = () => null;
  const connection = nextConnection();
  lane.open();
  let isDone: boolean | null = null;
  const saying = lane.say(['one']).then((done) => (isDone = done));
  await until('it to be heard', () => haproxy.heard.includes('one'));
  const read = (): number => connection()?.bytesRead ?? 0;
  await until('the greeting to be answered', () => read() === 2 * prompt.length);
  for (const piece of ['No such server.\n', '\n', '>']) {
    const before = read();
    haproxy.sockets[0]?.write(piece);
    await until('the piece to be read', () => read() === before + piece.length);
    expect(isDone).toBe(null);
  }
  haproxy.sockets[0]?.write(' ');
  await saying;
  expect(isDone).toBe(true);
});

test('without a connection nothing is done, and the next time there is one', async () => {
  const { path } = await other();
  const lane = createFastLane(path);
  onTestFinished(() => lane.drop());
  expect(await lane.say(['one'])).toBe(false);
  expect(await lane.say(['one'])).toBe(true);
});

test('a connection that ends takes what was not answered with it', async () => {
  const haproxy = await other();
  const lane = createFastLane(haproxy.path);
  onTestFinished(() => lane.drop());
  haproxy.answer = () => null;
  lane.open();
  const saying = lane.say(['one']);
  await until('it to be heard', () => haproxy.heard.includes('one'));
  for (const socket of haproxy.sockets) socket.destroy();
  expect(await saying).toBe(false);
});

test('who drops it leaves nothing open, and nobody waiting', async () => {
  const haproxy = await other();
  const lane = createFastLane(haproxy.path);
  haproxy.answer = () => null;
  lane.open();
  const saying = lane.say(['one']);
  lane.drop();
  expect(await saying).toBe(false);
  await until('it to be closed', () => haproxy.sockets.every((socket) => socket.destroyed));
});
