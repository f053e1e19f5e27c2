/** Watches which dead tasks are still in rotation, as Baton says and as HAProxy itself says, and for how long. */
import { createConnection } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { layoutIn } from '../../src/dataplane/haproxy/layout.ts';
import { failoverServer } from '../../src/dataplane/haproxy/failover-server.ts';
import { run } from '../../src/dataplane/haproxy/socket.ts';
import { serverName, taskId } from '../../src/model/ids.ts';
import type { Stage } from './stage.ts';

export interface Overdue {
  readonly who: 'Baton' | 'HAProxy';
  readonly server: string;
  readonly forMs: number;
}

export interface Watch {
  readonly done: Promise<void>;
  overdue(): readonly Overdue[];
  /** How many looks found somebody in rotation, by the one who had fewer. */
  looks(): number;
}

/** Looks until the signal aborts; what was dead and in rotation at each look for longer than `mostMs` is overdue. */
export function watchTheDead(stage: Stage, mostMs: number, signal: AbortSignal, service = '/app1'): Watch {
  const since = new Map<string, number>();
  const overdue = new Map<string, Overdue>();
  const looks = { Baton: 0, HAProxy: 0 };

  function note(who: Overdue['who'], serving: readonly string[], dead: readonly string[]): void {
    if (serving.length > 0) looks[who] += 1;
    const now = performance.now();
    const wrong = new Set(dead.map((server) => `${who} ${server}`));
    for (const key of since.keys()) if (key.startsWith(who) && !wrong.has(key)) since.delete(key);
    for (const server of dead) {
      const key = `${who} ${server}`;
      const begun = since.get(key) ?? now;
      since.set(key, begun);
      if (now - begun > mostMs) overdue.set(key, { who, server, forMs: now - begun });
    }
  }

  async function askBaton(): Promise<void> {
    const { pools } = await stage.baton().service(service);
    const serving = pools
      .filter((pool) => pool.weight > 0)
      .flatMap(({ endpoints }) => endpoints)
      .filter((endpoint) => endpoint.rotation === 'in' && endpoint.probed === 'passed')
      .map(({ server }) => String(server));
    const living = await livingIn(stage);
    const dead = serving.filter((server) => !living.has(server));
    note('Baton', serving, dead);
  }

  async function askHaproxy(): Promise<void> {
    const serving = await servingIn(stage.stateDir);
    const living = await livingIn(stage);
    const dead: string[] = [];
    for (const { name, backend, port } of serving) {
      if (!living.has(name) || !(await listens(port))) dead.push(`${backend}/${name}`);
    }
    note(
      'HAProxy',
      serving.map(({ name }) => name),
      dead,
    );
  }

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      await Promise.allSettled([askBaton(), askHaproxy()]);
      await pause(100);
    }
  }
  return {
    done: follow(),
    overdue: () => [...overdue.values()],
    looks: () => Math.min(looks.Baton, looks.HAProxy),
  };
}

/** Also those that Marathon has told to end, as long as they do not. */
async function livingIn(stage: Stage): Promise<ReadonlySet<string>> {
  const tasks = await stage.simulator.tasks();
  return new Set(
    tasks.filter((task) => !task.crashed && task.ports.length > 0).map(({ id }) => serverName(taskId(id))),
  );
}

interface Serving {
  readonly backend: string;
  readonly name: string;
  readonly port: number;
}

const running = '2';

/** The servers of all backends to which HAProxy would send a request: up, not in maintenance, with a weight. */
async function servingIn(stateDir: string): Promise<readonly Serving[]> {
  const socket = layoutIn(stateDir).runtimeSocket;
  const [answer] = await run(socket, ['show servers state'], AbortSignal.timeout(20_000));
  const lines = (answer?.text ?? '').split('\n');
  const header =
    lines
      .find((line) => line.startsWith('# '))
      ?.slice(2)
      .split(' ') ?? [];
  return lines.flatMap((line) => {
    const cells = line.split(' ');
    const row = Object.fromEntries(header.map((name, index) => [name, cells[index] ?? '']));
    const takes =
      cells.length >= header.length &&
      // Baton's own ways from a pool to the next begin with a colon.
      row['be_name']?.startsWith(':') === false &&
      row['srv_name'] !== failoverServer &&
      row['srv_op_state'] === running &&
      row['srv_admin_state'] === '0' &&
      Number(row['srv_uweight']) > 0;
    return takes
      ? [{ backend: row['be_name'] ?? '', name: row['srv_name'] ?? '', port: Number(row['srv_port']) }]
      : [];
  });
}

/** Whether somebody takes connections on this port of 127.0.0.1. */
function listens(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = createConnection({ host: '127.0.0.1', port, timeout: 2000 });
  const end = (answer: boolean) => () => {
    socket.destroy();
    resolve(answer);
  };
  socket.on('connect', end(true)).on('error', end(false)).on('timeout', end(false));
  return promise;
}
