/** The processes: the command line, and what becomes of the tasks when the simulator ends, dies or hangs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../support/wait.ts';
import { appOf, rig } from './support.ts';

const program = fileURLToPath(new URL('./simulate-process.ts', import.meta.url));
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

interface Run {
  readonly child: ChildProcess;
  out(): string;
  err(): string;
  ended(): Promise<number | null>;
}

function simulate(...argv: readonly string[]): Run {
  const child = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => void (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void (err += chunk.toString()));
  const exit = once(child, 'close');
  return { child, out: () => out, err: () => err, ended: async () => (await exit)[0] as number | null };
}

async function withTask(): Promise<{ run: Run; task: string }> {
  const run = simulate('--port', '0', '--start-delay', '0', '--health-speed', '50');
  const url = await until('it listens', () => /http:\/\/\S+/.exec(run.out())?.[0]);
  await fetch(`${url}/v2/apps`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(appOf('/web')),
  });
  const port = await until('a task runs', async () => {
    const body = (await (await fetch(`${url}/v2/tasks?status=running`)).json()) as {
      tasks: { ports: number[] }[];
    };
    return body.tasks[0]?.ports[0];
  });
  return { run, task: `http://127.0.0.1:${port}/` };
}

const answers = (url: string): Promise<boolean> =>
  fetch(url, { headers: { connection: 'close' } }).then(
    (response) => response.ok,
    () => false,
  );

describe('the tasks', () => {
  test('end with a simulator that is killed with kill -9', async () => {
    const { run, task } = await withTask();
    expect(await answers(task)).toBe(true);
    run.child.kill('SIGKILL');
    await run.ended();
    await until('the task is gone', async () => !(await answers(task)));
  });

  test('serve on while the simulator hangs', async () => {
    const { run, task } = await withTask();
    run.child.kill('SIGSTOP');
    for (let n = 0; n < 20; n += 1) expect(await answers(task)).toBe(true);
    run.child.kill('SIGCONT');
    run.child.kill('SIGTERM');
    expect(await run.ended()).toBe(0);
    expect(await answers(task)).toBe(false);
  });

  test('fail together when their process dies, and are started again', async () => {
    const it = await rig();
    try {
      await it.deploy('POST', '/v2/apps', appOf('/web', { instances: 3, backoffSeconds: 0 }));
      const before = it.sim.taskProcess();
      process.kill(before ?? 0, 'SIGKILL');
      await until('they run again', async () => {
        const { tasks } = await it.app('/web');
        return (
          tasks.length === 3 && tasks.every((task) => task.state === 'TASK_RUNNING' && task.id.endsWith('.2'))
        );
      });
      expect(it.sim.taskProcess()).not.toBe(before);
    } finally {
      await it.sim.close();
    }
    expect(it.sim.taskProcess()).toBeNull();
  });
});

describe('the command line', () => {
  test('says where it listens and that checks are faster', async () => {
    const { run } = await withTask();
    expect(run.out()).toContain('Health checks run 50 times as fast as their definitions say.');
  });

  test('begins on a bad day that it was told to have', async () => {
    const words = ['slow ms=1 route=/v2/apps*', 'slow ms=2', 'lose-events types=a,b probability=0.5'];
    const run = simulate('--port', '0', '--seed', '9', ...words.flatMap((word) => ['--fault', word]));
    const url = await until('it listens', () => /http:\/\/\S+/.exec(run.out())?.[0]);
    expect(run.out()).toContain('A bad day: slow, slow, lose-events.');
    expect(await (await fetch(`${url}/_sim/faults`)).json()).toMatchObject({
      faults: [
        { id: 'slow', ms: 1, route: '/v2/apps*', seed: 9 },
        { id: 'slow-2', ms: 2 },
        { id: 'lose-events', types: ['a', 'b'], probability: 0.5 },
      ],
    });
  });

  test('lets in who has the key of the account that it was given', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const directory = mkdtempSync(join(tmpdir(), 'b-'));
    try {
      const file = join(directory, 'key.pem');
      writeFileSync(file, publicKey.export({ type: 'spki', format: 'pem' }));
      const account = ['--auth-account', `baton:${file}`, '--auth-user', 'bob:a:b', '--auth-life', '60'];
      const run = simulate('--port', '0', '--auth', 'dcos', ...account);
      const url = await until('it listens', () => /http:\/\/\S+/.exec(run.out())?.[0]);
      expect(run.out()).toContain('Who reads /v2 must log in (dcos).');
      const answer = await fetch(`${url}/acs/api/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ uid: 'bob', password: 'a:b' }),
      });
      const { token } = (await answer.json()) as { token: string };
      const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
        exp: number;
      };
      expect(Math.abs(exp - 60 - Date.now() / 1000)).toBeLessThan(30);
      expect((await fetch(`${url}/v2/apps`)).status).toBe(401);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('--help', async () => {
    const run = simulate('--help');
    expect(await run.ended()).toBe(0);
    expect(run.out()).toContain('usage: baton simulate');
    for (const line of run.out().split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });

  test.each([
    [['--health-sped', '2'], 'there is no flag --health-sped; did you mean --health-speed?'],
    [['--frobnicate'], 'there is no flag --frobnicate'],
    [['--port', 'http'], "--port must be a whole number from 0 to 65535, not 'http'"],
    [['--health-speed', '0'], "--health-speed must be a number from 0.01 to 1000, not '0'"],
    [['--fault', 'slwo ms=5'], "there is no fault 'slwo'; did you mean 'slow'?"],
    [['--fault', 'slow ms=x'], "the fault 'slow ms=x' makes no sense: ms: Invalid input"],
    [['--tasks', 'fake'], "--tasks must be 'real' or 'addresses', not 'fake'"],
    [['--auth', 'ldap'], "--auth must be 'basic', 'token' or 'dcos', not 'ldap'"],
    [['--auth', 'basic'], '--auth basic needs --auth-user'],
    [['--auth', 'basic', '--auth-user', 'bob'], '--auth-user must be two words with a colon between'],
    [['--auth', 'basic', '--auth-token', 'x'], '--auth-token needs --auth token'],
    [['--auth-user', 'a:b'], '--auth-user needs --auth basic or dcos'],
    [['--auth', 'token'], '--auth token needs --auth-token'],
    [['--auth', 'dcos'], '--auth dcos needs --auth-account or --auth-user'],
    [['--auth', 'dcos', '--auth-account', 'a:/none'], '--auth-account: /none cannot be read as a public key'],
    [
      ['--auth', 'dcos', '--auth-user', 'a:b', '--auth-life', '0'],
      "--auth-life must be a whole number from 1 to 31536000, not '0'",
    ],
    [['extra'], 'extra'],
  ])('%j is refused', async (argv, message) => {
    const run = simulate(...argv);
    expect(await run.ended()).toBe(2);
    expect(run.err()).toContain(message);
    expect(run.out()).toBe('');
  });

  test('a port that is taken ends it with 1', async () => {
    const it = await rig({ tasks: 'addresses' });
    try {
      const run = simulate('--port', new URL(it.sim.url).port);
      expect(await run.ended()).toBe(1);
      expect(run.err()).toContain('the port is taken');
    } finally {
      await it.sim.close();
    }
  });
});
