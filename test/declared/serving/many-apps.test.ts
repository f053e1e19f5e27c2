/** Two thousand apps, some of them broken in each way that stops marathon-lb: the others never notice. */
import { describe, expect, test } from 'vitest';
import { declare } from '../../../src/declared/declare.ts';
import { plainOptions } from '../../../src/declared/types.ts';
import { type AppSketch, cluster } from '../cluster.ts';

const options = { ...plainOptions, groups: new Set(['external']) };

function shop(n: number, labels: Readonly<Record<string, string>> = {}): AppSketch {
  return {
    id: `/shop${n}`,
    ports: [{ servicePort: 10_000 + n }],
    labels: { HAPROXY_GROUP: 'external', HAPROXY_0_VHOST: `shop${n}.example.com`, ...labels },
  };
}

const head = { HAPROXY_0_BACKEND_HEAD: 'mode {nonsense}' };

/** What is told of each broken app, and whether what is left of its labels is safe to serve. */
const ways: readonly (readonly [string, Readonly<Record<string, string>>, string, boolean])[] = [
  ['a bad port', { HAPROXY_0_PORT: 'http' }, 'error port-closed', false],
  ['a colon in a password', { HAPROXY_0_AUTH: 'realm:user:pass:word' }, 'error port-closed', false],
  ['an unknown placeholder', head, 'warning template-refused', true],
  ['an empty deployment group', { HAPROXY_DEPLOYMENT_GROUP: '' }, 'warning label-defaulted', true],
  ['an empty group', { HAPROXY_GROUP: '' }, 'warning entries-dropped', false],
];

const good = Array.from({ length: 1997 }, (_each, n) => shop(n));
const alone = declare(cluster(...good), [], options).services;

describe.each([
  ...ways.map(([way, ...rest]) => [way, [rest, rest, rest], options] as const),
  [
    'an unknown placeholder, where templates are welcome,',
    Array.from({ length: 3 }, () => [head, 'warning template-unfit', true] as const),
    { ...options, allowTemplates: true },
  ] as const,
  ['each its own way', ways.slice(0, 3).map(([, ...rest]) => rest), options] as const,
])('three of 2,000 apps broken by %s', (_, three, given) => {
  const broken = three.map(([labels], n) => shop(1997 + n, labels));
  const { services, diagnostics } = declare(cluster(...good, ...broken), [], given);

  test('1,997 are served as if the three were not there', () => {
    expect(alone).toHaveLength(1997);
    expect(services.filter(({ id }) => Number(id.slice(5)) < 1997)).toEqual(alone);
  });

  test('there are three diagnostics, one of each of the three', () => {
    expect(diagnostics.map(({ app, severity, code }) => `${app} ${severity} ${code}`)).toEqual(
      three.map(([, told], n) => `/shop${1997 + n} ${told}`),
    );
  });

  test('the three are served by what is left of their labels where that is safe, else not at all', () => {
    const kept = services.filter(({ id }) => Number(id.slice(5)) >= 1997);
    const safe = three.flatMap(([, , isSafe], n) => (isSafe ? [1997 + n] : []));
    const whole = declare(cluster(...safe.map((n) => shop(n))), [], options).services;
    expect(kept).toEqual(whole);
  });
});
