/** Hostile templates: each is refused, or HAProxy takes it, and then has no section, server or map that is not Baton's. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { declare } from '../../../src/declared/declare.ts';
import { templateActions, templateOptions } from '../../../src/declared/marathon-lb/template-grammar.ts';
import { placedTemplates } from '../../../src/declared/marathon-lb/template-labels.ts';
import { plainOptions, type PoolTemplate } from '../../../src/declared/types.ts';
import { findBinary, validate } from '../../../src/dataplane/haproxy/binary.ts';
import { layoutIn } from '../../../src/dataplane/haproxy/layout.ts';
import { ask } from '../../../src/dataplane/haproxy/socket.ts';
import { createTemplateChecks } from '../../../src/dataplane/haproxy/template-checks.ts';
import { pool, service } from '../../support/targets.ts';
import { until } from '../../support/wait.ts';
import { cluster } from '../../declared/cluster.ts';

const good: readonly string[] = [
  'timeout server 1h',
  'retries 2',
  'acl api path_beg /api',
  'http-request set-header X-A %[src]',
  'http-request return status 200 content-type text/plain string "hello"',
  'http-response set-header X-B c if { status 200 }',
  "http-request replace-path '^/a/(.*)$' '/\\1'",
  'http-request set-var(req.a) src',
  'tcp-request content reject if { src 10.0.0.0/8 }',
  'redirect prefix https://b.example',
  'compression algo gzip',
  ...templateOptions.map((option) => `option ${option}`),
  ...Object.entries(templateActions).flatMap(([name, actions]) =>
    actions.map((each) => `${name} ${each} a b`),
  ),
];

/** What would reach out of a backend, if it were let through. */
const bad: readonly string[] = [
  'backend evil',
  '"listen" evil',
  'global',
  'fron\\tend evil',
  'userlist evil',
  'server evil 10.6.6.6:80',
  'server evil unix@runtime.sock',
  'default-server check',
  'bind :6666',
  'stats admin if TRUE',
  'stats enable',
  'http-request set-map(evil.map) a b',
  'http-request set-header X %[src,map(evil.map)]',
  'http-request set-header X %[src,ma"p"(evil.map)]',
  'acl x src -f evil.map',
  'acl x src "-f" evil.map',
  'use_backend evil',
  'stick-table type ip size 1k',
  'filter trace',
  '.if 1',
  '.endif',
];

const pieces = [
  ...Array.from('\n\r\t"\'\\#{}%$,()-'),
  '\r\n',
  '\n\n',
  '%[',
  '${HOME}',
  '\u0000',
  '\u2028',
  'é',
  ' if ',
  ' -f ',
  'map(',
  'set-var(txn.x)',
  '{backend}',
  '{{',
  'x'.repeat(400),
];

function spoilt(line: string): fc.Arbitrary<string> {
  const insertion = fc.tuple(fc.nat(line.length), fc.constantFrom(...pieces));
  return fc.array(insertion, { minLength: 1, maxLength: 2 }).map((insertions) => {
    let text = line;
    for (const [at, piece] of insertions) text = text.slice(0, at) + piece + text.slice(at);
    return text;
  });
}

const line = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...good) },
  { weight: 3, arbitrary: fc.constantFrom(...good, ...bad).chain(spoilt) },
  { weight: 1, arbitrary: fc.constantFrom(...bad) },
);
const text = fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\n'));
const labels = fc
  .uniqueArray(fc.constantFrom(...Object.keys(placedTemplates)), { minLength: 1 })
  .chain((names) => fc.record(Object.fromEntries(names.map((name) => [`HAPROXY_0_${name}`, text]))));

export interface Contained {
  /** Apps. */
  readonly cases: number;
  /** Templates that passed the grammar, and of those the ones that HAProxy takes. */
  readonly fit: number;
  readonly taken: number;
}

const together = 250;

/** Reads that many apps with hostile templates. Throws, with the seed, where one is not contained. */
export async function assertContained(cases: number): Promise<Contained> {
  const seed = Date.now() % 2 ** 31;
  const samples = fc.sample(labels, { numRuns: cases, seed });
  const dir = await mkdtemp(join(tmpdir(), 'b-'));
  const found = { cases: 0, fit: 0, taken: 0 };
  try {
    await mkdir(join(dir, 'haproxy'));
    await writeFile(join(dir, 'haproxy/evil.map'), 'a b\n');
    const layout = layoutIn(dir);
    const binary = await findBinary(null);
    for (let at = 0; at < cases; at += together) {
      const apps = samples.slice(at, at + together).map((each) => templatesOf(each));
      const checks = createTemplateChecks(() => ({ binary, layout }));
      const target = apps.map((templates, index) =>
        service(`/app${index}`, 10_000 + index, [pool(`/app${index}`, 'a', 10_000, [], { templates })]),
      );
      await checks.look(target, AbortSignal.timeout(120_000));
      const judged = apps.map((templates) => checks.judge(templates));
      for (const [index, { lines, refused }] of judged.entries()) {
        const kept = (apps[index] ?? []).filter((each) => refused.every(({ template }) => template !== each));
        expect(lines, `seed ${seed}`).toEqual(kept.flatMap((each) => each.lines));
        found.cases += 1;
        found.fit += apps[index]?.length ?? 0;
        found.taken += kept.length;
      }
      const backends = judged.map(({ lines }) => lines);
      await writeFile(join(layout.dir, 'all.cfg'), configurationOf(backends));
      const complaint = await validate(binary, layout.dir, ['all.cfg'], AbortSignal.timeout(60_000));
      expect(complaint, `seed ${seed}`).toBeNull();
      expect(await whatRuns(binary, layout.dir), `seed ${seed}`).toEqual({
        proxies: ['in', ...backends.flatMap((_, index) => [`app${index}`, `next${index}`])].sort(),
        servers: backends.flatMap((_, index) => [`app${index}/s`, `next${index}/s`]).sort(),
        files: [],
      });
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  return found;
}

/** What reading leaves of the templates, which must not depend on anything but the app. */
function templatesOf(own: Readonly<Record<string, string>>): readonly PoolTemplate[] {
  const app = { HAPROXY_GROUP: 'g', HAPROXY_0_USE_HSTS: 'true', ...own };
  const options = { ...plainOptions, groups: new Set(['g']), allowTemplates: true };
  const apps = cluster({ id: '/shop', ports: [{ servicePort: 10_000 }], labels: app });
  return declare(apps, [], options).services[0]?.pools[0]?.templates ?? [];
}

function configurationOf(texts: readonly (readonly string[])[]): string {
  const backend = (name: string, lines: readonly string[]) =>
    [`backend ${name}`, ...lines.map((each) => `  ${each}`), '  server s 127.0.0.1:1', ''].join('\n');
  const backends = texts.map((lines, at) => backend(`app${at}`, lines) + backend(`next${at}`, []));
  return `global
  stats socket unix@test.sock level admin
defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend in
  bind unix@in.sock
${backends.join('')}`;
}

/** As HAProxy itself says. */
async function whatRuns(binary: string, cwd: string): Promise<Record<string, readonly string[]>> {
  const child = spawn(binary, ['-q', '-db', '-f', 'all.cfg'], { cwd, env: {}, stdio: 'ignore' });
  const ended = once(child, 'exit');
  const socket = join(cwd, 'test.sock');
  const signal = AbortSignal.timeout(30_000);
  try {
    const csv = await until('HAProxy', () => ask(socket, 'show stat', signal).catch(() => false as const));
    const rows = csv.split('\n').filter((row) => row !== '' && !row.startsWith('#'));
    const names = rows.map((row) => row.split(',').slice(0, 2)) as [string, string][];
    const maps = await ask(socket, 'show map', signal);
    const lists = await ask(socket, 'show acl', signal);
    return {
      proxies: [...new Set(names.map(([proxy]) => proxy))].sort(),
      servers: names
        .filter(([, server]) => server !== 'FRONTEND' && server !== 'BACKEND')
        .map((name) => name.join('/'))
        .sort(),
      files: `${maps}\n${lists}`.split('\n').filter((row) => row.includes('evil')),
    };
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}
