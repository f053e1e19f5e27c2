/** The set-up script: silent when all is there, `npm ci` when the lockfile changed, plain words when it cannot go on. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkout } from '../support/planted.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'baton-setup-'));
  mkdirSync(join(root, '.ci'));
  cpSync(join(checkout, '.ci/setup.mjs'), join(root, '.ci/setup.mjs'));
  writeFileSync(join(root, 'package-lock.json'), '{}');
  program('haproxy', 'echo "HAProxy version 2.6.12-1 2023/12/16"');
  // A stand-in for npm: notes what it was asked, and leaves a Node behind as `npm ci` would.
  program(
    'npm',
    `echo "$@" >> asked; mkdir -p node_modules/.bin; ln -sf ${process.execPath} node_modules/.bin/node`,
  );
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

it('installs once, and is silent after that', () => {
  expect(setup()).toMatchObject({ code: 0, said: expect.stringContaining('npm ci') });
  expect(setup()).toEqual({ code: 0, said: '' });
  expect(asked()).toHaveLength(1);
});

it('installs again when the lockfile is another', () => {
  setup();
  writeFileSync(join(root, 'package-lock.json'), '{"changed":true}');
  expect(setup().code).toBe(0);
  expect(setup()).toEqual({ code: 0, said: '' });
  expect(asked()).toHaveLength(2);
});

it('installs again when Node 24 is gone', () => {
  setup();
  rmSync(join(root, 'node_modules/.bin/node'));
  expect(setup().code).toBe(0);
  expect(asked()).toHaveLength(2);
});

it('tries again after an installation that failed', () => {
  const good = readFileSync(join(root, 'bin/npm'), 'utf8');
  program('npm', 'exit 7');
  expect(setup()).toMatchObject({ code: 1, said: expect.stringContaining('ended with exit code 7') });
  writeFileSync(join(root, 'bin/npm'), good);
  expect(setup().code).toBe(0);
});

it('says so when npm ran no install scripts, and so left no Node', () => {
  program('npm', 'mkdir -p node_modules');
  expect(setup()).toMatchObject({
    code: 1,
    said: expect.stringContaining('npm rebuild node --ignore-scripts=false'),
  });
});

it.each([
  ['2.2.9-2+deb11u6', 'HA-Proxy version 2.2.9-2+deb11u6 2023/12/01'],
  ['2.5.14', 'HAProxy version 2.5.14 2023/09/02'],
])('refuses HAProxy %s, and says what to install', (version, printed) => {
  program('haproxy', `echo "${printed}"`);
  const { code, said } = setup();
  expect(code).toBe(1);
  expect(said).toContain(version);
  expect(said).toContain('Install HAProxy 2.6 or later');
  expect(existsSync(join(root, 'asked'))).toBe(false);
});

it.each(['2.6.12', '2.10.1', '3.0.5'])('takes HAProxy %s', (version) => {
  program('haproxy', `echo "HAProxy version ${version} 2024/01/01"`);
  expect(setup().code).toBe(0);
});

it('leaves HAProxy alone when told to', () => {
  program('haproxy', 'exit 1');
  expect(setup('--no-haproxy').code).toBe(0);
});

function program(name: string, script: string): void {
  mkdirSync(join(root, 'bin'), { recursive: true });
  writeFileSync(join(root, 'bin', name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(root, 'bin', name), 0o755);
}

function setup(...flags: readonly string[]): { readonly code: number | null; readonly said: string } {
  const done = spawnSync(process.execPath, [join(root, '.ci/setup.mjs'), ...flags], {
    env: { PATH: `${join(root, 'bin')}:/usr/bin:/bin`, BATON_HAPROXY_BINARY: join(root, 'bin/haproxy') },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  return { code: done.status, said: `${done.stdout}${done.stderr}` };
}

function asked(): readonly string[] {
  return readFileSync(join(root, 'asked'), 'utf8').trim().split('\n');
}
