/** What holds for all clusters with labels of marathon-lb and VIPs. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { declare } from '../../../src/declared/declare.ts';
import { parseRemembered } from '../../../src/declared/remembered.ts';
import { type DeclareOptions, plainOptions } from '../../../src/declared/types.ts';
import type { App } from '../../../src/model/app.ts';
import { safeName, type AppId } from '../../../src/model/ids.ts';
import { type AppSketch, app } from '../cluster.ts';
import { cases } from '../../support/cases.ts';

const base: DeclareOptions = { ...plainOptions, localAddresses: new Set(['10.0.0.1']) };
const options = fc.constantFrom(
  { ...base, groups: new Set(['g']) },
  { ...base, groups: new Set(['*']), vipListeners: true },
  { ...base, groups: new Set(['g']), vipListeners: true, strict: true, bindHttpHttps: false },
);

/** Apps of one zone name nothing of another. */
function sketch(zone: number, id: string): fc.Arbitrary<AppSketch> {
  const host = fc.constantFrom(...['a', 'b', 'c'].map((name) => `${name}${zone}.example.com`));
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
  const onPort = (n: number) =>
    fc
      .record({
        VHOST: optional(
          fc.oneof(
            host,
            fc.tuple(host, host).map((hosts) => hosts.join(',')),
          ),
        ),
        PATH: optional(fc.constantFrom('/x', '-i /X', '/x /y', 'x')),
        MODE: optional(fc.constantFrom('http', 'tcp')),
        PORT: optional(fc.constantFrom(`${zone}001`, `${zone}002`, 'none')),
        ENABLED: optional(fc.constantFrom('true', 'false')),
        GROUP: optional(fc.constantFrom('g', 'other')),
        STICKY: optional(fc.constant('true')),
        AUTH: optional(fc.constantFrom(`r:u:$5$abcdefgh$${'x'.repeat(43)}`, 'r:u:p:q')),
        BACKEND_WEIGHT: optional(fc.constantFrom('5', '-1')),
      })
      .map((all) =>
        Object.fromEntries(Object.entries(all).map(([name, text]) => [`HAPROXY_${n}_${name}`, text])),
      );
  const entry = fc.record(
    {
      service: fc.constantFrom(`a${zone}.example.com`, `z${zone}/a`, `group${zone}`, `vip${zone}:${zone}080`),
      priority: fc.constantFrom(1, 2),
      weight: fc.constantFrom(5, 95),
    },
    { requiredKeys: [] },
  );
  const onApp = fc.record({
    HAPROXY_GROUP: optional(fc.constantFrom('g', 'g,other')),
    HAPROXY_DEPLOYMENT_GROUP: optional(fc.constantFrom(`group${zone}`, `_${zone}`)),
    HAPROXY_DEPLOYMENT_STARTED_AT: optional(fc.constantFrom('2024-01-01T00:00:00', '2024-01-02T00:00:00')),
    HAPROXY_DEPLOYMENT_TARGET_INSTANCES: optional(fc.constant('4')),
    ab_config: optional(
      fc.oneof(
        entry.map((each) => JSON.stringify(each)),
        fc.array(entry, { maxLength: 2 }).map((each) => JSON.stringify(each)),
      ),
    ),
    weight: optional(fc.constantFrom('5', 'heavy')),
  });
  const vip = fc.constantFrom({}, {}, { VIP_0: `/vip${zone}:${zone}080` });
  return fc
    .record({
      labels: fc.tuple(onApp, onPort(0), onPort(1)).map((parts) => {
        const all = Object.assign({}, ...parts) as Record<string, string | undefined>;
        return Object.fromEntries(Object.entries(all).filter(([, text]) => text !== undefined));
      }),
      ports: fc.array(
        fc.record({
          servicePort: fc.constantFrom(0, Number(`${zone}003`), Number(`${zone}004`)),
          labels: vip,
        }),
        { minLength: 1, maxLength: 2 },
      ),
      configured: fc.integer({ min: 1, max: 9 }).map((day) => `2024-01-0${day}T00:00:00.000Z`),
      checked: fc.boolean(),
    })
    .map((each) => ({ ...each, id }));
}

function zone(n: number): fc.Arbitrary<readonly App[]> {
  return fc
    .subarray(['a', 'b', 'c', 'd'], { minLength: 1 })
    .chain((names) => fc.tuple(...names.map((name) => sketch(n, `/z${n}/${name}`))))
    .map((sketches) => sketches.map(app));
}

function mapOf(apps: readonly App[]): ReadonlyMap<AppId, App> {
  return new Map(apps.map((each) => [each.id, each]));
}

describe('for all clusters with labels of marathon-lb', () => {
  test('the order of apps and of memory does not matter', () => {
    const shuffled = zone(1).chain((apps) =>
      fc.tuple(fc.constant(apps), fc.shuffledSubarray([...apps], { minLength: apps.length })),
    );
    fc.assert(
      fc.property(zone(1), shuffled, options, (before, [apps, again], given) => {
        const { remembered } = declare(mapOf(before), [], given);
        const first = declare(mapOf(apps), remembered, given);
        expect(declare(mapOf(again), remembered.toReversed(), given)).toEqual(first);
      }),
      { numRuns: cases(75) },
    );
  });

  test('nothing is named twice, and no two listeners want the same requests', () => {
    fc.assert(
      fc.property(zone(1), options, (apps, given) => {
        const { services } = declare(mapOf(apps), [], given);
        const names = services.map((each) => safeName(each.id));
        expect(new Set(names).size).toBe(names.length);
        const wants = services.flatMap((each) =>
          each.listeners.flatMap(({ address, port, hosts, paths }) =>
            (hosts.length === 0 ? ['*'] : hosts).flatMap((host) =>
              (paths.length === 0 ? ['*'] : paths).map((path) => JSON.stringify([address, port, host, path])),
            ),
          ),
        );
        expect(new Set(wants).size).toBe(wants.length);
        for (const { pools, listeners, listenerApp } of services) {
          const members = pools.map((each) => each.app);
          expect(new Set(members).size).toBe(members.length);
          expect(members).toContain(listenerApp);
          expect(members).toEqual(expect.arrayContaining(listeners.flatMap(({ only }) => only ?? [])));
        }
      }),
      { numRuns: cases(100) },
    );
  });

  test('read again, also by another process, nothing changes', () => {
    fc.assert(
      fc.property(zone(1), options, (apps, given) => {
        const first = declare(mapOf(apps), [], given);
        const again = declare(mapOf(apps), first.remembered, given);
        expect(again).toEqual(first);
        expect(again.remembered.every((each, at) => each === first.remembered[at])).toBe(true);
        const remembered = parseRemembered(JSON.parse(JSON.stringify(first.remembered)));
        expect(declare(mapOf(apps), remembered, given)).toEqual(first);
      }),
      { numRuns: cases(75) },
    );
  });

  test("an app's labels change nothing of services that it has nothing in common with", () => {
    fc.assert(
      fc.property(zone(1), zone(1), zone(2), options, (before, after, others, given) => {
        const first = declare(mapOf([...before, ...others]), [], given);
        const second = declare(mapOf([...after, ...others]), first.remembered, given);
        const ofOthers = (each: typeof first) =>
          each.services.filter(({ pools }) => pools.some((pool) => pool.app.startsWith('/z2/')));
        expect(ofOthers(second)).toEqual(ofOthers(first));
        const alone = declare(mapOf(others), [], given);
        expect(ofOthers(first)).toEqual(alone.services);
      }),
      { numRuns: cases(75) },
    );
  });

  test('no label makes it throw, or names a service in a way that the data plane refuses', () => {
    const name = fc.constantFrom(
      'HAPROXY_DEPLOYMENT_GROUP',
      'HAPROXY_DEPLOYMENT_STARTED_AT',
      'HAPROXY_0_VHOST',
      'HAPROXY_0_PATH',
      'HAPROXY_0_PORT',
      'HAPROXY_0_AUTH',
      'ab_config',
      'weight',
      'priority',
      '__proto__',
      'VIP_0',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('..', 'a/../b', '_', '/', '::1:80', '[fd00::1]:80', '-', '{"service": "_"}'),
    );
    const labels = fc.dictionary(name, text);
    const given = { ...base, groups: new Set(['*']), vipListeners: true };
    fc.assert(
      fc.property(labels, labels, (onApp, onPort) => {
        const sketched = app({ id: '/x', labels: onApp, ports: [{ servicePort: 10_000, labels: onPort }] });
        for (const { id } of declare(mapOf([sketched]), [], given).services)
          expect(safeName(id)).toMatch(/^[A-Za-z0-9._-]+$/);
      }),
      { numRuns: cases(200) },
    );
  });
});
