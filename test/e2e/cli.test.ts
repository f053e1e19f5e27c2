/** The command line as a newcomer meets it. */
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { listenerApp, versionApp } from '../support/apps.ts';
import { freePort } from '../support/free-ports.ts';
import { haproxyPid, stateDirectory } from '../support/baton.ts';
import { setStage } from './stage.ts';

const root = new URL('../..', import.meta.url).pathname;

function baton(...argv: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/main.ts', ...argv], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

it.each([
  [['run', '--help'], 0, 'usage: baton run'],
  [['rnu'], 2, 'there is no verb rnu; did you mean run?'],
  [['run'], 2, '--marathon is missing'],
] as const)('%j ends with %i and says what to do', (argv, code, words) => {
  const { status, stdout, stderr } = baton(...argv);
  expect([status, code === 0 ? stdout : stderr]).toEqual([code, expect.stringContaining(words)]);
  expect(code === 0 ? stderr : stdout).toBe('');
});

it('lint reads what is piped to it', () => {
  const { status, stdout } = spawnSync(process.execPath, ['src/main.ts', 'lint', '-'], {
    cwd: root,
    encoding: 'utf8',
    input: JSON.stringify(listenerApp('app1', { labels: { ab_config: '{"priority": "ten"}' } })),
    timeout: 60_000,
  });
  expect([status, stdout]).toEqual([1, expect.stringContaining('ab_config')]);
});

it('runs by its name from a checkout', () => {
  const { stdout, status } = spawnSync('npx', ['baton', 'version'], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

it('a dry run says what it would do and why, and changes nothing', async () => {
  const stage = await setStage();
  await stage.startBaton();
  await stage.post(listenerApp('app1'));
  await stage.post(versionApp('app1-100', { service: 'app1', priority: 10 }));
  await stage.post(versionApp('app1-200', { service: 'app1', priority: 'twenty' }));
  await stage.carried({ 'app1-100': 100 });
  const { status, stdout } = await dryRun(stage.simulator.url);
  expect(status).toBe(0);
  expect(stdout).toContain('service app1 on *:80: settled');
  expect(stdout).toMatch(/100 % {2}app1-100 {2}active\n +priority 10, side B, slot b, 2 of 2 up\n/);
  expect(stdout).toContain('priority 10 is the highest that can serve');
  expect(stdout).toContain('error: app1-200 ab_config');
  expect(stdout).toContain('Nothing was changed.');
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

/** Beside the simulator of this process, so not synchronously. */
async function dryRun(marathon: string): Promise<{ status: number | null; stdout: string }> {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['src/main.ts', 'run', '--marathon', marathon, '--dry-run'],
      { cwd: root, timeout: 60_000 },
      (error, stdout) => resolve({ status: error === null ? 0 : Number(error.code ?? 1), stdout }),
    );
  });
}

it('a dry run with nobody at the address says what to check', async () => {
  const { status, stderr } = baton('run', '--marathon', `http://127.0.0.1:${await freePort()}`, '--dry-run');
  expect(status).toBe(1);
  expect(stderr).toContain('is it running, is the address right?');
});

it('baton stop ends the HAProxy that a detached Baton left, and says when there is none', async () => {
  const stage = await setStage();
  await stage.startBaton();
  await stage.baton().end();
  expect(await haproxyPid(stage.stateDir)).not.toBeNull();
  expect(baton('stop', '--state-dir', stage.stateDir)).toMatchObject({
    status: 0,
    stdout: `stopped the HAProxy of ${stage.stateDir}\n`,
  });
  const empty = await stateDirectory();
  expect(baton('stop', '--state-dir', empty)).toMatchObject({
    status: 0,
    stdout: `no HAProxy runs on ${empty}\n`,
  });
});
