/** The HAProxy process: started or adopted, watched, and stopped or let go. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { open, readdir, readFile, readlink, realpath, stat, truncate } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { DataPlaneError } from '../errors.ts';
import { readIfThere, writeAtomically } from './files.ts';
import type { Layout } from './layout.ts';
import { firstWorker, processes } from './master.ts';
import type { HaproxyOptions } from './options.ts';
import type { Processes } from './parse.ts';

export interface Haproxy {
  readonly pid: number;
  readonly alive: () => boolean;
  /** Resolves when the master has ended. */
  readonly ended: Promise<void>;
  /** Stops watching it. */
  readonly release: () => void;
}

const watchMs = 100;
const killMs = 5_000;
const largestLog = 4_000_000;

/**
 * Starts a master in a session of its own, so that neither a signal to Baton's process group nor Baton's end reaches
 * it; its output goes to a file, never to Baton's pipes.
 * @throws DataPlaneError `data-plane-start-failed` with what HAProxy printed
 */
export async function startHaproxy(
  binary: string,
  layout: Layout,
  options: Pick<HaproxyOptions, 'mode' | 'log'>,
  signal: AbortSignal,
): Promise<{ readonly haproxy: Haproxy; readonly processes: Processes }> {
  await shortenLog(layout);
  const log = await open(layout.log, 'a', 0o600);
  const { size } = await log.stat();
  // Quiet: a line for each server that comes and goes would fill the log over months.
  const args = [
    '-q',
    '-W',
    '-S',
    'unix@master.sock,level,admin,mode,600',
    '-f',
    'global.cfg',
    '-f',
    'services/',
  ];
  let haproxy: Haproxy;
  try {
    const child = spawn(binary, args, {
      cwd: layout.dir,
      env: {},
      detached: true,
      // The last one is logFile.
      stdio: ['ignore', log.fd, log.fd, options.log === 'stdout' ? process.stdout.fd : 'ignore'],
    });
    haproxy = await spawned(child);
    if (options.mode === 'detached') child.unref();
  } finally {
    await log.close();
  }
  const up = await firstWorker(layout, () => !haproxy.alive(), signal);
  if (up === null || up.master !== haproxy.pid) {
    await killOurs(layout, haproxy.pid);
    const printed = (await readFile(layout.log)).subarray(size).toString('utf8').trim();
    throw new DataPlaneError('data-plane-start-failed', `HAProxy did not start: ${printed.slice(-2_000)}`);
  }
  await writeAtomically(layout.pid, `${haproxy.pid}\n`);
  return { haproxy, processes: up };
}

async function spawned(child: ChildProcess): Promise<Haproxy> {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  child.once('exit', () => resolve());
  const { promise: ready, resolve: isReady, reject } = Promise.withResolvers<void>();
  child.once('spawn', isReady);
  child.once('error', (cause) =>
    reject(new DataPlaneError('data-plane-start-failed', 'HAProxy could not be run', { cause })),
  );
  await ready;
  const pid = child.pid ?? 0;
  return {
    pid,
    ended,
    alive: () => child.exitCode === null && child.signalCode === null,
    release: () => undefined,
  };
}

/** The HAProxy that an earlier Baton left running here; null when there is none. */
export async function adoptHaproxy(
  layout: Layout,
  signal: AbortSignal,
): Promise<{ readonly haproxy: Haproxy; readonly processes: Processes } | null> {
  const pid = Number(await readIfThere(layout.pid));
  let found: Processes;
  try {
    found = await processes(layout, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof DataPlaneError)) throw error;
    // One that does not answer would keep the ports and share them with the next.
    await waitForEnd(layout, pid > 1 ? [pid] : [], 0);
    return null;
  }
  if (found.worker === null) return null;
  await shortenLog(layout);
  if (found.master !== pid) await writeAtomically(layout.pid, `${found.master}\n`);
  return { haproxy: watched(found.master), processes: found };
}

function watched(pid: number): Haproxy {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const timer = setInterval(() => {
    if (isRunning(pid)) return;
    clearInterval(timer);
    resolve();
  }, watchMs);
  timer.unref();
  return { pid, ended, alive: () => isRunning(pid), release: () => clearInterval(timer) };
}

/**
 * Soft stop: listeners close, what is in progress goes on.
 * @param patienceMs after which it is killed
 */
export async function stopHaproxy(
  layout: Layout,
  pid: number,
  patienceMs: number,
  signal: AbortSignal,
): Promise<void> {
  send(pid, 'SIGUSR1');
  const deadline = Date.now() + patienceMs;
  while (isRunning(pid) && Date.now() < deadline && !signal.aborted) await pause(20);
  await killOurs(layout, pid);
}

/**
 * Workers end when their master has; the ports are theirs until then. Those that do not are killed: those that are
 * known, and whatever else of HAProxy runs in the state directory.
 */
export async function waitForEnd(
  layout: Layout,
  known: readonly number[],
  patienceMs: number,
): Promise<void> {
  const pids = new Set([...known.filter((pid) => pid > 1), ...(await allOurs(layout))]);
  const deadline = Date.now() + patienceMs;
  while ([...pids].some(isRunning) && Date.now() < deadline) await pause(10);
  for (const pid of pids) await killOurs(layout, pid);
}

/** Every HAProxy process of this state directory, workers of earlier reloads included; none without a /proc. */
async function allOurs(layout: Layout): Promise<readonly number[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const mine = await Promise.all(
    pids.map(async (pid) => (await isOurs(layout, pid)) && (await isHaproxy(pid))),
  );
  return pids.filter((_, index) => mine[index]);
}

/** A person's shell may stand in the directory too. */
async function isHaproxy(pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command.split('\0').includes('global.cfg');
}

/** A pid may have been given to another process meanwhile: only what runs in this state directory is killed. */
async function killOurs(layout: Layout, pid: number): Promise<void> {
  const deadline = Date.now() + killMs;
  while (Date.now() < deadline && isRunning(pid) && (await isOurs(layout, pid))) {
    send(pid, 'SIGKILL');
    await pause(5);
  }
}

/** HAProxy's working directory is its state directory (proc(5)). */
async function isOurs(layout: Layout, pid: number): Promise<boolean> {
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(layout.dir));
  } catch {
    return false;
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

/** A zombie has given its sockets back already; when its parent reaps it is not our affair (proc(5), state Z). */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !/^\d+ \(.*\) [ZX]/s.test(status);
  } catch {
    // No /proc on this system, or gone since.
    return true;
  }
}

/** HAProxy appends to the file that it was given at its start, so the file stays and loses its content. */
async function shortenLog(layout: Layout): Promise<void> {
  const size = await stat(layout.log).then(
    (found) => found.size,
    () => 0,
  );
  if (size > largestLog) await truncate(layout.log);
}
