/** The lock on a state directory: two Batons must never steer one HAProxy. */
import { randomUUID } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
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

/**
 * Takes the lock, or fails at once. It is a unix socket that its owner answers on, so that a lock whose owner was
 * killed is known to be stale, whatever process has its pid now.
 * @throws StateDirLockedError when another process holds it
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
  const path = join(directory, 'lock');
  const token = `process ${process.pid}, ${randomUUID()}`;
  const owner = await ask(path);
  if (owner !== null) throw new StateDirLockedError(directory, processOf(owner));
  await unlink(path).catch(ignoreMissing);
  const server = await serve(path, token, directory);
  // Two that found the same stale lock may both have come this far: the later one's socket is the one at the path.
  const now = await ask(path);
  if (now !== token) {
    await close(server);
    throw new StateDirLockedError(directory, processOf(now ?? 'unknown'));
  }
  return { release: () => close(server) };
}

async function serve(path: string, token: string, directory: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(token);
  });
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new StateDirLockedError(directory, 'just started') : error),
    );
    server.listen(path, resolve);
  });
  return server;
}

/** Who answers on the lock; null when nobody does. */
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

/** Of `process 123, TOKEN`, what a person can use. */
function processOf(owner: string): string {
  return owner.split(',')[0] ?? owner;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
