/** Server farms for tests: an app's instances as real HTTP servers in a child process that can be killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Farm {
  readonly app: string;
  readonly ports: readonly number[];
  /** SIGKILL: every instance is gone at once, with its connections. */
  readonly kill: () => Promise<void>;
}

/** Starts `count` servers. Each answers `/health…` with 200 only on `healthPath`, anything else with who it is, after `?wait=` ms and with `?status=`. */
export async function startFarm(app: string, count: number, healthPath = '/health'): Promise<Farm> {
  const script = fileURLToPath(new URL('./farm-child.ts', import.meta.url));
  const child = spawn(process.execPath, [script, app, String(count), healthPath], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const [line] = await once(lines, 'line');
  return {
    app,
    ports: JSON.parse(String(line)),
    async kill() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited;
    },
  };
}
