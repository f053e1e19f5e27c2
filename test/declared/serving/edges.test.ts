/** Where a port is served, and with whom, at the edges: the ends of a range, ports of virtual hosts, ranks, colours. */
import { expect, test } from 'vitest';
import { declare } from '../../../src/declared/declare.ts';
import { type DeclareOptions, plainOptions } from '../../../src/declared/types.ts';
import { type AppSketch, cluster } from '../cluster.ts';

const hash = '$5$vJ8nwXpq1tK3$JGqQFEIsHZBvVJ8C9XKrzpEVJUPbbKZHGlNwUrXhOI2';

function sketch(id: string, servicePort: number, labels: Readonly<Record<string, string>> = {}): AppSketch {
  return { id, ports: [{ servicePort }], labels: { HAPROXY_GROUP: 'g', ...labels } };
}

function declared(apps: readonly AppSketch[], more: Partial<DeclareOptions> = {}) {
  const { services, diagnostics } = declare(cluster(...apps), [], {
    ...plainOptions,
    groups: new Set(['g']),
    ...more,
  });
  return {
    services,
    codes: diagnostics.map(({ app, code }) => `${app} ${code}`),
    ports: services.flatMap(({ id, listeners }) => listeners.map(({ port }) => `${id} ${port}`)),
  };
}

test('both ends of the range of service ports are in it', () => {
  const apps = [9_999, 10_000, 10_100, 10_101].map((port) => sketch(`/p${port}`, port));
  const { ports } = declared(apps, { portRange: { first: 10_000, last: 10_100 } });
  expect(ports).toEqual(['/p10000 10000', '/p10100 10100']);
});

test.each([
  ['plain on 80', 80, {}, true],
  ['TLS on 80', 80, { HAPROXY_0_SSL_CERT: '/a.pem' }, false],
  ['plain on 443', 443, {}, false],
  ['TLS on 443', 443, { HAPROXY_0_SSL_CERT: '/a.pem' }, true],
  ['tcp on 80', 80, { HAPROXY_0_MODE: 'tcp' }, false],
])('a service port of virtual hosts: %s', (_, port, labels, isServed) => {
  const apps = [sketch('/a', port, { HAPROXY_0_MODE: 'http', ...labels })];
  expect(declared(apps).codes).toEqual(isServed ? [] : ['/a port-of-hosts']);
  expect(declared(apps).ports).toEqual(isServed ? [`/a ${port}`] : []);
  const alone = declared(apps, { bindHttpHttps: false });
  expect([alone.codes, alone.ports]).toEqual([[], [`/a ${port}`]]);
});

test('of apps on one host the highest BACKEND_WEIGHT ranks the place', () => {
  const host = { HAPROXY_0_VHOST: 'a.example' };
  const { services } = declared([
    sketch('/a', 10_000, { ...host, HAPROXY_0_BACKEND_WEIGHT: '3' }),
    sketch('/b', 10_001, { ...host, HAPROXY_0_BACKEND_WEIGHT: '7' }),
  ]);
  expect(services).toHaveLength(1);
  const ranks = services[0]?.listeners.filter(({ hosts }) => hosts.length > 0).map(({ rank }) => rank);
  expect(ranks).toEqual([7, 7]);
});

test('colours of one deployment group stay together whatever the newer one guards; strangers do not', () => {
  const shared = { HAPROXY_0_VHOST: 'a.example', HAPROXY_0_PORT: '10000' };
  const guarded = { ...shared, HAPROXY_0_AUTH: `shop:anna:${hash}` };
  const group = { HAPROXY_DEPLOYMENT_GROUP: 'shop' };
  const colours = declared([
    sketch('/blue', 10_000, { ...shared, ...group }),
    sketch('/green', 10_001, { ...guarded, ...group }),
  ]);
  expect(colours.services.map(({ pools }) => pools.length)).toEqual([2]);
  expect(colours.codes).toEqual(['/green labels-contradict']);
  const strangers = declared([sketch('/blue', 10_000, shared), sketch('/green', 10_001, guarded)]);
  expect(strangers.codes).toEqual(['/green service-not-shared']);
});

test('who lets in others than the decider is no pool of the same service', () => {
  const host = { HAPROXY_0_VHOST: 'a.example' };
  const only = (networks: string) => ({ ...host, HAPROXY_0_BACKEND_NETWORK_ALLOWED_ACL: networks });
  const two = (networks: string) =>
    declared([sketch('/a', 10_000, only('10.0.0.0/8')), sketch('/b', 10_001, only(networks))]);
  expect(two('10.0.0.0/8').codes).toEqual([]);
  expect(two('10.0.0.0/9').codes).toEqual(['/b service-not-shared']);
});

test.each([
  ['0', '4', 1, { count: 4 }],
  ['0', '0', 1, { count: 1 }],
  ['1', '4', 0, { count: 1 }],
])('of %s new instances and a target of %s', (fresh, target, priority, instances) => {
  const labels = { HAPROXY_DEPLOYMENT_GROUP: 'shop', HAPROXY_0_PORT: '10000' };
  const green = {
    ...labels,
    HAPROXY_DEPLOYMENT_STARTED_AT: '2024-02-01T00:00:00',
    HAPROXY_DEPLOYMENT_NEW_INSTANCES: fresh,
    HAPROXY_DEPLOYMENT_TARGET_INSTANCES: target,
  };
  const { services } = declared([sketch('/blue', 10_000, labels), sketch('/green', 10_001, green)]);
  const pool = services[0]?.pools.find(({ app }) => app.endsWith('green'));
  expect([pool?.priority, pool?.ready.instances]).toEqual([priority, instances]);
});

test('without a host there is no https to be sent to', () => {
  const asked = { HAPROXY_0_MODE: 'http', HAPROXY_0_REDIRECT_TO_HTTPS: 'true' };
  const redirects = (labels: Readonly<Record<string, string>>) =>
    declared([sketch('/a', 10_000, labels)]).services.map(({ rules }) => rules.redirectToHttps);
  expect(redirects(asked)).toEqual([false]);
  expect(redirects({ ...asked, HAPROXY_0_VHOST: 'a.example' })).toEqual([true]);
});

test('a virtual host is meant however it is written, and a VIP before who has it', () => {
  const named = (service: string): AppSketch => ({
    id: '/guest',
    ports: [{ servicePort: 10_009 }],
    labels: { HAPROXY_GROUP: 'g', ab_config: JSON.stringify({ service, priority: 5 }) },
  });
  const guestOf = (service: string, more: Partial<DeclareOptions> = {}) =>
    declared(
      [
        {
          ...sketch('/a', 10_000, { HAPROXY_0_VHOST: 'a.example' }),
          ports: [{ servicePort: 10_000, labels: { VIP_0: '/back:6000' } }],
        },
        named(service),
      ],
      more,
    ).services.flatMap(({ id, pools }) =>
      id !== '/guest' && pools.some(({ app }) => app === '/guest') ? [id] : [],
    );
  expect(guestOf('A.Example')).toEqual(['/a']);
  expect(guestOf('back:6000')).toEqual(['/a']);
  expect(guestOf('back:6000', { vipListeners: true })).toEqual(['/back_6000_vip']);
});

test.each([
  ['weigth', 'weight'],
  ['Weight', 'weight'],
  ['prioriy', 'priority'],
])('of an app that is served, %s: did you mean %s?', (label, known) => {
  const apps = [
    sketch('/a', 10_000, { [label]: '5' }),
    { ...sketch('/b', 10_001), labels: { [label]: '5' } },
  ];
  const { diagnostics } = declare(cluster(...apps), [], { ...plainOptions, groups: new Set(['g']) });
  expect(diagnostics.map(({ app, label: about, remedy }) => [app, about, remedy])).toEqual([
    ['/a', label, `Did you mean ${known}?`],
  ]);
});

test('labels that only begin like ours are nobody’s business', () => {
  expect(declared([sketch('/a', 10_000, { height: '5', weights: 'x', weight: '5' })]).codes).toEqual([]);
});

test.each([
  ['shop.exmple.com', 'shop.example.com'],
  ['/bluegren', '/bluegreen'],
  ['/weeb', '/web'],
])('of a service %s that is none: did you mean %s?', (service, meant) => {
  const config = JSON.stringify({ service, priority: 1 });
  const apps = [
    sketch('/web', 10_000, { HAPROXY_0_VHOST: 'shop.example.com' }),
    sketch('/blue', 10_001, { HAPROXY_DEPLOYMENT_GROUP: 'bluegreen' }),
    { id: '/late', ports: [{ servicePort: 10_002 }], labels: { ab_config: config } },
  ];
  const { diagnostics } = declare(cluster(...apps), [], { ...plainOptions, groups: new Set(['g']) });
  expect(diagnostics.map(({ app, code, remedy }) => [app, code, remedy.split('?')[0]])).toEqual([
    ['/late', 'service-unknown', `Did you mean "${meant}"`],
  ]);
});

test('a pool says that its tasks want a PROXY header', () => {
  const line = '  server {serverName} {host_ipv4}:{port}{cookieOptions}{healthCheckOptions} send-proxy';
  const apps = [
    sketch('/told', 10_000, { HAPROXY_0_BACKEND_SERVER_OPTIONS: line }),
    sketch('/plain', 10_001),
  ];
  const { services, codes } = declared(apps);
  expect(services.flatMap(({ pools }) => pools.map(({ app, sendProxy }) => [app, sendProxy]))).toEqual([
    ['/plain', undefined],
    ['/told', 'v1'],
  ]);
  expect(codes).toEqual([]);
});
