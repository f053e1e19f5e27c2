/** A Baton process for end-to-end tests: started from the command line, asked over HTTP, always cleaned up. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { serviceView } from '../../src/api/view.ts';
import type { Diagnostic } from '../../src/declared/types.ts';
import { freePort } from './free-ports.ts';
import { until } from './wait.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;

export type ServiceView = ReturnType<typeof serviceView>;

export interface BatonOptions {
  readonly marathon: string;
  /** Declared port to bound port. */
  readonly mapPorts?: Readonly<Record<number, number>>;
  readonly stateDir: string;
  readonly flags?: readonly string[];
  /** A command that runs it, such as one that takes a privilege away. */
  readonly under?: readonly string[];
  /** Another file than the source's. */
  readonly main?: string;
}

export interface BatonProcess {
  readonly url: string;
  readonly pid: number;
  /** The log lines so far, parsed. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  /** Waits until /readyz says so. @throws Error with what it said last, when the process ends or a minute passes */
  ready(): Promise<void>;
  /** What /readyz says. */
  readiness(): Promise<string>;
  /** What it printed, the end of it. */
  text(): string;
  services(): Promise<readonly ServiceView[]>;
  service(id: string): Promise<ServiceView>;
  diagnostics(): Promise<readonly Diagnostic[]>;
  /** The sum of a metric's series whose labels include these. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  /** SIGTERM (or another signal), and waits for the end. Resolves to the exit code, null after a signal. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** A state directory that is removed after the test, with its HAProxy ended. */
export async function stateDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'b-'));
  onTestFinished(async () => {
    await endHaproxy(directory);
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  return directory;
}

export async function startBaton(options: BatonOptions): Promise<BatonProcess> {
  const port = await freePort();
  const maps = Object.entries(options.mapPorts ?? {}).flatMap(([from, to]) => [
    '--map-port',
    `${from}=${to}`,
  ]);
  const [command, ...argv] = [...(options.under ?? []), process.execPath, options.main ?? main];
  const child = spawn(
    command,
    [
      ...argv,
      'run',
      '--marathon',
      options.marathon,
      '--listen',
      `127.0.0.1:${port}`,
      '--bind',
      '127.0.0.1',
      '--state-dir',
      options.stateDir,
      '--log-format',
      'json',
      '--log-level',
      'debug',
      ...maps,
      ...(options.flags ?? []),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const { log, text } = collect(child);
  onTestFinished(async () => {
    await end(child, 'SIGKILL');
  });
  const url = `http://127.0.0.1:${port}`;
  const get = async (path: string) => {
    const answer = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(20_000) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  const services = async () =>
    ((await (await get('/v1/services')).json()) as { services: ServiceView[] }).services;
  return {
    url,
    pid: child.pid ?? 0,
    log,
    services,
    async ready() {
      await until(
        'Baton to be ready or to end',
        async () => child.exitCode !== null || (await get('/readyz')).ok,
        {
          everyMs: 50,
          detail: () => text().slice(-2000),
        },
      );
      if (child.exitCode !== null)
        throw new Error(`Baton ended with ${child.exitCode}: ${text().slice(-2000)}`);
    },
    readiness: async () => (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(20_000) })).text(),
    text,
    async service(id) {
      return (await (await get(`/v1/services${id}`)).json()) as ServiceView;
    },
    async diagnostics() {
      return ((await (await get('/v1/diagnostics')).json()) as { diagnostics: Diagnostic[] }).diagnostics;
    },
    async metric(name, labels = {}) {
      return sumOf(await (await get('/metrics')).text(), name, labels);
    },
    end: (signal = 'SIGTERM') => end(child, signal),
  };
}

/** The pid of the HAProxy master of a state directory; null when none was started. */
export async function haproxyPid(stateDir: string): Promise<number | null> {
  const text = await readFile(join(stateDir, 'haproxy.pid'), 'utf8').catch(() => '');
  return /^\d+/.test(text) ? Number.parseInt(text, 10) : null;
}

async function endHaproxy(stateDir: string): Promise<void> {
  const pid = await haproxyPid(stateDir);
  if (pid === null || !alive(pid)) return;
  process.kill(pid, 'SIGKILL');
  await until('HAProxy to end', () => !alive(pid));
}

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill(signal);
    await once(child, 'exit', { signal: AbortSignal.timeout(60_000) });
  }
  return child.exitCode;
}

/** Keeps what the process says: its log parsed, and the end of its text for error messages. */
function collect(child: ChildProcess): { log: Readonly<Record<string, unknown>>[]; text: () => string } {
  const log: Readonly<Record<string, unknown>>[] = [];
  let rest = '';
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-20_000);
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines)
        if (line.startsWith('{')) log.push(JSON.parse(line) as Record<string, unknown>);
    });
  }
  return { log, text: () => text };
}

function sumOf(text: string, name: string, labels: Readonly<Record<string, string>>): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    const match = /^([a-z_]+)(?:\{([^}]*)\})? (\S+)$/.exec(line);
    if (match?.[1] !== name) continue;
    if (Object.entries(labels).every(([key, value]) => match[2]?.includes(`${key}="${value}"`)))
      sum += Number(match[3]);
  }
  return sum;
}
