/** The two that are measured: Baton as people run it, and the emulation of a controller that renders everything anew. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bundle } from '../../deploy/bundle.ts';
import { startFlags, startVariables } from '../../src/cli/heap.ts';
import { layoutIn } from '../../src/dataplane/haproxy/layout.ts';
import { until } from '../support/wait.ts';
import { declaredPort } from './apps.ts';
import { freePort } from '../support/free-ports.ts';
import { type Child, type Cleanup, startChild, temporaryDirectory } from './children.ts';

export interface Controller {
  readonly name: string;
  readonly pid: number;
  /** HAProxy's runtime socket. */
  readonly socket: string;
  /** When it was started, in ms of `performance.now()`. */
  readonly startedAt: number;
  /** The backend of a service's pool, by the slot that HAProxy's pools have here. */
  readonly backend: (service: string, slot: string) => string;
  /** When each line of its log came, with its message. */
  readonly log: readonly { readonly at: number; readonly message: string }[];
  readonly end: () => Promise<void>;
}

const baseline = fileURLToPath(new URL('baseline-child.ts', import.meta.url));

/** As the image has it: in few files, with everything compiled before. */
export interface Built {
  readonly main: string;
  readonly variables: Readonly<Record<string, string>>;
}

export async function buildBaton(cleanup: Cleanup): Promise<Built> {
  const directory = await temporaryDirectory(cleanup);
  const main = await bundle(directory);
  const variables = { ...startVariables, NODE_COMPILE_CACHE: join(directory, 'compiled') };
  const env = { ...process.env, ...variables };
  await promisify(execFile)(process.execPath, [...startFlags, main, 'run', '--help'], {
    env,
    timeout: 60_000,
  });
  return { main, variables };
}

export async function startBaton(
  { main, variables }: Built,
  marathon: string,
  binary: string,
  cleanup: Cleanup,
  execArgv: readonly string[] = [],
): Promise<Controller> {
  const stateDir = await temporaryDirectory(cleanup);
  const [api, port] = [await freePort(), await freePort()];
  const startedAt = performance.now();
  const flags = [...startFlags, ...execArgv, main];
  const child = startChild(
    process.execPath,
    [
      ...flags,
      'run',
      '--marathon',
      marathon,
      '--listen',
      `127.0.0.1:${api}`,
      '--bind',
      '127.0.0.1',
      '--map-port',
      `${declaredPort}=${port}`,
      '--state-dir',
      stateDir,
      '--haproxy',
      'bound',
      '--haproxy-binary',
      binary,
      '--log-format',
      'json',
      '--log-level',
      'info',
    ],
    variables,
  );
  cleanup.add(async () => {
    await child.end('SIGKILL');
    await endMaster(join(stateDir, 'haproxy.pid'));
  });
  return controller(
    'Baton',
    child,
    startedAt,
    layoutIn(stateDir).runtimeSocket,
    (service, slot) => `${service}:${slot}`,
  );
}

/** Full list, full rendering, `haproxy -c`, reload: what marathon-lb does at each event, without its waits. */
export async function startBaseline(marathon: string, binary: string, cleanup: Cleanup): Promise<Controller> {
  const directory = await temporaryDirectory(cleanup);
  const port = await freePort();
  const startedAt = performance.now();
  const child = startChild(process.execPath, [baseline, marathon, binary, directory, String(port)]);
  cleanup.add(async () => {
    await child.end('SIGKILL');
    await endMaster(join(directory, 'haproxy.pid'));
  });
  return controller(
    'full re-render and reload (emulation)',
    child,
    startedAt,
    join(directory, 'runtime.sock'),
    (service) => service,
  );
}

function controller(
  name: string,
  child: Child,
  startedAt: number,
  socket: string,
  backend: Controller['backend'],
): Controller {
  const log: { at: number; message: string }[] = [];
  child.onLine((line) => {
    const parsed = line.startsWith('{') ? (JSON.parse(line) as { msg?: string }) : { msg: line };
    log.push({ at: performance.now(), message: parsed.msg ?? '' });
  });
  return { name, pid: child.pid, socket, startedAt, backend, log, end: () => child.end() };
}

async function endMaster(pidFile: string): Promise<void> {
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (Number.isNaN(pid)) return;
  const alive = (): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  if (!alive()) return;
  process.kill(pid, 'SIGKILL');
  await until('HAProxy to end', () => !alive());
}
