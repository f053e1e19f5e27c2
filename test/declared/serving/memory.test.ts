/** What services of marathon-lb's labels are called over time, and what holds while a label is bad. */
import { describe, expect, test } from 'vitest';
import { declare } from '../../../src/declared/declare.ts';
import { parseRemembered } from '../../../src/declared/remembered.ts';
import { type Declaration, plainOptions, type RememberedApp } from '../../../src/declared/types.ts';
import { type AppSketch, cluster } from '../cluster.ts';

const options = { ...plainOptions, groups: new Set(['external']) };

function shop(id: string, day: number, labels: Readonly<Record<string, string>> = {}): AppSketch {
  return {
    id,
    configured: `2024-01-0${day}T00:00:00.000Z`,
    ports: [{ servicePort: 10_000 + day }],
    labels: { HAPROXY_GROUP: 'external', HAPROXY_0_VHOST: 'shop.example.com', ...labels },
  };
}

function over(...times: readonly (readonly AppSketch[])[]): readonly Declaration[] {
  let remembered: readonly RememberedApp[] = [];
  return times.map((sketches) => {
    const declaration = declare(cluster(...sketches), remembered, options);
    remembered = parseRemembered(JSON.parse(JSON.stringify(declaration.remembered)));
    return declaration;
  });
}

function names(declaration: Declaration | undefined): readonly string[] {
  return (declaration?.services ?? []).map(
    ({ id, pools }) => `${id}: ${pools.map((each) => each.app).join()}`,
  );
}

describe('the id of a service', () => {
  test('stays while its apps come and go, as long as one is there', () => {
    const [v1, v2, v3] = [shop('/v1', 1), shop('/v2', 2), shop('/v3', 3)];
    const times = over([v1], [v1, v2], [v2], [v2, v3], [v3], [v3, v1], []);
    expect(times.map(names)).toEqual([
      ['/v1: /v1'],
      ['/v1: /v1,/v2'],
      ['/v1: /v2'],
      ['/v1: /v2,/v3'],
      ['/v1: /v3'],
      ['/v1: /v1,/v3'],
      [],
    ]);
  });

  test('stays with the older half of a service that falls apart', () => {
    const both = [shop('/a', 1), shop('/b', 2)];
    const [, after] = over(both, [
      shop('/a', 1, { HAPROXY_0_VHOST: 'a.example.com' }),
      shop('/b', 2, { HAPROXY_0_VHOST: 'b.example.com' }),
    ]);
    expect(names(after)).toEqual(['/a: /a', '/b: /b']);
  });

  test('is never that of an app which listens by labels of the Avi dialect', () => {
    const [, after] = over(
      [shop('/a', 1), shop('/b', 2)],
      [{ id: '/a', labels: { 'FE-Proxy': 'yes' }, ports: [{ servicePort: 80 }] }, shop('/b', 2)],
    );
    expect(names(after)).toEqual(['/a: /a', '/b: /b']);
  });

  test('is none that the data plane would write like another', () => {
    const [all] = over([
      shop('/a', 1, { HAPROXY_0_VHOST: 'a.example.com', HAPROXY_DEPLOYMENT_GROUP: 'x_y' }),
      shop('/x/y/10001', 3, { HAPROXY_0_VHOST: 'b.example.com' }),
    ]);
    expect(names(all)).toEqual(['/x/y/10001_10003: /x/y/10001', '/x_y_10001: /a']);
  });
});

describe('a bad label', () => {
  const hash = `$5$abcdefgh$${'x'.repeat(43)}`;
  const good = shop('/a', 1, { HAPROXY_0_AUTH: `r:u:${hash}` });
  const labels = { ...good.labels, HAPROXY_0_AUTH: 'r:u:p:q', HAPROXY_0_VHOST: 'new.example.com' };
  const bad = { ...good, configured: '2024-01-02T00:00:00.000Z', labels };

  test('leaves the last good labels of its port in force, over restarts', () => {
    const [before, ...after] = over([good], [bad], [bad]);
    for (const each of after) {
      expect(each.services).toEqual(before?.services);
      expect(each.diagnostics.map(({ remedy }) => remedy)).toEqual([
        expect.stringContaining('the last good labels of the port stay in force.'),
      ]);
    }
  });

  test('serves nothing where there are none', () => {
    const [, ...after] = over([], [bad], [bad]);
    for (const each of after) expect(each.services).toEqual([]);
  });

  test('is forgotten with the group', () => {
    const [, left, back] = over([good], [{ ...bad, labels: { HAPROXY_0_AUTH: 'r:u:p:q' } }], [bad]);
    expect(left?.services).toEqual([]);
    expect(left?.remembered).toEqual([]);
    expect(back?.services).toEqual([]);
  });
});
