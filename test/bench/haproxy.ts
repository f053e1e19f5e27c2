/** HAProxy as a run sees it: what its runtime socket says of servers and shares, asked again and again. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { mapPath } from '../../src/dataplane/haproxy/layout.ts';
import { parseServerStates } from '../../src/dataplane/haproxy/parse.ts';
import { failoverServer } from '../../src/dataplane/haproxy/failover-server.ts';
import { run } from '../../src/dataplane/haproxy/socket.ts';
import { freePort } from '../support/free-ports.ts';
import { type Child, type Cleanup, startChild, temporaryDirectory } from './children.ts';

/** Servers that are not on their way out, and those of them that take requests, as `backend/server`. */
export interface Servers {
  readonly present: ReadonlySet<string>;
  readonly serving: ReadonlySet<string>;
}

const maintenance = 0x01;

/** @param backend one backend; null: all of them */
export async function serversOf(socket: string, backend: string | null): Promise<Servers> {
  const text = await askOne(socket, `show servers state${backend === null ? '' : ` ${backend}`}`);
  const present = new Set<string>();
  const serving = new Set<string>();
  for (const row of parseServerStates(text)) {
    if (row['srv_name'] === failoverServer) continue;
    if ((Number(row['srv_admin_state']) & maintenance) !== 0) continue;
    const name = `${row['be_name']}/${row['srv_name']}`;
    present.add(name);
    if (Number(row['srv_uweight']) > 0) serving.add(name);
  }
  return { present, serving };
}

/** The row that says which pools share a service's requests. */
export async function shareOf(socket: string, service: string): Promise<string> {
  const text = await askOne(socket, `get map ${mapPath('split')} ${service}`);
  return /val(?:ue)?="([^"]*)"/.exec(text)?.[1] ?? '';
}

async function askOne(socket: string, command: string): Promise<string> {
  const [answer] = await run(socket, [command], AbortSignal.timeout(10_000));
  return answer?.text ?? '';
}

/**
 * Asks without a pause until the answer is as wanted. Resolves to when it was, in ms of `performance.now()`.
 * @throws Error naming `what` after two minutes
 */
export async function when<T>(
  what: string,
  ask: () => Promise<T>,
  wanted: (value: T) => boolean,
  everyMs = 0,
): Promise<number> {
  const deadline = performance.now() + 120_000;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const value = await ask();
      if (wanted(value)) return performance.now();
      last = value;
    } catch (error) {
      last = error;
    }
    if (everyMs > 0) await pause(everyMs);
  }
  throw new Error(
    `waited in vain for ${what}; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`,
  );
}

/** One small HAProxy that answers 200 for all tasks, cheaply. */
export async function startTasks(binary: string, cleanup: Cleanup): Promise<number> {
  const directory = await temporaryDirectory(cleanup);
  const port = await freePort();
  const config = join(directory, 'tasks.cfg');
  await writeFile(
    config,
    `defaults
  mode http
  timeout client 60s
frontend tasks
  bind 127.0.0.1:${port}
  http-request return status 200
`,
  );
  const child: Child = startChild(binary, ['-db', '-f', config]);
  cleanup.add(() => child.end('SIGKILL'));
  return port;
}
