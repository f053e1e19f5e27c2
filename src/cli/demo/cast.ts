/** Everybody on stage: the simulated Marathon, Baton and its HAProxy, on free loopback ports, and all of them gone at the end. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinary } from '../../dataplane/haproxy/binary.ts';
import { stopDetached } from '../../dataplane/haproxy/stop.ts';
import { type BatonView, viewBaton } from './baton-view.ts';
import { type Child, startBatonVerb } from './children.ts';
import { freePortsIn, quietPorts } from './free-ports.ts';
import { type MarathonHand, reachMarathon } from './marathon.ts';
import { until } from './wait.ts';

/** 20 s between two checks become 1 s. */
export const healthSpeed = 20;

/** So long a task takes to run: time to see what Baton waits for. */
const startDelayMs = 1500;

/** How long HAProxy may finish what it has when the demo ends. */
const haproxyStopMs = 10_000;

export interface Cast {
  readonly marathon: MarathonHand;
  readonly baton: BatonView;
  readonly servicePort: number;
  readonly stateDir: string;
  /** What went wrong with one of the processes; null while all run. */
  trouble(): string | null;
  /** The last words of both processes, for a demo that failed. */
  lastWords(): Promise<string>;
  leave(): Promise<void>;
}

/** @throws Error with what to install when there is no HAProxy */
export async function enter(signal: AbortSignal): Promise<Cast> {
  await findBinary(process.env['BATON_HAPROXY_BINARY'] ?? null).catch((error: unknown) => {
    throw new Error(
      `${error instanceof Error ? error.message : String(error)}.\nThe demo needs HAProxy 2.6 or later: ` +
        '`sudo apt-get install haproxy` on Debian and Ubuntu,\n`sudo dnf install haproxy` on Fedora and RHEL, ' +
        '`brew install haproxy` on macOS; or name one\nwith BATON_HAPROXY_BINARY=/path/to/haproxy.',
    );
  });
  const [marathonPort = 0, batonPort = 0, servicePort = 0] = await freePortsIn(quietPorts())(3);
  // Sockets live in there: their paths must stay short.
  const directory = await mkdtemp(join(tmpdir(), 'baton-demo-'));
  const stateDir = join(directory, 'state');
  const marathonUrl = `http://127.0.0.1:${marathonPort}`;
  const simulator = startBatonVerb(
    'simulate',
    [
      '--host=127.0.0.1',
      `--port=${marathonPort}`,
      `--health-speed=${healthSpeed}`,
      `--start-delay=${startDelayMs}`,
    ],
    join(directory, 'simulate.log'),
  );
  const baton = startBatonVerb(
    'run',
    [
      `--marathon=${marathonUrl}`,
      `--map-port=80=${servicePort}`,
      `--listen=127.0.0.1:${batonPort}`,
      `--state-dir=${stateDir}`,
      '--bind=127.0.0.1',
      '--haproxy=detached',
      '--log-format=json',
    ],
    join(directory, 'baton.log'),
  );
  const children = [simulator, baton];
  const onExit = (): void => abandon(children, directory, stateDir);
  process.once('exit', onExit);
  const marathon = reachMarathon(marathonUrl);
  const cast: Cast = {
    marathon,
    baton: viewBaton(`http://127.0.0.1:${batonPort}`),
    servicePort,
    stateDir,
    trouble: () => troubleOf(children),
    async lastWords() {
      const words = await Promise.all(children.map(async (child) => [child.name, await child.lastLines()]));
      return words.map(([name, lines]) => `last lines of ${name}:\n${lines}`).join('\n');
    },
    async leave() {
      marathon.close();
      await baton.stop();
      await stopDetached(stateDir, AbortSignal.timeout(haproxyStopMs)).catch(() => endByPid(stateDir));
      await simulator.stop();
      process.off('exit', onExit);
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  try {
    await until('the simulated Marathon and Baton to be ready', () => bothReady(cast), {
      signal,
      trouble: () => troubleOf(children),
    });
  } catch (error) {
    const words = signal.aborted ? '' : `\n${await cast.lastWords()}`;
    await cast.leave();
    throw new Error(`${error instanceof Error ? error.message : String(error)}${words}`, { cause: error });
  }
  return cast;
}

async function bothReady(cast: Cast): Promise<boolean> {
  return cast.marathon.listens() && (await cast.baton.ready().catch(() => false));
}

function troubleOf(children: readonly Child[]): string | null {
  const gone = children.find((child) => child.ended() !== null);
  return gone === undefined ? null : `${gone.name} ${gone.ended()}`;
}

/** The last resort, when the demo is ended the hard way: nothing can be waited for any more. */
function abandon(children: readonly Child[], directory: string, stateDir: string): void {
  for (const child of children) child.abandon();
  endByPid(stateDir);
  try {
    rmSync(directory, { recursive: true, force: true });
  } catch {
    // Somebody still writes there, and is about to end.
  }
}

function endByPid(stateDir: string): void {
  const file = join(stateDir, 'haproxy.pid');
  const pid = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : Number.NaN;
  if (!(pid > 1)) return;
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It is gone already.
  }
}
