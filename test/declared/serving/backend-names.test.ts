/** marathon-lb's names of backends, by the labels that are served. */
import { expect, it } from 'vitest';
import { backendNames } from '../../../src/declared/serving/backend-names.ts';
import { plainOptions } from '../../../src/declared/types.ts';
import { type AppSketch, cluster } from '../cluster.ts';

const external = { HAPROXY_GROUP: 'external' };

function names(
  groups: readonly string[],
  ...sketches: readonly AppSketch[]
): Readonly<Record<string, string>> {
  const found = backendNames(cluster(...sketches), { ...plainOptions, groups: new Set(groups) });
  const all = [...found].flatMap(([app, ports]) =>
    [...ports].map(([index, name]) => [`${app} ${index}`, name] as const),
  );
  return Object.fromEntries(all);
}

it('are made of app and service port, or the port of the label', () => {
  const ports = [{ servicePort: 10_000 }, { servicePort: 10_001 }, { servicePort: 10_002 }];
  const labels = { ...external, HAPROXY_1_PORT: '9000', HAPROXY_2_GROUP: 'internal' };
  const app = { id: 'group/web', labels, ports };
  const own = { '/group/web 0': 'group_web_10000', '/group/web 1': 'group_web_9000' };
  expect(names(['external'], app)).toEqual(own);
  expect(names(['*'], app)).toEqual({ ...own, '/group/web 2': 'group_web_10002' });
  expect(names([], app)).toEqual({});
});

it('are those of the older colour in a deployment group', () => {
  const colour = (id: string, servicePort: number, startedAt?: string): AppSketch => ({
    id,
    labels: {
      ...external,
      HAPROXY_DEPLOYMENT_GROUP: 'shop',
      ...(startedAt === undefined ? {} : { HAPROXY_DEPLOYMENT_STARTED_AT: startedAt }),
    },
    ports: [{ servicePort }],
  });
  const green = colour('shop-green', 10_001, '2024-01-02T00:00:00');
  const both = { '/shop-blue 0': 'shop_10000', '/shop-green 0': 'shop_10000' };
  expect(names(['external'], green, colour('shop-blue', 10_000, '2024-01-01T00:00:00'))).toEqual(both);
  expect(names(['external'], green, colour('shop-blue', 10_000))).toEqual(both);
});

it('stay for a port that a bad label closes', () => {
  const labels = { ...external, HAPROXY_0_PORT: 'many' };
  expect(names(['external'], { id: 'shop', labels, ports: [{ servicePort: 10_000 }] })).toEqual({
    '/shop 0': 'shop_10000',
  });
});
