/** What holds for all clusters: order does not matter, and a bad label is nobody else's business. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { declare } from '../../src/declared/declare.ts';
import { parseRemembered } from '../../src/declared/remembered.ts';
import { type DeclareOptions, pathText, plainOptions } from '../../src/declared/types.ts';
import type { App } from '../../src/model/app.ts';
import type { AppId } from '../../src/model/ids.ts';
import { type AppSketch, app } from './cluster.ts';
import { cases } from '../support/cases.ts';

const names = ['/a', '/b', '/c', '/d', '/g/a', '/g/b'];
const options: DeclareOptions = {
  ...plainOptions,
  mapPorts: new Map([[80, 8080]]),
  localAddresses: new Set(['10.0.0.1']),
};

const serviceName = fc.constantFrom('a', '/b', 'c', 'g/a', 'nobody');
const entry = fc.record(
  {
    service: serviceName,
    priority: fc.integer({ min: -2, max: 2 }),
    weight: fc.constantFrom(0, 1, 50),
    port: fc.constantFrom(0, 1, 'web'),
    failover: fc.boolean(),
    listener: fc.constantFrom(
      { port: 80 },
      { port: 81, hosts: ['a.example.com'] },
      { port: 81, hosts: ['a.example.com'], path: '/x' },
      { port: 80, mode: 'tcp' },
    ),
    ready: fc.constantFrom({ instances: 1 }, { for: '5s' }),
    surplus: fc.constant(1),
  },
  { requiredKeys: ['service'] },
);
const virtualService = fc.record(
  {
    services: fc.array(fc.record({ port: fc.constantFrom(80, 81, 8080) }), { maxLength: 2 }),
    ip_address: fc.record({ addr: fc.constantFrom('10.0.0.1', '10.0.0.2') }),
    fqdn: fc.constantFrom('a.example.com', 'B.example.com'),
    auto_allocate_ip: fc.constant(true),
  },
  { requiredKeys: [] },
);
const labels = fc.record(
  {
    'FE-Proxy': fc.constantFrom('yes', 'no', 'perhaps'),
    proxy_listener: fc.constantFrom('yes', 'no'),
    avi_proxy: fc.oneof(
      fc.record({ virtualservice: virtualService }).map((each) => JSON.stringify(each)),
      fc.constant('{"pool": {"lb_algorithm": "LB_ALGORITHM_ROUND_ROBIN"}}'),
      fc.constant('{,}'),
    ),
    ab_config: fc.oneof(
      entry.map((each) => JSON.stringify(each)),
      fc.array(entry, { maxLength: 3 }).map((each) => JSON.stringify(each)),
      fc.constant('{"service": 5}'),
    ),
    team: fc.constant('blue'),
  },
  { requiredKeys: [] },
);
const ports = fc.array(
  fc.record({ servicePort: fc.constantFrom(0, 81, 90), name: fc.constantFrom(null, 'web') }),
  {
    maxLength: 2,
  },
);
const version = fc.integer({ min: 1, max: 9 }).map((day) => `2024-01-0${day}T00:00:00.000Z`);
const sketch = (id: string): fc.Arbitrary<AppSketch> =>
  fc.record({ id: fc.constant(id), labels, ports, version, checked: fc.boolean() });
const someApps: fc.Arbitrary<readonly App[]> = fc
  .subarray(names)
  .chain((ids) => fc.tuple(...ids.map(sketch)))
  .map((sketches) => sketches.map(app));

function mapOf(apps: readonly App[]): ReadonlyMap<AppId, App> {
  return new Map(apps.map((each) => [each.id, each]));
}

const spoilt = fc.constantFrom(
  { ab_config: '{' },
  { ab_config: '{"service": "a", "priority": "x"}' },
  { avi_proxy: '{"virtualservice": {"fqdn": "x\n  server evil"}}' },
  { 'FE-Proxy': '\u0000' },
  { 'FE-Proxy-VIP': 'x'.repeat(100_000) },
  { proxy_listener: 'ünicode' },
);

describe('for all clusters', () => {
  test('the order of apps and of memory does not matter', () => {
    const shuffled = someApps.chain((before) =>
      fc.record({
        before: fc.constant(before),
        now: someApps.chain((apps) =>
          fc.record({
            apps: fc.constant(apps),
            again: fc.shuffledSubarray([...apps], { minLength: apps.length }),
          }),
        ),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ before, now }) => {
        const { remembered } = declare(mapOf(before), [], options);
        const first = declare(mapOf(now.apps), remembered, options);
        const second = declare(mapOf(now.again), remembered.toReversed(), options);
        expect(second).toEqual(first);
      }),
      { numRuns: cases(100) },
    );
  });

  test('everything is sorted, named once, and no two listeners want the same requests', () => {
    fc.assert(
      fc.property(someApps, (apps) => {
        const { services, diagnostics, remembered } = declare(mapOf(apps), [], options);
        const ids = services.map((each) => each.id);
        expect(ids).toEqual([...new Set(ids)].sort());
        const known = remembered.map((each) => each.app);
        expect(known).toEqual([...new Set(known)].sort());
        const places = diagnostics.map((each) => [each.app, each.label, each.code].join('\u0000'));
        expect(places).toEqual(places.toSorted());
        const wants = services.flatMap((each) =>
          each.listeners.flatMap(({ address, port, hosts, paths }) =>
            (hosts.length === 0 ? ['*'] : hosts).map(
              (host) => `${address} ${port} ${host} ${paths.map(pathText).join()}`,
            ),
          ),
        );
        expect(new Set(wants).size).toBe(wants.length);
        for (const { pools } of services) {
          expect(new Set(pools.map((each) => each.app)).size).toBe(pools.length);
          expect(pools.every((each) => mapOf(apps).get(each.app)?.ports[each.portIndex] !== undefined)).toBe(
            true,
          );
        }
      }),
      { numRuns: cases(100) },
    );
  });

  test('a label that turns bad changes no service at all, not even those of its app', () => {
    fc.assert(
      fc.property(someApps, fc.nat(), spoilt, (apps, at, wrong) => {
        const before = declare(mapOf(apps), [], options);
        const victim = apps[at % Math.max(1, apps.length)];
        const known = before.remembered.find((each) => each.app === victim?.id);
        fc.pre(victim !== undefined && known !== undefined);
        const bad = {
          ...victim,
          labels: { ...victim.labels, ...wrong },
          version: '2025-01-01T00:00:00.000Z',
        };
        const after = declare(
          mapOf(apps.map((each) => (each === victim ? bad : each))),
          before.remembered,
          options,
        );
        expect(after.services).toEqual(before.services);
        expect(after.remembered).toEqual(before.remembered);
        const others = (each: { app: AppId | null }) => each.app !== victim.id;
        expect(after.diagnostics.filter(others)).toEqual(before.diagnostics.filter(others));
        expect(after.diagnostics.some((each) => each.severity === 'error' && !others(each))).toBe(true);
      }),
      { numRuns: cases(200) },
    );
  });

  test('an app whose labels were never good is as good as absent', () => {
    fc.assert(
      fc.property(someApps, sketch('/victim'), spoilt, (apps, victim, wrong) => {
        const bad = app({ ...victim, labels: { ...victim.labels, ...wrong } });
        const without = declare(mapOf(apps), [], options);
        const withIt = declare(mapOf([...apps, bad]), [], options);
        expect(withIt.services).toEqual(without.services);
        expect(withIt.remembered).toEqual(without.remembered);
      }),
      { numRuns: cases(200) },
    );
  });

  test('read twice, nothing changes, whatever was there before', () => {
    fc.assert(
      fc.property(someApps, someApps, (before, apps) => {
        const { remembered } = declare(mapOf(before), [], options);
        const first = declare(mapOf(apps), remembered, options);
        const written = parseRemembered(JSON.parse(JSON.stringify(first.remembered)));
        expect(declare(mapOf(apps), written, options)).toEqual(first);
      }),
      { numRuns: cases(100) },
    );
  });

  test('no label makes it throw', () => {
    const names5 = ['FE-Proxy', 'FE-Proxy-VIP', 'avi_proxy', 'proxy_listener', 'ab_config', 'ab-config'];
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.json());
    fc.assert(
      fc.property(fc.dictionary(fc.oneof(fc.constantFrom(...names5), fc.string()), value), (all) => {
        expect(declare(mapOf([app({ id: '/x', labels: all })]), [], options).services.length).toBeLessThan(2);
      }),
      { numRuns: cases(400) },
    );
  });
});
