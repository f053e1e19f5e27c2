/** Two thousand apps, some of them broken in each way that stops marathon-lb: the others never notice. */
import { expect, test } from 'vitest';
import { declare } from '../../../src/declared/declare.ts';
import { plainOptions } from '../../../src/declared/types.ts';
import { type AppSketch, cluster, codes } from '../cluster.ts';

const options = { ...plainOptions, groups: new Set(['external']) };

function shop(n: number, labels: Readonly<Record<string, string>> = {}): AppSketch {
  return {
    id: `/shop${n}`,
    ports: [{ servicePort: 10_000 + n }],
    labels: { HAPROXY_GROUP: 'external', HAPROXY_0_VHOST: `shop${n}.example.com`, ...labels },
  };
}

test.each([
  ['a bad port', { HAPROXY_0_PORT: 'http' }, 'error port-closed', 1997],
  ['a colon in a password', { HAPROXY_0_AUTH: 'realm:user:pass:word' }, 'error port-closed', 1997],
  ['an unknown placeholder', { HAPROXY_0_BACKEND_HEAD: 'mode {nonsense}' }, 'warning template-refused', 2000],
  ['an empty deployment group', { HAPROXY_DEPLOYMENT_GROUP: '' }, 'warning label-defaulted', 2000],
  ['an empty group', { HAPROXY_GROUP: '' }, 'warning entries-dropped', 1997],
])('%s in three of 2,000 apps', (_, labels, code, served) => {
  const good = Array.from({ length: 1997 }, (_each, n) => shop(n));
  const broken = [1997, 1998, 1999].map((n) => shop(n, labels));
  const { services, diagnostics } = declare(cluster(...good, ...broken), [], options);
  expect(services.length).toBe(served);
  const ofGood = services.filter(({ id }) => Number(id.slice(5)) < 1997);
  expect(ofGood).toEqual(declare(cluster(...good), [], options).services);
  expect(codes(diagnostics)).toEqual([code, code, code]);
});
