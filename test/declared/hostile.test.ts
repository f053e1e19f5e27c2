/** Labels that no one should write: one diagnostic each, nothing of it in the services, nobody else disturbed. */
import { describe, expect, test } from 'vitest';
import { declare } from '../../src/declared/declare.ts';
import { labelTable } from '../../src/declared/labels.ts';
import { app1, cluster, member, noOptions } from './cluster.ts';

const hostile: readonly (readonly [string, string])[] = [
  ['empty', ''],
  ['blanks', ' \n\t '],
  ['100 kB of text', 'x'.repeat(100_000)],
  ['100 kB of JSON', JSON.stringify({ service: 'app1', pad: 'x'.repeat(100_000) })],
  ['1 MB of brackets', '['.repeat(1_000_000)],
  ['brackets below the limit', '['.repeat(65_000)],
  ['closed brackets below the limit', `${'['.repeat(32_000)}${']'.repeat(32_000)}`],
  ['thousands of entries', `[${'{"service":"a"},'.repeat(4000)}{}]`],
  ['a line break', '{"service": "app1"\n  server evil 6.6.6.6:80}'],
  [
    'a line break in a text',
    '{"service": "app1\\n  server evil 6.6.6.6:80", "virtualservice": {"fqdn": "a\\nb"}}',
  ],
  ['control characters', '\u0000\u001b[31m\u007f'],
  ['unicode', '{"service": "äöü💥\u202e", "virtualservice": "💥"}'],
  ['half a character', '\ud800'],
  ['a regular expression’s nightmare', `${'a'.repeat(60_000)}!`],
  ['a host name’s nightmare', `{"virtualservice": {"fqdn": "${'a-'.repeat(30_000)}"}, "service": " "}`],
  ['infinity', '{"service": "app1", "priority": 1e999, "virtualservice": {"services": [{"port": 1e999}]}}'],
];

describe.each(labelTable.map((row) => row.name))('%s', (name) => {
  test.each(hostile)('%s', (_, value) => {
    const good = cluster(app1, member('/app1-100', { service: 'app1', priority: 10 }));
    const bad = cluster({ id: '/bad', labels: { [name]: value } });
    const { services, diagnostics } = declare(new Map([...good, ...bad]), [], noOptions);
    expect(services).toEqual(declare(good, [], noOptions).services);
    expect(diagnostics).toHaveLength(1);
    const [diagnostic] = diagnostics;
    expect(diagnostic).toMatchObject({ severity: 'error', app: '/bad', label: name });
    const said = `${diagnostic?.value} ${diagnostic?.problem} ${diagnostic?.remedy}`;
    expect(said.length).toBeLessThan(800);
    expect(said).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
  });
});

test('keys with names from the language’s own objects are keys like any other', () => {
  const text = '{"service": "app1", "__proto__": {"priority": 5}, "constructor": 1, "toString": 2}';
  const { services, diagnostics } = declare(cluster(app1, member('/x', text)), [], noOptions);
  expect(services[0]?.pools.map((each) => [each.app, each.priority])).toEqual([
    ['/app1', 0],
    ['/x', 0],
  ]);
  expect(diagnostics.map((each) => each.code)).toEqual(['unknown-key']);
  expect(Object.hasOwn(Object.prototype, 'priority')).toBe(false);
});

test('thousands of unknown keys are one diagnostic of readable length', () => {
  const keys = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, index]));
  const ab = declare(cluster(app1, member('/x', { service: 'app1', ...keys })), [], noOptions).diagnostics;
  expect(ab).toHaveLength(1);
  expect(ab[0]?.problem).toContain('k9 and 4990 more. The rest holds.');
  const avi = declare(
    cluster({ id: '/x', labels: { avi_proxy: { pool: keys } } }),
    [],
    noOptions,
  ).diagnostics;
  expect(avi).toHaveLength(1);
  expect(avi[0]?.problem).toContain('pool.k39 and 4960 more.');
});
