/** Each label and each key of its JSON: a good value, the default, bad values; and that grammar and table are one. */
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { abConfigTable } from '../../src/declared/ab-config-keys.ts';
import { entrySchema } from '../../src/declared/ab-config-schema.ts';
import { declare } from '../../src/declared/declare.ts';
import { keyRow, keysIn, labelTable } from '../../src/declared/labels.ts';
import type { DeclaredPool, Declaration } from '../../src/declared/types.ts';
import { app1, cluster, codes, member, noOptions } from './cluster.ts';

function withEntry(entry: unknown): Declaration {
  return declare(cluster(app1, member('/app1-100', entry)), [], noOptions);
}

function poolOf(declaration: Declaration): DeclaredPool | undefined {
  return declaration.services[0]?.pools.find((each) => each.app === '/app1-100');
}

/** `steps[].hold` with value v: `{"steps": [{"weight": 1, "hold": v}]}`, so that what stands around it is good. */
function entryAt(path: string, value: unknown): Record<string, unknown> {
  const around: Readonly<Record<string, Record<string, unknown>>> = {
    listener: { port: 80, hosts: ['app1.example.com'] },
    'steps[]': { weight: 1 },
    'analysis.prometheus[]': { query: 'up', min: 0 },
    'analysis.webhook': { url: 'http://judge.example.com/' },
    pending: { path: '/metrics' },
  };
  const parts = path.split('.');
  let inner: unknown = value;
  for (let depth = parts.length - 1; depth >= 0; depth -= 1) {
    const name = parts[depth] ?? '';
    const outer = parts.slice(0, depth).join('.');
    const holder = { ...around[outer], [name.replace('[]', '')]: name.endsWith('[]') ? [inner] : inner };
    inner = holder;
  }
  return { service: 'app1', ...(inner as Record<string, unknown>) };
}

describe('ab_config', () => {
  test.each(abConfigTable.map((row) => [row.name, row] as const))('%s: its example is good', (name, row) => {
    const declaration = withEntry(entryAt(name, JSON.parse(row.example)));
    expect(poolOf(declaration)).toBeDefined();
    // The listener app says something else about the listener than each of these examples.
    const isListener = /^listener\b/.test(name);
    expect(codes(declaration.diagnostics)).toEqual(isListener ? ['warning labels-contradict'] : []);
  });

  test('the grammar has no key that the table lacks', () => {
    const missing: string[] = [];
    const walk = (schema: z.ZodObject, prefix: string): void => {
      const known = keysIn(abConfigTable, prefix);
      missing.push(...Object.keys(schema.shape).filter((key) => !known.includes(key)));
    };
    walk(entrySchema, '');
    walk(entrySchema.shape.ready.unwrap(), 'ready');
    walk(entrySchema.shape.drain.unwrap(), 'drain');
    walk(entrySchema.shape.listener.unwrap(), 'listener');
    expect(abConfigTable.filter(({ status }) => status !== 'carried out')).toEqual([]);
    walk(entrySchema.shape.match.unwrap(), 'match');
    walk(entrySchema.shape.analysis.unwrap(), 'analysis');
    walk(entrySchema.shape.analysis.unwrap().shape.prometheus.unwrap().element, 'analysis.prometheus[]');
    walk(entrySchema.shape.analysis.unwrap().shape.webhook.unwrap(), 'analysis.webhook');
    walk(entrySchema.shape.steps.unwrap().element, 'steps[]');
    expect(missing).toEqual([]);
  });

  test.each([
    ['service', [1, null, '', 'a b', 'a\nb', ['app1'], {}, 'x'.repeat(256)]],
    ['port', [-1, 1.5, '', true, null]],
    [
      'listener',
      [
        80,
        {},
        { port: 0 },
        { port: '80' },
        { port: 80, path: '/shop' },
        { port: 80, mode: 'tcp', hosts: ['app1.example.com'] },
      ],
    ],
    ['listener.hosts', [[], ['a b'], 'a.example.com']],
    ['listener.path', ['shop', '/a b', '/a\n', '/a"b', '/a{b', '/%zz']],
    ['listener.mode', ['udp']],
    ['priority', ['ten', '10', 1.5, null, 1e12, true, [10]]],
    ['weight', [-1, '80', null, 1e7]],
    ['steps', [[], {}, [{}], [{ hold: '5m' }], [5]]],
    ['steps[].weight', [-1, 101, '5']],
    ['steps[].hold', ['5', 5]],
    ['steps[].pause', ['true', 1]],
    ['steps[].analysis', ['true', 1]],
    ['strategy', ['canary', true]],
    ['ready', ['100%', 3, []]],
    ['ready.instances', [0, 1.5, -1, '0%', '101%', '50', '50 %', null]],
    ['ready.for', [10, '10', 'soon', -1]],
    ['ready.within', ['x']],
    ['ready.keep', [-1, '101%']],
    ['ready.grace', ['x']],
    ['analysis', [true]],
    ['analysis.maxErrorRate', [-0.1, 1.1, '1%']],
    ['analysis.prometheus', [{}, [{ min: 1 }], [{ query: 'up' }], [{ query: 'up', min: 2, max: 1 }]]],
    ['analysis.prometheus[].query', ['', 'up\n', 'up{app="{{ app }}"}', 'up{app="{{task}}"}', 5]],
    ['analysis.prometheus[].min', ['1', null]],
    ['analysis.prometheus[].against', ['new', true]],
    ['analysis.minRequests', [-1, 1.5, '50']],
    ['analysis.maxP95Ms', [0, '300']],
    ['analysis.interval', ['10', 10]],
    ['analysis.failureLimit', [-1, 0.5]],
    ['analysis.inconclusiveLimit', [-1, '0']],
    ['analysis.webhook', [{}, { url: 'ftp://x' }, { url: 'http://x', onError: 'retry' }]],
    ['match', [{}, { header: ['a', 'b'], cookie: ['a', 'b'] }, { header: ['a b', 'c'] }, { header: ['a'] }]],
    ['match.header', [['X', 'a\nb']]],
    ['match.cookie', [['a b', 'c'], 'version']],
    ['affinity', ['sticky']],
    ['failover', ['true', 1]],
    ['capacity', ['auto']],
    ['pending', ['/metrics', {}]],
    ['pending.path', ['metrics', '/a b', 1]],
    ['pending.name', ['', 'a b', 1]],
    ['drain', ['10m']],
    ['drain.timeout', ['forever', 10]],
    ['drain.then', ['kill']],
    ['retire', ['yes']],
    ['retireAfter', [5]],
  ] as const)('%s: bad values are one error that names it', (path, values) => {
    for (const value of values) {
      const declaration = withEntry(entryAt(path, value));
      expect(codes(declaration.diagnostics), JSON.stringify(value)).toEqual(['error bad-value']);
      const [diagnostic] = declaration.diagnostics;
      expect(diagnostic?.label).toBe('ab_config');
      expect(diagnostic?.problem).toContain(`"${path.split(/[.[]/)[0] ?? ''}`);
      expect(diagnostic?.remedy).toMatch(/^Write .* as .*, for example .*the app declares nothing\.$/);
      expect(poolOf(declaration)).toBeUndefined();
      expect(declaration.services.map((each) => each.pools.length)).toEqual([1]);
    }
  });

  test.each([
    ['a text', '"app1"'],
    ['a number', '10'],
    ['null', 'null'],
    ['an empty list', '[]'],
    ['a list of texts', '["app1"]'],
    ['a list in a list', '[[]]'],
    ['JSON quoted twice', JSON.stringify('{"service": "app1"}')],
  ])('%s is an error', (_, text) => expect(codes(withEntry(text).diagnostics)).toEqual(['error bad-value']));

  test.each(['A', 'a_b', 'a..', '/a//b', 'a/', '.', 'a"', 'ä', '-a', 'a{', 'x;y'])(
    'a service that is declared here cannot be named %s',
    (service) => {
      const { diagnostics } = withEntry({ service, listener: { port: 80 } });
      expect(codes(diagnostics)).toEqual(['error bad-value']);
      expect(diagnostics[0]?.problem).toContain('"service"');
    },
  );

  test.each(['a', '/a', 'shop/a-1.b', 'www.example.com', 'a--b'])('it can be named %s', (service) => {
    const { diagnostics, services } = declare(
      cluster(member('/v', { service, listener: { port: 80 } })),
      [],
      noOptions,
    );
    expect(diagnostics).toEqual([]);
    expect(services.map(({ id }) => id)).toEqual([service.startsWith('/') ? service : `/${service}`]);
  });

  test('several wrong keys are one diagnostic that names them all', () => {
    const [diagnostic, ...others] = withEntry({
      service: 'app1',
      priority: 'x',
      weight: -1,
      drain: { timeout: 5 },
    }).diagnostics;
    expect(others).toEqual([]);
    expect(diagnostic?.problem).toBe('"priority" is "x"; wrong as well: weight, drain.timeout.');
  });

  test('rows are found for indices, and for what lies deeper', () => {
    expect(keyRow(abConfigTable, 'steps[12].hold')?.name).toBe('steps[].hold');
    expect(keyRow(abConfigTable, 'match.header[1]')?.name).toBe('match.header');
    expect(keyRow(abConfigTable, 'steps[3]')?.name).toBe('steps');
    expect(keyRow(abConfigTable, 'nothing')).toBeNull();
  });
});

describe('the other labels', () => {
  test.each([
    ['FE-Proxy', ['maybe', '']],
    ['proxy_listener', ['never', '']],
    ['FE-Proxy-VIP', ['app1', '10.0.0.1:80', '']],
    [
      'avi_proxy',
      [
        '"x"',
        '[]',
        'null',
        '{"virtualservice": []}',
        '{"virtualservice": {"services": [{}]}}',
        '{"virtualservice": {"services": [{"port": "80"}]}}',
        '{"virtualservice": {"services": [{"port": 70000}]}}',
        '{"virtualservice": {"fqdn": "a b"}}',
        '{"virtualservice": {"ip_address": {"addr": "x"}}}',
        '{"pool": {"lb_algorithm": 5}}',
      ],
    ],
  ] as const)('%s: bad values are one error', (name, values) => {
    for (const value of values) {
      const labels = { ...app1.labels, [name]: value };
      const { diagnostics, services } = declare(cluster({ ...app1, labels }), [], noOptions);
      expect(codes(diagnostics), value).toEqual(['error bad-value']);
      expect(diagnostics[0]?.label).toBe(name);
      expect(services).toEqual([]);
    }
  });

  test.each(labelTable.map((row) => [row.name, row.example] as const))(
    '%s: its example is good',
    (name, example) => {
      const { diagnostics } = declare(
        cluster(app1, {
          id: '/x',
          labels: { 'FE-Proxy': 'no', ab_config: { service: 'app1' }, [name]: example },
        }),
        [],
        noOptions,
      );
      expect(
        diagnostics.filter(
          (each) =>
            each.severity === 'error' &&
            each.code !== 'listener-conflict' &&
            each.code !== 'listener-without-port',
        ),
      ).toEqual([]);
    },
  );

  test('a virtualservice alone makes a listener, FE-Proxy-VIP alone does not', () => {
    const of = (labels: Record<string, unknown>) =>
      declare(cluster({ id: '/x', labels }), [], noOptions).services.length;
    expect(of({ avi_proxy: { virtualservice: { services: [{ port: 80 }] } } })).toBe(1);
    expect(of({ 'FE-Proxy': 'no', avi_proxy: { virtualservice: { services: [{ port: 80 }] } } })).toBe(1);
    expect(of({ 'FE-Proxy-VIP': '10.0.0.1' })).toBe(0);
    expect(of({ avi_proxy: { pool: {} } })).toBe(0);
    expect(of({ 'FE-Proxy': 'yes', proxy_listener: 'false' })).toBe(0);
  });
});
