/** The demo as people run it, without a terminal: it passes, cleans up, and says what it lacks. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../support/wait.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;

interface DemoRun {
  readonly output: () => string;
  /** Where it keeps its files; gone when it has cleaned up. */
  readonly temporary: string;
  readonly interrupt: () => void;
  /** Exit code. */
  readonly ended: Promise<number | null>;
}

function runDemo(args: readonly string[] = []): DemoRun {
  const temporary = mkdtempSync(join(tmpdir(), 'd-'));
  const child = spawn(process.execPath, [main, 'demo', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: temporary },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  onTestFinished(async () => {
    // An orderly end cleans up what the demo has started; it does so at once when asked twice.
    child.kill('SIGTERM');
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 15_000).unref())]);
    child.kill('SIGKILL');
    rmSync(temporary, { recursive: true, force: true });
  });
  return { output: () => output, temporary, interrupt: () => void child.kill('SIGINT'), ended };
}

test('the demo passes: every move happened and no request failed', async () => {
  const run = runDemo();
  const code = await run.ended;
  const output = run.output();
  expect(output).toMatch(/Demo passed: 4 moves, [\d,]+ requests, 0 failed, 0 reloads caused by a move\.\n$/);
  expect(code).toBe(0);
  expect(output).not.toContain('\u001B');
  const sides = [...output.matchAll(/100\.00 % +([AB]) +(\d+) +0$/gm)].map(
    ([, side, ratio]) => `${side} ${ratio}`,
  );
  expect(sides).toEqual(['A 0', 'B 100', 'A 0', 'A 0', 'B 100', 'A 0']);
  expect(readdirSync(run.temporary)).toEqual([]);
});

test('Ctrl-C in the middle leaves nothing behind', async () => {
  const run = runDemo();
  await until('the service to be loaded', () => /app1 100 %/.test(run.output()), { detail: run.output });
  const [directory = ''] = readdirSync(run.temporary);
  expect(existsSync(join(run.temporary, directory, 'state', 'haproxy.pid'))).toBe(true);
  const ports = [...run.output().matchAll(/http:\/\/127\.0\.0\.1:(\d+)/g)].map(([, port]) => port);
  expect(ports).toHaveLength(3);
  run.interrupt();
  expect(await run.ended).toBe(130);
  expect(readdirSync(run.temporary)).toEqual([]);
  for (const port of ports) {
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
  }
});

test('without HAProxy it says what to install', async () => {
  const child = spawn(process.execPath, [main, 'demo'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, BATON_HAPROXY_BINARY: '/nowhere/haproxy' },
  });
  let said = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => {
    said += text;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect(code).toBe(1);
  expect(said).toContain('apt-get install haproxy');
});
