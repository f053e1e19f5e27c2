/** Whatever is in a file, reading it never throws, and what is said of it has a place in it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test, vi } from 'vitest';
import { readJson } from '../../src/cli/definitions/json-source.ts';
import { readDefinitions } from '../../src/cli/definitions/read.ts';
import { lint } from '../../src/cli/lint/lint.ts';
import { lintLines } from '../../src/cli/lint/text.ts';
import { cases } from '../support/cases.ts';

const directory = mkdtempSync(join(tmpdir(), 'b-'));
afterAll(() => rmSync(directory, { recursive: true }));

async function linting(text: string) {
  const path = join(directory, 'app.json');
  writeFileSync(path, text);
  return lint(await readDefinitions([path], '2024-01-01T00:00:00.000Z', AbortSignal.timeout(10_000)));
}

const good = JSON.stringify(
  {
    id: '/shop',
    apps: [
      {
        id: 'web',
        cmd: 'x',
        portDefinitions: [{ port: 80, name: 'http', labels: { VIP_0: '/web:80' } }],
        healthChecks: [{ protocol: 'HTTP', path: '/', portIndex: 0 }],
        labels: { 'FE-Proxy': 'yes', HAPROXY_GROUP: 'a,b', HAPROXY_0_VHOST: 'a.example.com' },
      },
      {
        id: 'api',
        container: { docker: { image: 'x', network: 'BRIDGE', portMappings: [{ containerPort: 1 }] } },
        labels: { ab_config: '{"service": "shop/web", "priority": 1}' },
      },
    ],
    groups: [{ id: 'deep', apps: [] }],
  },
  null,
  2,
);

test('any slip in a good file: said where it is, or no slip', async () => {
  const pieces = [
    '',
    ',',
    '"',
    '{',
    '}',
    '[',
    ']',
    ':',
    '//',
    '\u0000',
    '\u2028',
    '\n',
    '\\',
    "'",
    '1',
    '\ud800',
  ];
  const slip = fc.tuple(fc.nat(good.length), fc.nat(12), fc.constantFrom(...pieces));
  await fc.assert(
    fc.asyncProperty(fc.array(slip, { minLength: 1, maxLength: 4 }), async (slips) => {
      let text = good;
      for (const [at, gone, piece] of slips) text = text.slice(0, at) + piece + text.slice(at + gone);
      const { flaws } = readJson(text);
      const lines = text.split('\n');
      for (const { line, column } of flaws)
        expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? -1) + 1);
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      expect(flaws.length === 0).toBe(isJson);
      const linted = await linting(text);
      for (const { line } of linted.findings) expect(line).toBeLessThanOrEqual(lines.length);
    }),
    { numRuns: cases(100) },
  );
});

const keys = [
  'id',
  'cmd',
  'args',
  'container',
  'labels',
  'instances',
  'ports',
  'portDefinitions',
  'healthChecks',
  'networks',
  'ipAddress',
  'env',
  'upgradeStrategy',
  'dependencies',
  'apps',
  'groups',
  'app',
  '__proto__',
  'docker',
  'portMappings',
  'protocol',
  'network',
  'discovery',
  'HAPROXY_0_VHOST',
  'ab_config',
  'avi_proxy',
  'VIP_0',
]; // prettier-ignore

test('any values in the fields of definitions: never a throw, and no line that runs over or begins a control sequence', async () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom<unknown>(
        null,
        true,
        0,
        -1,
        1.5,
        1e99,
        '',
        'BRIDGE',
        'HOST',
        'HTTP',
        '\u001b[31m',
        '/a',
        'container/bridge',
      ),
      fc.string({ unit: 'binary' }),
      fc.array(tie('value'), { maxLength: 3 }),
      fc
        .array(fc.tuple(fc.constantFrom(...keys), tie('value')), { maxLength: 6 })
        .map((entries) => Object.fromEntries(entries)),
    ),
  }));
  vi.stubEnv('FORCE_COLOR', undefined);
  const control = new RegExp(String.raw`[^\P{Cc}\n]`, 'u');
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 8 }), async (definition) => {
      const linted = await linting(JSON.stringify({ ...definition, cmd: 'x' }));
      const text =
        lintLines({ ...linted, files: [] }).join('\n') +
        lintLines({ ...linted })
          .slice(1)
          .join('\n');
      expect(text).not.toMatch(control);
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    }),
    { numRuns: cases(200) },
  );
});
