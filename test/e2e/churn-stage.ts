/** The stage of a churn: a Marathon with real tasks in a process of its own, a Baton that reports its heap, real HAProxy. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { layoutIn } from '../../src/dataplane/haproxy/layout.ts';
import { failoverServer } from '../../src/dataplane/haproxy/failover-server.ts';
import { run } from '../../src/dataplane/haproxy/socket.ts';
import { freePort } from '../support/free-ports.ts';
import { type BatonProcess, startBaton, stateDirectory } from '../support/baton.ts';
import { underHeapReport } from '../support/heap.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { until } from '../support/wait.ts';

export interface ChurnStage {
  readonly baton: BatonProcess;
  readonly relay: Relay;
  /** Asks Marathon itself; resolves to the answer's status and body, whatever it says. */
  readonly ask: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: unknown }>;
  /** What is kept of the apps, wherever something is kept. */
  kept(): Promise<Kept>;
}

/** Counts of what lives outside of Marathon. */
export interface Kept {
  readonly rememberedApps: number;
  readonly rememberedServices: number;
  readonly rememberedPools: number;
  /** Files of services in HAProxy's directory; two a service. */
  readonly files: number;
  readonly servers: number;
  readonly rowsOfChecks: number;
  readonly rowsOfSplits: number;
  /** The apps and services that label a series of /metrics. */
  readonly labelled: ReadonlySet<string>;
}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export async function setChurnStage(): Promise<ChurnStage> {
  const [marathon, stateDir] = await Promise.all([startMarathon(), stateDirectory()]);
  const relay = await startRelay(marathon);
  const baton = await startBaton({
    marathon: relay.url,
    stateDir,
    mapPorts: { 80: await freePort() },
    under: underHeapReport,
    flags: ['--log-level', 'warn', '--resync', '5s'],
  });
  return {
    baton,
    relay,
    async ask(method, path, body) {
      const answer = await fetch(`${marathon}${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(20_000),
      });
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
    },
    kept: () => keptIn(stateDir, baton),
  };
}

async function startMarathon(): Promise<string> {
  const flags = ['--port', '0', '--health-speed', '4', '--start-delay', '5'];
  const child = spawn(process.execPath, [main, 'simulate', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return await until('the simulator', () => /listens on (\S+)/.exec(text)?.[1]);
}

async function keptIn(stateDir: string, baton: BatonProcess): Promise<Kept> {
  const layout = layoutIn(stateDir);
  const commands = ['show servers state', 'show map maps/checks.map', 'show map maps/split.map'];
  const [states, checks, splits] = (
    await run(layout.runtimeSocket, commands, AbortSignal.timeout(20_000))
  ).map(({ text }) => text.split('\n').filter((line) => line.trim() !== ''));
  const memory = JSON.parse(await readFile(join(stateDir, 'memory.json'), 'utf8')) as {
    parts: { apps: unknown[]; plan: { services: { pools: unknown[] }[] } };
  };
  const { apps, plan } = memory.parts;
  const metrics = await (await fetch(`${baton.url}/metrics`)).text();
  return {
    rememberedApps: apps.length,
    rememberedServices: plan.services.length,
    rememberedPools: plan.services.reduce((sum, { pools }) => sum + pools.length, 0),
    files: (await readdir(layout.services)).length,
    servers: (states ?? []).filter(
      (line) => /^\d+ [^:]\S* /.test(line) && !line.includes(` ${failoverServer} `),
    ).length,
    rowsOfChecks: checks?.length ?? 0,
    rowsOfSplits: splits?.length ?? 0,
    labelled: new Set([...metrics.matchAll(/\b(?:app|service)="([^"]*)"/g)].map((match) => match[1] ?? '')),
  };
}
