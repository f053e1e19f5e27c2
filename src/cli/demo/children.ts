/** Child processes of the demo: each in a session of its own, so that Ctrl-C reaches the demo alone, which ends them in order. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { mainFile } from '../main-file.ts';

/** Long enough for an orderly stop; then the child is killed. */
const stopMs = 10_000;

export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Null while it runs; else how it ended. */
  ended(): string | null;
  /** SIGTERM, and SIGKILL when that does not help. */
  stop(): Promise<void>;
  /** At once, without waiting: for when the demo itself is being ended. */
  abandon(): void;
  /** The last lines that it wrote. */
  lastLines(): Promise<string>;
}

/** `baton VERB …` with the demo's own Node; what it writes goes to a file. */
export function startBatonVerb(verb: string, args: readonly string[], logFile: string): Child {
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(process.execPath, [mainFile, verb, ...args], {
    stdio: ['ignore', log, log],
    detached: true,
    env: ownEnvironment(),
  });
  closeSync(log);
  let end: string | null = null;
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      end ??= `could not be started: ${error.message}`;
      resolve();
    });
    child.on('exit', (code, signal) => {
      end ??= signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
      resolve();
    });
  });
  return {
    name: `baton ${verb}`,
    pid: child.pid ?? 0,
    logFile,
    ended: () => end,
    async stop() {
      if (end !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
      await ended;
      clearTimeout(timer);
    },
    abandon: () => killQuietly(child),
    async lastLines() {
      const text = await readFile(logFile, 'utf8').catch(() => '');
      return text.trimEnd().split('\n').slice(-8).join('\n');
    },
  };
}

/** Without the settings of some other Baton; which HAProxy to take still counts. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !name.startsWith('BATON_') || name === 'BATON_HAPROXY_BINARY',
    ),
  );
}

function killQuietly(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
}
