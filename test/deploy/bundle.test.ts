/** What the image is made of: built from the build context alone, and run without packages beside it. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, afterAll, expect, it } from 'vitest';
import { verbs } from '../../src/cli/verbs.ts';
import { version } from '../../src/cli/version.ts';
import { answered, expectNoFailure, setStage } from '../e2e/stage.ts';
import { listenerApp, versionApp } from '../support/apps.ts';
import { checkout } from '../support/planted.ts';

/** As the system says it: a path through a link would be another. */
const root = realpathSync(mkdtempSync(join(tmpdir(), 'b-')));
const context = join(root, 'context');
const image = join(root, 'image');
const main = join(image, 'main.js');

beforeAll(() => {
  const allowed = readFileSync(join(checkout, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  for (const path of allowed) cpSync(join(checkout, path), join(context, path), { recursive: true });
  symlinkSync(join(checkout, 'node_modules'), join(context, 'node_modules'));
  const built = spawnSync(process.execPath, ['deploy/bundle.ts'], {
    cwd: context,
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (built.status !== 0) throw new Error(`the bundle was not built: ${built.stderr}`);
  cpSync(join(context, 'dist'), image, { recursive: true });
  rmSync(context, { recursive: true });
});
afterAll(() => rmSync(root, { recursive: true }));

it('moves live traffic', async () => {
  const stage = await setStage();
  await stage.startBaton({ main });
  await stage.post(listenerApp('app1'));
  await stage.carried({ app1: 100 });
  const load = stage.load();
  await answered(load, 100);
  await stage.post(versionApp('app1-100', { service: 'app1', priority: 10 }));
  await stage.carried({ 'app1-100': 100 });
  await answered(load, 100);
  await expectNoFailure(load);
  expect(await stage.baton().end()).toBe(0);
});

it.each(Object.keys(verbs))('knows what baton %s is', (verb) => {
  const done = spawnSync(process.execPath, [main, verb, '--help'], { encoding: 'utf8', timeout: 20_000 });
  expect([done.stderr, done.status]).toEqual(['', 0]);
  expect(done.stdout).toContain(`baton ${verb}`);
});

it('is of this version', () => {
  const done = spawnSync(process.execPath, [main, '--version'], { encoding: 'utf8', timeout: 20_000 });
  expect(done.stdout).toBe(`${version}\n`);
});

it('carries the licence of each package that is in it', () => {
  const licences = readFileSync(join(image, 'LICENSES.txt'), 'utf8');
  const { dependencies } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'));
  expect(licences).not.toContain('not stated');
});

it('is read in one byte a character', () => {
  const wide = readdirSync(image)
    .filter((name) => name.endsWith('.js'))
    .filter((name) => /[^\0-\xff]/.test(readFileSync(join(image, name), 'utf8')));
  expect(wide).toEqual([]);
});

it("leaves Node's own fetch and WebSocket alone, which every import of node:http loads", () => {
  const script = `
    process.argv.splice(1, 1, ${JSON.stringify(main)}, 'run', '--help');
    await import(${JSON.stringify(main)});
    process.stderr.write(process.moduleLoadList.filter((name) => /deps.undici/.test(name)).join());
  `;
  const done = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(done.stdout).toContain('usage: baton run');
  expect(done.stderr).toBe('');
});

it('needs nothing else', () => {
  const texts = readdirSync(image)
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(join(image, name), 'utf8'));
  const named = texts.flatMap((text) => [
    ...text.matchAll(/^(?:import|export)\b[^'"]*? from ["']([^"'.][^"']*)["']/gm),
    ...text.matchAll(/\b__require\(["']([^"']+)["']\)/g),
  ]);
  const foreign = named.map(([, name = '']) => name).filter((name) => !isBuiltin(name));
  expect(named.length).toBeGreaterThan(10);
  expect(foreign).toEqual([]);
});
