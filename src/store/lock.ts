/** The lock on a state directory: two Batons must never steer one HAProxy. */
import { randomUUID } from 'node:crypto';
import { readdir, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stateDirError } from './state-dir.ts';

/** Another Baton runs on this state directory. */
export class StateDirLockedError extends Error {
  readonly code = 'state-dir-locked';
  readonly owner: string;

  constructor(directory: string, owner: string, otherwise = 'or use another --state-dir') {
    super(`another Baton (${owner}) runs on ${directory}; stop it first, ${otherwise}`);
    this.owner = owner;
  }
}

export interface Lock {
  release(): Promise<void>;
}

const answerTimeoutMs = 1000;
/** Until another one that starts is asked again, in ms. */
const askAgainMs = 20;
/** The sockets of all that start, or hold the lock; the plain name is that of earlier versions. */
const lockName = /^lock(?:-[0-9a-f]{8})?$/;

/**
 * Takes the lock, or fails at once. Whoever starts first listens on a unix socket of its own, and only then looks who
 * else does: of two that start at the same moment at least one sees the other, whatever is slow. A socket that nobody
 * answers on was left by one that was killed, whatever process has its pid now.
 * @throws StateDirLockedError when another process holds it, or begins to
 * @throws StateDirError when the directory cannot be written
 */
export async function lockStateDir(directory: string): Promise<Lock> {
  try {
    return await take(directory);
  } catch (error) {
    throw stateDirError(directory, error);
  }
}

async function take(directory: string): Promise<Lock> {
  const name = `lock-${randomUUID().slice(0, 8)}`;
  let state: 'starts' | 'runs' = 'starts';
  const server = await serve(join(directory, name), () => `${state} process ${process.pid}`);
  try {
    const dead = await outlast(directory, name);
    state = 'runs';
    await Promise.all(dead.map((each) => unlink(join(directory, each)).catch(ignoreMissing)));
    return { release: () => close(server) };
  } catch (error) {
    await close(server);
    throw error;
  }
}

/**
 * Resolves when nobody else is there any more. Of those that start together the first by name stays, and waits until
 * the others have seen it and gone, or one that had not seen it runs.
 * @returns the sockets that nobody listens on
 */
async function outlast(directory: string, own: string): Promise<readonly string[]> {
  for (;;) {
    const names = (await readdir(directory)).filter((name) => lockName.test(name) && name !== own);
    const heard = await Promise.all(
      names.map(async (name) => ({ name, said: await ask(join(directory, name)) })),
    );
    const alive = heard.flatMap(({ name, said }) => (said === null ? [] : [{ name, said }]));
    const winner = alive.find(({ name, said }) => !said.startsWith('starts ') || name < own);
    if (winner !== undefined) throw new StateDirLockedError(directory, processIn(winner.said));
    if (alive.length === 0) return heard.map(({ name }) => name);
    await sleep(askAgainMs);
  }
}

async function serve(path: string, text: () => string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(text());
  });
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return server;
}

/** What whoever listens there says; null when nobody does. */
async function ask(path: string): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let text = '';
    socket.setTimeout(answerTimeoutMs, () => {
      socket.destroy();
      resolve('not answering');
    });
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('end', () => resolve(text));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET')
        resolve(null);
      else reject(error);
    });
  });
}

/** Of what was said the part that a person can use. */
function processIn(said: string): string {
  return /process \d+/.exec(said)?.[0] ?? said;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
