/**
 * An emulation of what marathon-lb does at each event: the full list of apps, a full rendering, `haproxy -c`, a reload.
 * Nothing but that: no templates, no grace between reloads, no Python. So it is a lower bound of what that costs.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { layoutIn } from '../../src/dataplane/haproxy/layout.ts';
import { reload } from '../../src/dataplane/haproxy/master.ts';

interface Task {
  readonly id: string;
  readonly host: string;
  readonly ports: readonly number[];
  readonly state: string;
  readonly healthCheckResults?: readonly { readonly alive: boolean }[];
}

interface App {
  readonly id: string;
  readonly healthChecks?: readonly unknown[];
  readonly tasks: readonly Task[];
}

const [marathon = '', binary = '', directory = '', port = ''] = process.argv.slice(2);
const config = join(directory, 'haproxy.cfg');
const layout = {
  ...layoutIn(directory),
  runtimeSocket: join(directory, 'runtime.sock'),
  masterSocket: join(directory, 'master.sock'),
};
const signal = new AbortController().signal;

function serves(app: App, task: Task): boolean {
  const checked = (app.healthChecks?.length ?? 0) > 0;
  const results = task.healthCheckResults ?? [];
  return task.state === 'TASK_RUNNING' && (!checked || (results.length > 0 && results.every((r) => r.alive)));
}

function render(apps: readonly App[]): string {
  const lines = [
    'global',
    `  stats socket ${layout.runtimeSocket} mode 600 level admin expose-fd listeners`,
    '  hard-stop-after 5s',
    'defaults',
    '  mode http',
    '  timeout connect 2s',
    '  timeout client 60s',
    '  timeout server 60s',
    'frontend all',
    `  bind 127.0.0.1:${port}`,
  ];
  for (const app of apps)
    lines.push(`  use_backend ${nameOf(app)} if { hdr(host) -i ${nameOf(app)}.bench.test }`);
  for (const app of apps) {
    lines.push(`backend ${nameOf(app)}`, '  balance roundrobin', '  option httpchk GET /');
    for (const task of app.tasks) {
      if (!serves(app, task)) continue;
      const name = `${task.host}_${task.ports[0]}_${task.id.replaceAll(/[^a-zA-Z0-9]/g, '_')}`;
      lines.push(`  server ${name} ${task.host}:${task.ports[0]} check inter 60s fall 4`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function nameOf(app: App): string {
  return app.id.split('/').at(-1) ?? '';
}

let rendered = '';

/** Whether HAProxy needs to load it. */
async function write(): Promise<boolean> {
  const answer = await fetch(`${marathon}/v2/apps?embed=apps.tasks`, { signal: AbortSignal.timeout(60_000) });
  const { apps } = (await answer.json()) as { apps: App[] };
  const text = render(apps);
  if (text === rendered) return false;
  rendered = text;
  await writeFile(`${config}.new`, text);
  execFileSync(binary, ['-c', '-q', '-f', `${config}.new`], { timeout: 60_000 });
  await rename(`${config}.new`, config);
  return true;
}

/** As a controller does that must not hammer a Marathon that is away. */
const reconnectMs = 1000;

let due = false;
let wake = (): void => {};

function subscribe(): void {
  get(`${marathon}/v2/events`, { headers: { accept: 'text/event-stream' }, agent: false }, (response) => {
    response.on('data', (chunk: Buffer) => {
      if (chunk.includes('event:')) {
        due = true;
        wake();
      }
    });
    response.on('close', () => setTimeout(subscribe, reconnectMs));
  }).on('error', () => setTimeout(subscribe, reconnectMs));
}

await write();
const haproxy = spawn(
  binary,
  ['-W', '-S', `unix@${layout.masterSocket},level,admin,mode,600`, '-f', config],
  {
    stdio: 'ignore',
  },
);
await once(haproxy, 'spawn');
await writeFile(join(directory, 'haproxy.pid'), `${haproxy.pid}\n`);
process.on('SIGTERM', () => {
  haproxy.kill('SIGKILL');
  process.exit(0);
});
subscribe();
for (;;) {
  if (!due) await new Promise<void>((resolve) => (wake = resolve));
  due = false;
  // marathon-lb waits for a reload to end, and what came meanwhile is one more round.
  if (await write()) {
    while (readFileSync(join(directory, 'haproxy.pid'), 'utf8') === '') await pause(1);
    await reload(layout, signal);
    process.stdout.write('reloaded\n');
  }
}
