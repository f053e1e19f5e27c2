/** The processes of a run: each is started, watched, and ended by its own pid. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Child {
  readonly pid: number;
  /** Called for every line that it prints. */
  readonly onLine: (listener: (line: string) => void) => void;
  /** The end of what it printed. */
  readonly text: () => string;
  readonly send: (message: string) => void;
  readonly running: () => boolean;
  readonly end: (signal?: NodeJS.Signals) => Promise<void>;
}

/** @param variables of its environment, beside those of this process */
export function startChild(
  command: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Child {
  const env = { ...process.env, ...variables };
  const child: ChildProcess = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const listeners: ((line: string) => void)[] = [];
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      text = `${text}${line}\n`.slice(-4000);
      for (const listener of listeners) listener(line);
    });
  }
  child.stdin?.on('error', () => {});
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid ?? 0,
    onLine: (listener) => void listeners.push(listener),
    text: () => text,
    send: (message) => void child.stdin?.write(`${message}\n`),
    running,
    async end(signal = 'SIGTERM') {
      if (!running()) return;
      const ended = once(child, 'exit', { signal: AbortSignal.timeout(60_000) });
      child.kill(signal);
      await ended;
    },
  };
}

/** A stack of things to undo, the last first. */
export interface Cleanup {
  readonly add: (undo: () => Promise<void>) => void;
  readonly run: () => Promise<void>;
}

export function createCleanup(): Cleanup {
  const undos: (() => Promise<void>)[] = [];
  return {
    add: (undo) => void undos.push(undo),
    async run() {
      for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) await undo().catch(() => {});
    },
  };
}

/** Short, because the paths of sockets may not be long. */
export async function temporaryDirectory(cleanup: Cleanup): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'b-'));
  cleanup.add(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}
