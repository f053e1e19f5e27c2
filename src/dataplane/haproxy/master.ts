/** HAProxy's master process: which workers there are, and how to have them replaced. */
import { setTimeout as pause } from 'node:timers/promises';
import { DataPlaneError } from '../errors.ts';
import type { Layout } from './layout.ts';
import { type Processes, parseProcesses } from './parse.ts';
import { ask, run } from './socket.ts';

const patienceMs = 15_000;
const stepMs = 10;

/** @throws DataPlaneError when the master does not answer */
export async function processes(layout: Layout, signal: AbortSignal): Promise<Processes> {
  const found = parseProcesses(await ask(layout.masterSocket, 'show proc', signal));
  if (found === null) throw new DataPlaneError('data-plane-unreachable', "HAProxy's master gave no answer");
  return found;
}

/** A command to a worker that an earlier reload left behind; empty when it has gone. */
export async function askOldWorker(
  layout: Layout,
  pid: number,
  command: string,
  signal: AbortSignal,
): Promise<string> {
  try {
    return await ask(layout.masterSocket, `@!${pid} ${command}`, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return '';
  }
}

/** The pid of the worker that answers on the runtime socket. */
export async function workerPid(layout: Layout, signal: AbortSignal): Promise<number> {
  const [info] = await run(layout.runtimeSocket, ['show info'], signal);
  const pid = Number(/^Pid: (\d+)$/m.exec(info?.text ?? '')?.[1]);
  if (!Number.isInteger(pid))
    throw new DataPlaneError('data-plane-unreachable', 'HAProxy does not say its pid');
  return pid;
}

/**
 * Has the master load the configuration anew, and waits until another worker answers. Before 2.7 the master's `reload`
 * says nothing about success and its socket resets meanwhile, so the processes are watched.
 * @throws DataPlaneError `data-plane-reload-failed` when the old worker goes on
 */
export async function reload(layout: Layout, signal: AbortSignal): Promise<Processes> {
  const before = await processes(layout, signal);
  try {
    await ask(layout.masterSocket, 'reload', signal);
  } catch (error) {
    if (signal.aborted) throw error;
  }
  return await newWorker(layout, before, signal);
}

async function newWorker(layout: Layout, before: Processes, signal: AbortSignal): Promise<Processes> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const now = await attempt(() => processes(layout, signal), signal);
    if (now !== null && now.failedReloads > before.failedReloads) {
      throw new DataPlaneError('data-plane-reload-failed', 'HAProxy did not take the new configuration');
    }
    if (now?.worker != null && now.worker !== before.worker) {
      if ((await attempt(() => workerPid(layout, signal), signal)) === now.worker) return now;
    }
    if (Date.now() > deadline) {
      throw new DataPlaneError('data-plane-reload-failed', 'no new HAProxy worker came up');
    }
    await pause(stepMs, undefined, { signal });
  }
}

/** Waits until a master that was just started has a worker that answers. Null when `gone` says that it has ended. */
export async function firstWorker(
  layout: Layout,
  gone: () => boolean,
  signal: AbortSignal,
): Promise<Processes | null> {
  const deadline = Date.now() + patienceMs;
  while (!gone() && Date.now() < deadline) {
    const now = await attempt(() => processes(layout, signal), signal);
    if (now?.worker != null && (await attempt(() => workerPid(layout, signal), signal)) === now.worker)
      return now;
    await pause(stepMs, undefined, { signal });
  }
  return null;
}

async function attempt<T>(what: () => Promise<T>, signal: AbortSignal): Promise<T | null> {
  try {
    return await what();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DataPlaneError) return null;
    throw error;
  }
}
