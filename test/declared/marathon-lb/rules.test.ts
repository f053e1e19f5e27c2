/** What marathon-lb's labels mean together: mode, what guards a port, near misses, templates. */
import { describe, expect, test } from 'vitest';
import type { HealthCheck } from '../../../src/model/app.ts';
import { type Labels, readLabels } from './reading.ts';

const hash = '$5$vJ8nwXpq1tK3$JGqQFEIsHZBvVJ8C9XKrzpEVJUPbbKZHGlNwUrXhOI2';

function check(fields: Partial<HealthCheck>): HealthCheck {
  return {
    protocol: 'http',
    path: '/',
    portIndex: null,
    port: null,
    intervalSec: 20,
    timeoutSec: 20,
    graceSec: 5,
    maxConsecutiveFailures: 3,
    ...fields,
  };
}

describe('mode', () => {
  const index = 'HAPROXY_0_BACKEND_HEALTHCHECK_PORT_INDEX';
  const http1 = check({ portIndex: 1 });
  test.each<[string, Labels, readonly HealthCheck[], 'http' | 'tcp']>([
    ['nothing at all', {}, [], 'tcp'],
    ['a health check', {}, [check({ portIndex: 0 })], 'http'],
    ['a health check without an index', {}, [check({})], 'http'],
    ['one that Mesos performs', {}, [check({ portIndex: 0, byMesos: true })], 'tcp'],
    ['HTTPS', {}, [check({ portIndex: 0, protocol: 'https' })], 'tcp'],
    ['TCP before HTTP', {}, [check({ protocol: 'tcp', portIndex: 0 }), check({ portIndex: 0 })], 'tcp'],
    ['a command before HTTP', {}, [check({ protocol: 'command' }), check({ portIndex: 0 })], 'http'],
    ['a check of another port', {}, [http1], 'tcp'],
    ['a check that names a port by number', {}, [check({ port: 9090 }), http1], 'http'],
    ['a host', { HAPROXY_0_VHOST: 'a.example.com' }, [], 'http'],
    ['a bad host', { HAPROXY_0_VHOST: 'http://a.example.com' }, [], 'http'],
    ['the label against a check', { HAPROXY_0_MODE: 'tcp' }, [check({ portIndex: 0 })], 'tcp'],
    ['the label against a host', { HAPROXY_0_MODE: 'tcp', HAPROXY_0_VHOST: 'a.example.com' }, [], 'tcp'],
    ['the label alone', { HAPROXY_0_MODE: 'http' }, [], 'http'],
    ['a borrowed check', { [index]: '1' }, [http1], 'http'],
    ['a borrowed HTTPS check', { [index]: '1' }, [check({ portIndex: 1, protocol: 'https' })], 'http'],
    ['a borrowed check of Mesos', { [index]: '1' }, [check({ portIndex: 1, byMesos: true })], 'http'],
    ['a borrowed check against the label', { [index]: '1', HAPROXY_0_MODE: 'tcp' }, [http1], 'http'],
    ['a check of its own', { [index]: '1' }, [check({ protocol: 'tcp', portIndex: 0 }), http1], 'tcp'],
    ['an index out of range', { [index]: '2' }, [http1], 'tcp'],
  ])('%s', (_, labels, healthChecks, mode) => {
    expect(readLabels(labels, {}, { healthChecks }).port(0)?.mode).toBe(mode);
  });

  test('a check that names a port by number is that of every port', () => {
    const { port } = readLabels({}, {}, { healthChecks: [check({ port: 9090 })] });
    expect([port(0)?.mode, port(1)?.mode]).toEqual(['http', 'http']);
  });

  test('a label that is overruled is told so', () => {
    const labels = { HAPROXY_GROUP: 'a', [index]: '1', HAPROXY_0_MODE: 'tcp' };
    const { codes } = readLabels(labels, {}, { healthChecks: [http1] });
    expect(codes).toEqual(['mode-forced']);
  });

  test('what needs http has no effect in tcp', () => {
    const { port, diagnostics } = readLabels({
      HAPROXY_GROUP: 'a',
      HAPROXY_1_MODE: 'tcp',
      HAPROXY_1_VHOST: 'a.example.com',
      HAPROXY_1_STICKY: 'true',
      HAPROXY_1_USE_HSTS: 'false',
    });
    expect(port(1)).toMatchObject({ mode: 'tcp', vhosts: [] });
    expect(diagnostics.map(({ code, label }) => [code, label])).toEqual([
      ['label-without-effect', 'HAPROXY_1_VHOST'],
      ['label-without-effect', 'HAPROXY_1_STICKY'],
    ]);
  });

  test('a password in tcp closes the port', () => {
    const { reading, codes } = readLabels({ HAPROXY_GROUP: 'a', HAPROXY_1_AUTH: `r:u:${hash}` });
    expect(reading.closed).toEqual([1]);
    expect(reading.ports.map((each) => each.index)).toEqual([0]);
    expect(codes).toEqual(['auth-without-http']);
  });
});

describe('virtual hosts', () => {
  test.each([
    ['http://ec2-52-25.us-west-2.compute.example.com', 'ec2-52-25.us-west-2.compute.example.com'],
    ['a.example.com:8080', 'a.example.com'],
    ['HTTPS://A.example.com:443/x?y', 'a.example.com'],
    ['a.example.com/x', 'a.example.com'],
    ['a.example.com b.example.com', 'a.example.com,b.example.com'],
    ['a.example.com,http://b.example.com', 'a.example.com,b.example.com'],
  ])('%j is answered with %j', (text, mended) => {
    const { diagnostics } = readLabels({ HAPROXY_GROUP: 'a', HAPROXY_0_VHOST: text });
    expect(diagnostics[0]?.remedy).toContain(`Write "${mended}": host names with commas between them; `);
  });

  test('a bad one among good ones costs itself only', () => {
    const { port, diagnostics } = readLabels({
      HAPROXY_GROUP: 'a',
      HAPROXY_0_VHOST: 'a.example.com,*.example.com,b.example.com,_,é',
    });
    expect(port(0)?.vhosts).toEqual(['a.example.com', 'b.example.com', '_']);
    expect(diagnostics[0]?.problem).toBe('HAPROXY_0_VHOST holds "*.example.com" and "é".');
    expect(diagnostics[0]?.remedy).toContain('Until then the other entries hold.');
  });

  test('what works by host alone says so', () => {
    const { diagnostics, port } = readLabels({
      HAPROXY_GROUP: 'a',
      HAPROXY_0_PATH: '/cart',
      HAPROXY_0_REDIRECT_TO_HTTPS: 'true',
      HAPROXY_0_HTTP_BACKEND_REDIR: '/ui',
      HAPROXY_0_STICKY: 'true',
    });
    expect(diagnostics.map(({ code }) => code)).toEqual(Array(3).fill('label-without-effect'));
    expect(diagnostics[0]?.problem).toBe('HAPROXY_0_PATH has no effect without HAPROXY_0_VHOST.');
    expect(port(0)?.backendWeight).toBe(1);
  });
});

describe('guards', () => {
  test('some networks that are good still keep the others out', () => {
    const { port, codes } = readLabels({
      HAPROXY_GROUP: 'a',
      HAPROXY_0_BACKEND_NETWORK_ALLOWED_ACL: '10.0.0.0/8 everywhere',
    });
    expect(port(0)?.allowedNetworks).toEqual(['10.0.0.0/8']);
    expect(codes).toEqual(['entries-dropped']);
  });

  test.each(['HAPROXY_0_AUTH', 'HAPROXY_7_AUTH', 'HAPROXY_0_AUHT', 'HAPROXY_O_AUTH'])(
    'no diagnostic shows the password in %s',
    (label) => {
      const { diagnostics } = readLabels({ HAPROXY_GROUP: 'a', [label]: 'shop:anna:s3cret' });
      expect(diagnostics).toHaveLength(1);
      expect(JSON.stringify(diagnostics)).not.toContain('s3cret');
    },
  );

  test('a certificate in one label is enough for ssl in the other', () => {
    const { port, codes } = readLabels({
      HAPROXY_GROUP: 'a',
      HAPROXY_0_SSL_CERT: '/etc/ssl/a.pem',
      HAPROXY_0_BIND_OPTIONS: 'ssl alpn h2',
    });
    expect(port(0)).toMatchObject({ sslCert: '/etc/ssl/a.pem', bindOptions: ['ssl', 'alpn', 'h2'] });
    expect(codes).toEqual([]);
  });

  test.each([
    ['accept-proxy uid 0', 'has "uid", which is none that Baton takes'],
    ['maxconn many', 'has "maxconn" with "many"'],
    ['ssl crt', 'has "crt" with nothing after it'],
    ['ssl', 'has "ssl" without a certificate'],
    ['accept-proxy accept-proxy', 'has "accept-proxy" twice'],
    ['verify required', 'has "verify" without "ca-file"'],
    ['force-tlsv12 ssl-min-ver TLSv1.3', 'leaves no version of TLS'],
  ])('of the bind options %j it is told which word is wrong', (text, found) => {
    const { diagnostics } = readLabels({ HAPROXY_GROUP: 'a', HAPROXY_0_BIND_OPTIONS: text });
    expect(diagnostics.map(({ problem }) => problem)).toEqual([`HAPROXY_0_BIND_OPTIONS ${found}.`]);
  });

  test('values of any length are refused in no time', () => {
    const long = 'a,'.repeat(1_000_000);
    const { reading, codes } = readLabels({
      HAPROXY_GROUP: long,
      HAPROXY_0_VHOST: long,
      HAPROXY_0_PORT: long,
    });
    expect(reading.closed).toEqual([0]);
    expect(codes.toSorted()).toEqual(['entries-dropped', 'entries-dropped', 'port-closed']);
  });
});

test.each([
  ['static-rr', 'roundrobin'],
  ['random(2)', 'roundrobin'],
  ['first', 'roundrobin'],
  ['uri depth 3', 'source'],
  ['url_param userid', 'source'],
  ['hdr(User-Agent)', 'source'],
  ['rdp-cookie', 'source'],
])('balance %s is nearest to %s', (text, balance) => {
  const { port, codes } = readLabels({ HAPROXY_GROUP: 'a', HAPROXY_0_BALANCE: text });
  expect(port(0)?.balance).toBe(balance);
  expect(codes).toEqual(['balance-approximated']);
});

describe('labels that are not read', () => {
  test.each([
    ['HAPROXY_0_VHOSTS', 'HAPROXY_0_VHOST'],
    ['HAPROXY_O_VHOST', 'HAPROXY_0_VHOST'],
    ['HAPROXY_l_PORT', 'HAPROXY_1_PORT'],
    ['HAPROXY_00_VHOST', 'HAPROXY_0_VHOST'],
    ['HAPROXY_VHOST', 'HAPROXY_0_VHOST'],
    ['HAPROXY_0VHOST', 'HAPROXY_0_VHOST'],
    ['HAPROXY-0-VHOST', 'HAPROXY_0_VHOST'],
    ['haproxy_1_vhost', 'HAPROXY_1_VHOST'],
    ['HAPORXY_0_PATH', 'HAPROXY_0_PATH'],
    ['HAPROXY_0_BACKEND_HTP_OPTIONS', 'HAPROXY_0_BACKEND_HTTP_OPTIONS'],
    ['HAPROXY_GROUPS', 'HAPROXY_GROUP'],
    ['HAPROXY_DEPLOYMENT_COLOR', 'HAPROXY_DEPLOYMENT_COLOUR'],
    ['haproxy-group', 'HAPROXY_GROUP'],
  ])('%s: did you mean %s?', (label, known) => {
    const { diagnostics, reading } = readLabels({ [label]: 'x' });
    expect(diagnostics.map(({ code, remedy }) => [code, remedy])).toEqual([
      ['unknown-label', `Did you mean ${known}?`],
    ]);
    expect(reading.labelled).toBe(false);
  });

  test.each(['team', 'HAPPY_PATH', 'VIP_0', 'proxy_group', 'GROUP', 'PORT', 'x'.repeat(5000), ''])(
    '%s is nobody’s business',
    (label) => expect(readLabels({ [label]: 'x' }).diagnostics).toEqual([]),
  );

  test('one of the family without a likeness is pointed out', () => {
    expect(readLabels({ HAPROXY_0_SPARKLE: 'x' }).codes).toEqual(['label-ignored']);
  });

  test.each([
    [{}, 'only ports 0 to 1'],
    [{ ports: [{}] }, 'only port 0'],
    [{ ports: [] }, 'none'],
  ])('a port that is not there: %j', (sketch, ports) => {
    const { diagnostics } = readLabels({ HAPROXY_GROUP: 'a', HAPROXY_2_VHOST: 'a.example.com' }, sketch);
    expect(diagnostics.map(({ problem }) => problem)).toEqual([
      `HAPROXY_2_VHOST is about port 2, but the app has ${ports}.`,
    ]);
  });

  test('a UDP port is left out', () => {
    const { reading, codes } = readLabels(
      { HAPROXY_GROUP: 'a', HAPROXY_0_PORT: '53', HAPROXY_0_MODE: 'udp' },
      { ports: [{ protocol: 'udp' }, { protocol: 'udp,tcp' }] },
    );
    expect(reading.ports.map(({ index }) => index)).toEqual([1]);
    expect(reading.closed).toEqual([]);
    expect(codes).toEqual(['label-without-effect']);
  });

  test('labels without any group', () => {
    expect(readLabels({ HAPROXY_0_PORT: '80' }).codes).toEqual(['groups-missing']);
    expect(readLabels({ HAPROXY_0_PORT: '80', HAPROXY_0_GROUP: 'a' }).codes).toEqual([]);
  });
});

describe('templates', () => {
  const labels = {
    HAPROXY_GROUP: 'a',
    HAPROXY_1_BACKEND_HEAD: 'backend {backend}\r\n  balance {balance}\r\n',
    HAPROXY_0_HTTP_FRONTEND_ACL: '{unknown}',
    HAPROXY_0_MAP_HTTP_FRONTEND_ACL: 'x',
    HAPROXY_9_BACKEND_HEAD: 'x',
  };

  test('are set aside and reported', () => {
    const { reading, codes, port } = readLabels(labels);
    expect(reading.templates).toEqual([
      { index: 0, name: 'HTTP_FRONTEND_ACL', text: '{unknown}' },
      { index: 1, name: 'BACKEND_HEAD', text: 'backend {backend}\n  balance {balance}\n' },
    ]);
    expect(port(1)).toEqual(readLabels({ HAPROXY_GROUP: 'a' }).port(1));
    expect(codes).toEqual(['template-refused', 'template-unread', 'template-refused', 'label-beyond-ports']);
  });
});

describe('the template of a server line', () => {
  const usual = '  server {serverName} {host_ipv4}:{port}{cookieOptions}{healthCheckOptions}{otherOptions}';
  const read = (text: string) => {
    const { port, codes } = readLabels({ HAPROXY_GROUP: 'a', HAPROXY_0_BACKEND_SERVER_OPTIONS: text });
    return [port(0)?.sendProxy, codes];
  };
  test.each([
    [`${usual} send-proxy\n`, 'v1'],
    [`${usual}send-proxy-v2 check-send-proxy`, 'v2'],
    ['server {serverName} {host_ipv4}:{port} send-proxy', 'v1'],
  ])('%j asks for a PROXY header, and is no raw text then', (text, version) => {
    expect(read(text)).toEqual([version, []]);
  });
  test.each([
    usual,
    `${usual} send-proxy send-proxy-v2`,
    `${usual} send-proxy ssl verify none`,
    `${usual} send-proxy\n  server evil 10.6.6.6:80`,
    'send-proxy %[src]',
  ])('%j is refused as raw text', (text) => {
    expect(read(text)).toEqual([null, ['template-refused']]);
  });
});

test('a port without a service port waits for one, unless a label says it', () => {
  const { port } = readLabels(
    { HAPROXY_1_PORT: '81' },
    { ports: [{ servicePort: 0 }, { servicePort: null }] },
  );
  expect([port(0)?.port, port(1)?.port]).toEqual([null, 81]);
});
