/** Raw HAProxy text in labels: what may be said in it where it is welcome, and what becomes of the rest. */
import { describe, expect, test } from 'vitest';
import { declare } from '../../../src/declared/declare.ts';
import { wrongIn } from '../../../src/declared/marathon-lb/template-grammar.ts';
import { placedTemplates, templateNames } from '../../../src/declared/marathon-lb/template-labels.ts';
import { wordsOf } from '../../../src/declared/marathon-lb/template-words.ts';
import { plainOptions, type PoolTemplate } from '../../../src/declared/types.ts';
import { cluster } from '../cluster.ts';

interface Outcome {
  readonly templates: readonly PoolTemplate[];
  readonly told: readonly string[];
}

function declared(labels: Readonly<Record<string, string>>, allowTemplates = true): Outcome {
  const apps = cluster({
    id: '/shop/web',
    ports: [{ servicePort: 10_000 }],
    labels: { HAPROXY_GROUP: 'external', ...labels },
  });
  const options = { ...plainOptions, groups: new Set(['external']), allowTemplates };
  const { services, diagnostics } = declare(apps, [], options);
  expect(services).toHaveLength(1);
  return {
    templates: services[0]?.pools[0]?.templates ?? [],
    told: diagnostics.map(({ severity, code, label, problem }) => `${severity} ${code} ${label}: ${problem}`),
  };
}

function linesOf(name: string, text: string, more: Readonly<Record<string, string>> = {}): readonly string[] {
  const { templates, told } = declared({ [`HAPROXY_0_${name}`]: text, ...more });
  expect(told).toEqual([]);
  return templates.flatMap(({ lines }) => lines);
}

describe('where templates are not welcome', () => {
  test('each is refused, and nothing of it is declared', () => {
    const { templates, told } = declared({ HAPROXY_0_BACKEND_HEAD: 'timeout server 1m' }, false);
    expect(templates).toEqual([]);
    expect(told).toEqual([
      'warning template-refused HAPROXY_0_BACKEND_HEAD: HAPROXY_0_BACKEND_HEAD holds raw HAProxy configuration, which Baton takes only with --allow-templates.',
    ]);
  });
});

describe('where they are', () => {
  test('the head of a backend adds what Baton does not write itself', () => {
    const text =
      'backend {backend}\r\n  balance   {balance}\r\n  mode {mode}\r\n\r\n  timeout server 30m\r\n';
    expect(linesOf('BACKEND_HEAD', text)).toEqual(['timeout server 30m']);
    expect(linesOf('BACKEND_HEAD', 'backend {backend}\n  balance {balance}\n')).toEqual([]);
    expect(linesOf('BACKEND_HEAD', '  http-request set-header X-B {backend} if {{ ssl_fc }}')).toEqual([
      'http-request set-header X-B shop_web_10000 if { ssl_fc }',
    ]);
  });

  test('options for HTTP are taken as they are, in mode http', () => {
    const text = '  option forwardfor\n  http-request set-header X-F https if { ssl_fc } # as ever\n';
    const lines = ['option forwardfor', 'http-request set-header X-F https if { ssl_fc } # as ever'];
    expect(linesOf('BACKEND_HTTP_OPTIONS', text)).toEqual(lines);
    const hsts = 'http-response set-header Strict-Transport-Security max-age=60';
    expect(linesOf('BACKEND_HSTS_OPTIONS', hsts, { HAPROXY_0_USE_HSTS: 'true' })).toEqual([hsts]);
    for (const [name, more] of [
      ['BACKEND_HTTP_OPTIONS', { HAPROXY_0_MODE: 'tcp' }],
      ['BACKEND_HSTS_OPTIONS', {}],
    ] as const) {
      const { templates, told } = declared({ [`HAPROXY_0_${name}`]: hsts, ...more });
      expect([templates, told.length]).toEqual([[], 1]);
      expect(told[0]).toContain(`warning label-without-effect HAPROXY_0_${name}`);
    }
  });

  test('a template of each name is added, or said to have no place', () => {
    for (const name of templateNames) {
      const { templates, told } = declared({
        [`HAPROXY_0_${name}`]: 'retries 2',
        HAPROXY_0_USE_HSTS: 'true',
      });
      const isPlaced = name in placedTemplates;
      expect(templates.map(({ label }) => label)).toEqual(isPlaced ? [`HAPROXY_0_${name}`] : []);
      expect(told.map((line) => line.split(' ')[1])).toEqual(isPlaced ? [] : ['template-without-place']);
    }
    expect(templateNames).toHaveLength(35);
    expect(new Set(templateNames).size).toBe(35);
  });

  test('what nobody fills is named', () => {
    for (const text of ['mode {nonsense}', 'mode {', 'acl x path {x']) {
      const { templates, told } = declared({ HAPROXY_0_BACKEND_HEAD: text });
      expect(templates).toEqual([]);
      expect(told[0]).toContain('warning template-unfit HAPROXY_0_BACKEND_HEAD');
      expect(told[0]).toContain('nothing fills "{');
    }
  });

  test('they are in each service that the app is a pool of, and in no other pool', () => {
    const ports = [{ servicePort: 10_000 }];
    const shared = { HAPROXY_GROUP: 'external' };
    const ab_config = JSON.stringify({ service: 'a' });
    const apps = cluster(
      { id: '/a', ports, labels: { ...shared, HAPROXY_0_VHOST: 'a.example' } },
      {
        id: '/b',
        ports: [{ servicePort: 10_001 }],
        labels: { ...shared, HAPROXY_0_VHOST: 'b.example', HAPROXY_0_BACKEND_HEAD: 'retries 2', ab_config },
      },
      {
        id: '/c',
        ports: [{ servicePort: 10_002 }],
        labels: { ...shared, HAPROXY_0_VHOST: 'b.example', HAPROXY_0_BACKEND_HEAD: 'retries 3' },
      },
    );
    const options = { ...plainOptions, groups: new Set(['external']), allowTemplates: true };
    const { services } = declare(apps, [], options);
    const pools = services.flatMap(({ id, pools }) =>
      pools.map(
        ({ app, templates }) => `${id} ${app} ${templates?.flatMap(({ lines }) => lines).join() ?? ''}`,
      ),
    );
    expect(pools.toSorted()).toEqual(['/a /a ', '/a /b retries 2', '/b /b retries 2', '/b /c retries 3']);
  });

  test('each port has its own', () => {
    const ports = [{ servicePort: 10_000 }, { servicePort: 10_001 }];
    const labels = { HAPROXY_GROUP: 'external', HAPROXY_1_BACKEND_HEAD: 'retries 2' };
    const options = { ...plainOptions, groups: new Set(['external']), allowTemplates: true };
    const { services } = declare(cluster({ id: '/a', ports, labels }), [], options);
    expect(services.flatMap(({ pools }) => pools.map(({ templates }) => templates?.length ?? 0))).toEqual([
      0, 1,
    ]);
  });

  test('one that is unfit leaves the others', () => {
    const { templates, told } = declared({
      HAPROXY_0_BACKEND_HEAD: 'balance leastconn',
      HAPROXY_0_BACKEND_HTTP_OPTIONS: 'retries 2',
    });
    expect(templates.map(({ lines }) => lines)).toEqual([['retries 2']]);
    expect(told).toEqual([
      'warning template-unfit HAPROXY_0_BACKEND_HEAD: HAPROXY_0_BACKEND_HEAD is left out: line 1 says "balance", which no template may.',
    ]);
  });
});

describe('the grammar', () => {
  test.each([
    'timeout server 1h',
    'option http-server-close',
    'no option http-keep-alive',
    'option forwardfor except 127.0.0.0/8',
    'retry-on all-retryable-errors',
    'acl is_api path_beg /api',
    'http-request set-header X-Client %[src,ipmask(24)]',
    "http-request replace-path '^/api/(.*)$' '/\\1'",
    'http-request set-header X-Price "5 $" # dollars',
    'http-request set-var(req.begin) date() if { path_beg /x }',
    'http-request return status 200 content-type text/plain string "ok\\ then"',
    'http-response set-header X-Frame-Options DENY',
    'http-after-response del-header Server',
    'tcp-request content reject if { src 10.0.0.0/8 }',
    'tcp-request inspect-delay 5s',
    'redirect prefix https://new.example code 301',
    'compression algo gzip',
    '# nothing',
    '',
  ])('takes %s', (line) => {
    expect(wrongIn([line])).toBeNull();
  });

  test.each([
    ['backend other', '"backend"'],
    ['listen evil', '"listen"'],
    ['"frontend" evil', '"frontend"'],
    ['glo\\bal', '"glo\\bal"'],
    ['.if defined(X)', '".if"'],
    ['server evil unix@runtime.sock', '"server"'],
    ['default-server maxconn 1', '"default-server"'],
    ['use-server x if TRUE', '"use-server"'],
    ['balance static-rr', '"balance"'],
    ['mode tcp', '"mode"'],
    ['stats admin if TRUE', '"stats"'],
    ['filter spoe engine x config /x', '"filter"'],
    ['errorfile 503 /etc/shadow', '"errorfile"'],
    ['log 10.6.6.6:514 local0', '"log"'],
    ['external-check command /bin/sh', '"external-check"'],
    ['option external-check', 'the option "external-check"'],
    ['no option httpchk', 'the option "httpchk"'],
    ['no log', '"no"'],
    ['http-request set-map(maps/split.map) app b', '"http-request set-map(maps/split.map)"'],
    ['http-request del-acl(x) y', '"http-request del-acl(x)"'],
    ['http-request use-service prometheus-exporter', '"http-request use-service"'],
    ['http-request lua.evil', '"http-request lua.evil"'],
    ['http-request set-src hdr(x)', '"http-request set-src"'],
    ['http-request track-sc0 src table :counters', '"http-request track-sc0"'],
    ['http-request', '"http-request "'],
    ['tcp-request connection reject', '"tcp-request connection"'],
    ['http-request set-var(txn.rest) str(b)', '"set-var(txn.rest)"'],
    ['http-request set-var-fmt(req.x) %[src]', '"http-request set-var-fmt(req.x)"'],
    ['http-request set-header X %[src,set-var(txn.only)]', 'reaches beyond'],
    ['http-request set-header X %[src,ma"p"(/etc/passwd)]', 'reaches beyond'],
    ['http-request set-header X %[src,map_str(maps/hosts.map)]', 'reaches beyond'],
    ['http-request set-header X %[sc0_inc_gpc0]', 'reaches beyond'],
    ['http-request set-header X %[src_clr_gpc0(:counters)]', 'reaches beyond'],
    ['http-request return status 200 file /etc/passwd', 'reaches beyond'],
    ['http-request return status 200 lf-"file" /etc/passwd', 'reaches beyond'],
    ['acl x src -f /etc/passwd', 'reaches beyond'],
    ['acl x src -M /etc/passwd', 'reaches beyond'],
    ['acl x src -u 5 10.0.0.1', 'reaches beyond'],
    ['acl again always_true', 'a condition of Baton'],
    ['http-request set-header X ${HOME}', 'characters'],
    ['http-request set-header X "$HOME"', 'characters'],
    ['http-request set-header X a\\x0ab', 'characters'],
    ['http-request set-header X a\\nb', 'characters'],
    ['http-request set-header X a\\tb', 'characters'],
    ['http-request set-header X "a', 'quotes that do not end'],
    ['http-request set-header X a\\', 'characters'],
    ['http-request set-header X \u0000', 'characters'],
    ['timeout server 1s\rbackend x', 'characters'],
    ['http-request set-header X \u2028', 'characters'],
    [`http-request set-header X ${'x'.repeat(2_000)}`, 'too long'],
  ])('refuses %j', (line, why) => {
    expect(wrongIn(['retries 1', line])).toContain(`line 2 `);
    expect(wrongIn([line])).toContain(why);
  });

  test('a long text is refused unread', () => {
    expect(wrongIn(Array.from({ length: 900 }, () => 'retries 1'))).toBe('it is longer than 8192 characters');
  });

  test('words are what HAProxy makes of them', () => {
    expect(wordsOf(`a\t"b c"d 'e\\ "f' g\\ h \\"i # j`)).toEqual(['a', 'b cd', 'e\\ "f', 'g h', '"i']);
    expect(wordsOf(`'' "" \\.`)).toEqual(['', '', '\\.']);
    expect(wordsOf('')).toEqual([]);
  });
});
