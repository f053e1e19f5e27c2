/** That the benchmark runs and says what it should; never how long anything took. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { spreadOf } from './numbers.ts';

const bench = fileURLToPath(new URL('bench.ts', import.meta.url));
const number = expect.any(Number);
const spread = { count: number, p50: number, p99: number, max: number };

test('a small run measures both controllers and writes all numbers', () => {
  const directory = mkdtempSync(join(tmpdir(), 'b-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'out.json');
  const done = spawnSync(process.execPath, [bench, '--apps', '10', '--repetitions', '2', '--json', file], {
    encoding: 'utf8',
    timeout: 110_000,
  });
  expect([done.status, done.status === 0 ? '' : done.stderr]).toEqual([0, '']);
  expect(done.stdout).toContain('| endpoint lost (p50 / p99 / max) |');

  const common = {
    apps: 10,
    tasks: 110,
    firstSync: { present: number, serving: number },
    endpointLost: { ...spread, count: 2 },
    endpointAdded: { ...spread, count: 2 },
    endpointServing: { ...spread, count: 2 },
    residentMb: number,
    peakMb: number,
    cpuPer1000Events: number,
    cpuAtRest: number,
    events: number,
  };
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    machine: {
      processor: expect.any(String),
      cores: number,
      memoryMb: number,
      kernel: expect.any(String),
      load: number,
      node: process.version,
      haproxy: expect.stringMatching(/^\d+\.\d+/),
    },
    baton: expect.any(String),
    repetitions: 2,
    results: [
      {
        ...common,
        controller: 'Baton',
        poolMoved: { ...spread, count: 1 },
        resync: { ...spread, count: 3 },
        abortConfirmed: { ...spread, count: 20 },
        sustained: {
          eventsPerSecond: number,
          seconds: number,
          firstSecondLag: number,
          lastSecondLag: number,
          cpu: number,
        },
      },
      {
        ...common,
        controller: expect.stringContaining('emulation'),
        poolMoved: null,
        resync: null,
        abortConfirmed: null,
        sustained: null,
      },
    ],
  });
});

test('a run that is ended before its time says so and prints what there is', async () => {
  const child = spawn(process.execPath, [bench, '--apps', '10', '--repetitions', '2'], { stdio: 'pipe' });
  const printed = { stdout: '', stderr: '' };
  child.stdout.on('data', (part: Buffer) => (printed.stdout += part.toString()));
  child.stderr.on('data', (part: Buffer) => {
    printed.stderr += part.toString();
    if (!child.killed && printed.stderr.includes('first sync')) child.kill('SIGTERM');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code).toBe(130);
  expect(printed.stderr).toContain('SIGTERM amid 10 services');
  expect(printed.stdout).toContain('HAProxy');
});

test('percentiles are by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(spreadOf(hundred)).toEqual({ count: 100, p50: 50, p99: 99, max: 100 });
  expect(spreadOf([7])).toEqual({ count: 1, p50: 7, p99: 7, max: 7 });
  expect(() => spreadOf([])).toThrow(RangeError);
});

test('what it does not understand it says, with exit code 2', () => {
  const done = spawnSync(process.execPath, [bench, '--apps', 'many'], { encoding: 'utf8', timeout: 20_000 });
  expect([done.status, done.stderr]).toEqual([2, expect.stringContaining('usage:')]);
});
