/** Every command that the documentation shows is run, or known to be covered elsewhere. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { filesUnder } from '../support/tree.ts';
import { freePorts } from '../support/free-ports.ts';
import { until } from '../support/wait.ts';
import { commands, type Proof } from './commands.ts';
import { root } from './root.ts';

const checkout = root.pathname;

interface Block {
  readonly text: string;
  readonly proof: Proof;
}

function blocksIn(page: string): readonly string[] {
  const text = readFileSync(new URL(page, root), 'utf8');
  return [...text.matchAll(/^```sh\n([^]*?)\n```$/gm)].map(([, block]) => block ?? '');
}

/** The longest beginning that fits; undefined when there is none. */
function keyOf(page: string, block: string): string | undefined {
  const fitting = Object.keys(commands[page] ?? {}).filter((key) => block.startsWith(key));
  return fitting.toSorted((a, b) => b.length - a.length)[0];
}

const pages = filesUnder(checkout).filter((path) => path.endsWith('.md') && blocksIn(path).length > 0);

test('every command block is in the table, and every row of the table is in a page', () => {
  const found = pages.map((page) => [page, blocksIn(page).map((block) => keyOf(page, block) ?? block)]);
  expect(Object.fromEntries(found)).toEqual(
    Object.fromEntries(Object.entries(commands).map(([page, rows]) => [page, Object.keys(rows)])),
  );
});

describe.each(Object.keys(commands))('%s', (page) => {
  const blocks = blocksIn(page).flatMap((text): readonly Block[] => {
    const proof = commands[page]?.[keyOf(page, text) ?? ''];
    return proof === undefined ? [] : [{ text, proof }];
  });

  test('the commands work, in their order', async () => {
    const stage = await setStage();
    if (!blocks.some(({ text }) => text.startsWith('npx baton simulate')))
      await stage.serve('npx baton simulate --port 8080 --health-speed 20', /listens on/);
    const worked: string[] = [];
    for (const { text, proof } of blocks) {
      if (proof.how === 'elsewhere') continue;
      if (proof.how === 'after Baton') await stage.end('npx baton run');
      await (proof.how === 'serve' ? stage.serve(text, proof.prints) : stage.run(text, proof.prints));
      worked.push(text);
    }
    expect(worked).toEqual(blocks.filter(({ proof }) => proof.how !== 'elsewhere').map(({ text }) => text));
  });

  test.each(blocks.filter(({ proof }) => proof.how === 'elsewhere'))(
    'covered elsewhere: $text',
    ({ proof }) => {
      const { file, proof: words } = z.object({ file: z.string(), proof: z.string() }).parse(proof);
      expect(readFileSync(new URL(file, root), 'utf8')).toContain(words);
    },
  );
});

test('npm scripts that the documentation names exist', () => {
  const manifest = z.object({ scripts: z.record(z.string(), z.string()) });
  const { scripts } = manifest.parse(JSON.parse(readFileSync(new URL('package.json', root), 'utf8')));
  const text = filesUnder(checkout)
    .filter((path) => path.endsWith('.md'))
    .map((path) => readFileSync(new URL(path, root), 'utf8'))
    .join('\n');
  const named = [...text.matchAll(/\bnpm (?:run )?(\w+)/g)].map(([, name]) => name ?? '');
  expect(named).toContain('demo');
  expect(named.filter((name) => name !== 'ci' && !(name in scripts))).toEqual([]);
});

test('npx finds baton in a checkout', () => {
  const done = spawnSync('npx', ['baton', '--version'], {
    cwd: checkout,
    encoding: 'utf8',
    env: { ...process.env, npm_config_update_notifier: 'false', npm_config_offline: 'true' },
    timeout: 60_000,
  });
  expect(done.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

interface Stage {
  /** Runs a block. @throws Error when it fails, or never prints what it should */
  run(block: string, prints: RegExp): Promise<void>;
  /** Starts what goes on; what was started by the same command before is ended. */
  serve(block: string, prints: RegExp): Promise<void>;
  end(command: string): Promise<void>;
}

/** A home of its own and free ports, so that the documented defaults harm nobody. */
async function setStage(): Promise<Stage> {
  const home = mkdtempSync(join(tmpdir(), 'b-'));
  const [marathon, api, service, other] = await freePorts(4);
  const ports: Readonly<Record<string, unknown>> = { 8080: marathon, 8090: api, 18080: service, 9090: other };
  const serving = new Map<string, ChildProcess>();
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    HOME: home,
    BATON_LISTEN: `127.0.0.1:${api}`,
    BATON_BIND: '127.0.0.1',
  };
  onTestFinished(async () => {
    for (const command of serving.keys()) await end(command);
    for (const directory of ['.local/state/baton', 'baton'])
      shell(`npx baton stop --state-dir ${home}/${directory}`);
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });

  /** `npx` would be one process more between this test and the one that it has to end. */
  function here(block: string): string {
    return block
      .replaceAll('npx baton', `exec ${process.execPath} src/main.ts`)
      .replaceAll('marathon.mesos', '127.0.0.1')
      .replaceAll('/var/lib/baton', `${home}/baton`)
      .replaceAll(/\b(?:8080|8090|9090|18080)\b/g, (port) => String(ports[port]));
  }

  function shell(block: string): { readonly status: number | null; readonly output: string } {
    const args = ['-euo', 'pipefail', '-c', here(block)];
    const done = spawnSync('bash', args, { cwd: checkout, env, encoding: 'utf8', timeout: 60_000 });
    return { status: done.status, output: `${done.stdout}${done.status === 0 ? '' : done.stderr}`.trim() };
  }

  async function end(command: string): Promise<void> {
    const child = serving.get(command);
    serving.delete(command);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit', { signal: AbortSignal.timeout(20_000) });
  }

  return {
    end,
    async run(block, prints) {
      // What changes something is done once; what only asks may have to wait for the answer.
      const asks = !/ -X |baton/.test(block);
      let done = shell(block);
      if (asks) {
        const matches = () => {
          done = shell(block);
          return prints.test(done.output);
        };
        await until(block, () => prints.test(done.output) || matches(), { everyMs: 200, detail: () => done });
      }
      if (done.status !== 0 || !prints.test(done.output))
        throw new Error(`${block}\nended with ${done.status} and printed\n${done.output}`);
    },
    async serve(block, prints) {
      const command = block.split(' ').slice(0, 3).join(' ');
      await end(command);
      const child = spawn('bash', ['-c', here(block.startsWith('curl') ? `exec ${block}` : block)], {
        cwd: checkout,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      serving.set(command, child);
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
      await until(block, () => prints.test(output), { detail: () => output.slice(-2000) });
    },
  };
}
