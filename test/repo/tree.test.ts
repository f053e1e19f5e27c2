/** What must be true of every file in the tree, whoever wrote it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkout } from '../support/planted.ts';
import { filesUnder } from '../support/tree.ts';

const BINARY = /\.(?:png|jpe?g|gif|ico|woff2?|gz|deb)$/;

interface TextFile {
  readonly path: string;
  readonly text: string;
}

const files: readonly TextFile[] = filesUnder(checkout)
  .filter((path) => !BINARY.test(path) && path !== 'package-lock.json')
  .map((path) => ({ path, text: readFileSync(join(checkout, path), 'utf8') }));

/** The patterns are written so that this file does not match them itself. */
const nowhere: readonly (readonly [what: string, pattern: RegExp, allowed: readonly string[]])[] = [
  // `.ci/run` checks the examples that lie beside the checkout in the place where it is built.
  ['a folder beside the checkout', /\.\.\/shared[/]/, ['.ci/run']],
  ['a path of one machine', /(?<![\w.~-])\/(?:work|tmp\/w)\/|\/home\/[a-z]|\/Users\/[a-z]/, []],
  ['unfinished work', /\b(?:TO[D]O|FIX[M]E|XX[X])\b/, []],
  ['a merge conflict', /^(?:<{7} |>{7} )/m, []],
];

describe('no file holds', () => {
  it.each(nowhere)('%s', (_what, pattern, allowed) => {
    expect(pathsWhere(files, pattern).filter((path) => !allowed.includes(path))).toEqual([]);
  });
});

const scripts = files.filter(({ path }) => path.endsWith('.ts'));
const tests = scripts.filter(({ path }) => path.endsWith('.test.ts') && !path.startsWith('test/repo/'));

describe('scripts', () => {
  it('are found', () => {
    expect(scripts.filter(({ path }) => path.startsWith('src/')).length).toBeGreaterThan(10);
  });

  it('begin with a comment that says what they are', () => {
    const header = /^(?:#!\/usr\/bin\/env .*node.*\n)?\/\*\*[\s\S]{10,}?\*\//;
    expect(scripts.filter(({ text }) => !header.test(text)).map(({ path }) => path)).toEqual([]);
  });

  it('have names in kebab case', () => {
    const name = /^(?:[\w.-]+\/)*[a-z0-9]+(?:[-.][a-z0-9]+)*\.ts$/;
    expect(scripts.filter(({ path }) => !name.test(path)).map(({ path }) => path)).toEqual([]);
  });

  it('switch neither compiler nor types off', () => {
    const inSource = scripts.filter(({ path }) => path.startsWith('src/'));
    expect(pathsWhere(inSource, /@ts-(?:ignore|expect-error|nocheck)/)).toEqual([]);
  });
});

describe('tests', () => {
  it('run all, every time', () => {
    expect(pathsWhere(tests, /\b(?:it|test|describe|suite)(?:\.\w+)*\.(?:only|skip|todo|fails)\b/)).toEqual(
      [],
    );
  });

  it('listen on free ports only', () => {
    expect(pathsWhere(tests, /\.listen\(\s*(?:\{[^}]*\bport:\s*)?[1-9]\d/)).toEqual([]);
  });
});

describe('the lockfile', () => {
  const manifest = readJson('package.json');
  const lock = readJson('package-lock.json');
  const locked = asRecord(lock['packages']);

  it.each(['dependencies', 'devDependencies', 'engines', 'bin'])('has the %s of package.json', (field) => {
    expect(asRecord(locked[''])[field]).toEqual(manifest[field]);
  });

  it('holds a version with a checksum for each package that is asked for', () => {
    const asked = [
      ...Object.keys(asRecord(manifest['dependencies'])),
      ...Object.keys(asRecord(manifest['devDependencies'])),
    ];
    const without = asked.filter(
      (name) => typeof asRecord(locked[`node_modules/${name}`])['integrity'] !== 'string',
    );
    expect(without).toEqual([]);
  });

  it('names no registry but the public one', () => {
    const hosts = Object.values(locked).flatMap((entry) => {
      const resolved = asRecord(entry)['resolved'];
      return typeof resolved === 'string' ? [new URL(resolved).host] : [];
    });
    expect(hosts.filter((host) => host !== 'registry.npmjs.org')).toEqual([]);
  });
});

function pathsWhere(among: readonly TextFile[], pattern: RegExp): readonly string[] {
  return among.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
}

function readJson(file: string): Readonly<Record<string, unknown>> {
  return asRecord(JSON.parse(readFileSync(join(checkout, file), 'utf8')));
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
