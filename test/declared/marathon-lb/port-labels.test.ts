/** Each label of marathon-lb about a port: a good value, its default, and bad values that disturb nothing else. */
import { describe, expect, test } from 'vitest';
import { type PortLabel, portLabels } from '../../../src/declared/marathon-lb/port-labels.ts';
import type { MarathonLbPort } from '../../../src/declared/marathon-lb/types.ts';
import { type Labels, readLabels } from './reading.ts';

interface PortCase {
  readonly field: keyof MarathonLbPort;
  /** What the field is without the label. */
  readonly byDefault: unknown;
  /** Values that are in the grammar, with what they mean. */
  readonly good: readonly (readonly [text: string, value: unknown])[];
  readonly bad: readonly string[];
  /** What a bad value leads to: the default, another value, or nothing served for the port. */
  readonly then?: 'closed' | { readonly value: unknown };
}

const hash = '$5$vJ8nwXpq1tK3$JGqQFEIsHZBvVJ8C9XKrzpEVJUPbbKZHGlNwUrXhOI2';
const hosts = (count: number) => Array.from({ length: count }, (_, n) => `h${n}.example.com`);
const switches = {
  byDefault: false,
  good: [
    ['true', true],
    ['T', true],
    ['Yes', true],
    ['y', true],
    ['FALSE', false],
    ['no', false],
    ['0', false],
  ],
  bad: ['', '1', 'on', 'true ', 'yess', 'true\nfalse'],
} as const;
const plainPaths = {
  byDefault: null,
  good: [
    ['/api', '/api'],
    ['/', '/'],
    [' /a/b_c.d~e/ ', '/a/b_c.d~e/'],
  ],
  bad: ['', 'api', '/a b', '/a"', '/%5B', '/%[src]', '/a\nb', '/{x}', '/$1', '/a?b'],
} as const;

const portCases: Readonly<Record<PortLabel, PortCase>> = {
  GROUP: {
    field: 'groups',
    byDefault: ['external'],
    good: [
      ['internal', ['internal']],
      ['a,b,a', ['a', 'b']],
    ],
    bad: ['', ',', '*', 'a b', 'a\nb'],
    then: { value: [] },
  },
  VHOST: {
    field: 'vhosts',
    byDefault: [],
    good: [
      ['Shop.Example.com', ['shop.example.com']],
      ['a.example.com, b.example.com ,a.example.com', ['a.example.com', 'b.example.com']],
      ['shop.example.com.', ['shop.example.com']],
      [hosts(60).join(), hosts(60)],
      ['my_app.example.com,10.0.0.1,localhost', ['my_app.example.com', '10.0.0.1', 'localhost']],
    ],
    bad: [
      '',
      'http://a.example.com',
      'a.example.com:8080',
      'a.example.com/x',
      'a b',
      '*.example.com',
      'a..b',
      'a"b',
    ],
  },
  PATH: {
    field: 'paths',
    byDefault: [],
    good: [
      ['/cart', ['/cart']],
      ['-i  /cart /a%2Fb/', ['/cart', '/a%2Fb/']],
    ],
    bad: ['', '-i', 'cart', '-m beg', '/%[src]', '/a"b', "/a'b", '/a\\ b', '/a#', '/a;b', '/%zz'],
  },
  ENABLED: { ...switches, field: 'enabled', byDefault: null, then: { value: false } },
  STICKY: { ...switches, field: 'sticky' },
  REDIRECT_TO_HTTPS: { ...switches, field: 'redirectToHttps' },
  USE_HSTS: { ...switches, field: 'useHsts' },
  SSL_CERT: {
    field: 'sslCert',
    byDefault: null,
    good: [['/etc/ssl/shop.pem', '/etc/ssl/shop.pem']],
    bad: ['', 'shop.pem', '/etc/ssl/../shadow', '/etc/a b', '/a crt /b', '/a\n', '/a,/b', '/a/', '//a'],
    then: 'closed',
  },
  BIND_OPTIONS: {
    field: 'bindOptions',
    byDefault: [],
    good: [
      ['', []],
      [' accept-proxy  maxconn 100', ['accept-proxy', 'maxconn', '100']],
      [
        'ciphers AES128+EECDH:AES128+EDH force-tlsv12 no-sslv3 no-tlsv10',
        ['ciphers', 'AES128+EECDH:AES128+EDH', 'force-tlsv12', 'no-sslv3', 'no-tlsv10'],
      ],
      ['ciphersuites TLS_AES_256_GCM_SHA384', ['ciphersuites', 'TLS_AES_256_GCM_SHA384']],
      ['ssl crt /a.pem crt /b.pem', ['ssl', 'crt', '/a.pem', 'crt', '/b.pem']],
      ['ssl crt /a verify required ca-file /b', ['ssl', 'crt', '/a', 'verify', 'required', 'ca-file', '/b']],
      ['ssl-min-ver TLSv1.2 alpn h2,http/1.1', ['ssl-min-ver', 'TLSv1.2', 'alpn', 'h2,http/1.1']],
    ],
    bad: [
      'ssl',
      'crt',
      'verify required',
      'alpn spdy',
      'ciphers',
      'ciphers NONE',
      'ciphers ALL:!ALL',
      'ciphers HIGH:@SECLEVEL=0',
      'ciphersuites TLS_SM4_GCM_SM3',
      'force-tlsv12 ssl-min-ver TLSv1.3',
      'maxconn 0',
      'maxconn many',
      'ssl crt ../x',
      'uid 0',
      'level admin',
      'expose-fd listeners',
      'process all',
      'accept-proxy accept-proxy',
      'accept-proxy\n  acl x',
      'accept-proxy # x',
    ],
    then: 'closed',
  },
  BIND_ADDR: {
    field: 'bindAddress',
    byDefault: null,
    good: [
      ['*', null],
      ['10.0.0.1', '10.0.0.1'],
      ['FE80::1', 'fe80::1'],
    ],
    bad: ['', 'localhost', '10.0.0', '10.0.0.1:80', '/run/x.sock', '10.0.0.1,10.0.0.2'],
    then: 'closed',
  },
  PORT: {
    field: 'port',
    byDefault: 10_000,
    good: [
      ['9000', 9000],
      [' 080 ', 80],
      ['65535', 65_535],
    ],
    bad: ['', '0', '65536', '-1', '80,81', '8_0', 'http', '0x50', '8.0', '80\n bind'],
    then: 'closed',
  },
  MODE: {
    field: 'mode',
    byDefault: 'http',
    good: [
      ['http', 'http'],
      ['TCP', 'tcp'],
    ],
    bad: ['', 'https', 'http tcp', 'health'],
  },
  BALANCE: {
    field: 'balance',
    byDefault: 'roundrobin',
    good: [
      ['leastconn', 'leastconn'],
      ['source', 'source'],
      [' roundrobin ', 'roundrobin'],
    ],
    bad: ['', 'fair', 'roundrobin\n server x', 'hdr(a b)', 'leastconn x'],
  },
  BACKEND_WEIGHT: {
    field: 'backendWeight',
    byDefault: 0,
    good: [
      ['5', 5],
      ['-1', -1],
      ['+2', 2],
    ],
    bad: ['', 'heavy', '1.5', '10000000', '5 6'],
  },
  BACKEND_NETWORK_ALLOWED_ACL: {
    field: 'allowedNetworks',
    byDefault: null,
    good: [
      ['10.0.0.0/8', ['10.0.0.0/8']],
      [' 127.0.0.1  FE80::/10 ::1', ['127.0.0.1', 'fe80::/10', '::1']],
      ['10.0.0.0/255.0.0.0', ['10.0.0.0/8']],
    ],
    bad: [
      '',
      'all',
      '10.0.0.0/33',
      '10.0.0.0/255.0.255.0',
      '10.0.0.0/8/8',
      'localhost',
      '10.0.0.1,10.0.0.2',
      '::/129',
    ],
    then: 'closed',
  },
  BACKEND_HEALTHCHECK_PORT_INDEX: {
    field: 'healthCheckPortIndex',
    byDefault: 0,
    good: [
      ['1', 1],
      ['0', 0],
    ],
    bad: ['', '2', '-1', 'first'],
  },
  AUTH: {
    field: 'auth',
    byDefault: null,
    good: [
      [`shop:anna:${hash}`, { realm: 'shop', user: 'anna', password: hash }],
      ['r:u:abJnggxhB/yWI', { realm: 'r', user: 'u', password: 'abJnggxhB/yWI' }],
    ],
    bad: [
      '',
      'shop:anna',
      'shop:anna:secret',
      `shop:anna:x:${hash}`,
      `shop:anna:${hash}:x`,
      `my shop:anna:${hash}`,
      `shop:an"na:${hash}`,
      `shop:anna:${hash}\n  user eve`,
      `shop:%[src]:${hash}`,
      'shop:anna:$5$short$hash',
      `shop:anna:${hash.replace('$5$', '$5$rounds=999999999$')}`,
      `shop:anna:$2y$31$${'a'.repeat(53)}`,
    ],
    then: 'closed',
  },
  HTTP_BACKEND_PROXYPASS_PATH: { ...plainPaths, field: 'proxyPassPath' },
  HTTP_BACKEND_REVPROXY_PATH: { ...plainPaths, field: 'reverseProxyPath' },
  HTTP_BACKEND_REDIR: { ...plainPaths, field: 'redirectPath' },
};

/** So that labels that need a virtual host have one, and the neighbour has something to lose. */
const around: Labels = {
  HAPROXY_GROUP: 'external',
  HAPROXY_1_VHOST: 'neighbour.example.com',
  HAPROXY_1_AUTH: `shop:anna:${hash}`,
};

function withLabel(name: PortLabel, text: string | null): Labels {
  const label = `HAPROXY_0_${name}`;
  const host: Labels = name === 'VHOST' ? {} : { HAPROXY_0_VHOST: 'shop.example.com' };
  return text === null ? { ...around, ...host } : { ...around, ...host, [label]: text };
}

const portRows = (Object.keys(portLabels) as PortLabel[]).map((name) => [name, portCases[name]] as const);

describe.each(portRows)('HAPROXY_{n}_%s', (name, { field, byDefault, good, bad, then }) => {
  const plain = readLabels(withLabel(name, null));

  test('its default', () => {
    expect(plain.diagnostics).toEqual([]);
    expect(plain.port(0)?.[field]).toEqual(byDefault);
  });

  test('its example is good and means something', () => {
    const { diagnostics, port } = readLabels(withLabel(name, portLabels[name].example));
    expect(diagnostics).toEqual([]);
    // The example of MODE is what the health check makes of it, too.
    expect([name, port(0)?.[field]]).not.toEqual([name, name === 'MODE' ? 'tcp' : byDefault]);
  });

  test.each(good)('%j', (text, value) => {
    const { port, codes } = readLabels(withLabel(name, text));
    expect(port(0)?.[field]).toEqual(value);
    expect(codes.filter((code) => code !== 'label-without-effect')).toEqual([]);
    expect(port(1)).toEqual(plain.port(1));
  });

  test.each(bad)('not %j', (text) => {
    const { reading, diagnostics, port } = readLabels(withLabel(name, text));
    expect(diagnostics).toHaveLength(1);
    const label = `HAPROXY_0_${name}`;
    expect(diagnostics[0]).toMatchObject({ label, severity: then === 'closed' ? 'error' : 'warning' });
    expect(diagnostics[0]?.remedy).toMatch(/^Write .+\. Until then .+\.$/);
    expect(reading.closed).toEqual(then === 'closed' ? [0] : []);
    expect(port(1)).toEqual(plain.port(1));
    // A port that lost its paths must not take all of a host.
    const more = name === 'PATH' ? { vhosts: [], pathIgnoresCase: text === '-i' } : {};
    const value = typeof then === 'object' ? then.value : byDefault;
    const expected = { ...plain.port(0), [field]: value, ...more };
    expect(port(0)).toEqual(then === 'closed' ? undefined : expected);
  });
});
