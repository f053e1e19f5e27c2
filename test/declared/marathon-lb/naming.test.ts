/** Names and service ports as marathon-lb makes them. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assignServicePorts } from '../../../src/declared/marathon-lb/assign-ports.ts';
import { backendName, marathonLbServerName, stickyCookie } from '../../../src/declared/marathon-lb/naming.ts';
import type { App } from '../../../src/model/app.ts';
import { appId } from '../../../src/model/ids.ts';
import { app } from '../cluster.ts';
import { cases } from '../../support/cases.ts';

test('backends are named after the app and its port', () => {
  expect(backendName(appId('/shop/web-1.0'), 10_000)).toBe('shop_web-1.0_10000');
});

test.each([
  ['10.0.2.148', '10.0.2.148', 1565, '10_0_2_148_1565'],
  ['agent-1.example.com', '10.0.2.148', 31_000, 'agent-1_example_com_10_0_2_148_31000'],
  ['::1', '::1', 80, '__1_80'],
])('server %s at %s:%d', (host, address, port, name) => {
  expect(marathonLbServerName(host, address, port)).toBe(name);
});

test('cookies are the beginning of the digest of a server’s name', () => {
  expect(stickyCookie('10_0_2_148_1565')).toBe(
    createHash('sha1').update('10_0_2_148_1565').digest('hex').slice(0, 10),
  );
});

describe('assigned service ports', () => {
  const perTask = (id: string, ...containerPorts: readonly (number | null)[]): App => ({
    ...app({ id, ports: containerPorts.map((containerPort) => ({ containerPort, servicePort: null })) }),
    network: 'container',
  });
  const portsOf = (apps: readonly App[], range?: { first: number; last: number }) =>
    Object.fromEntries([...assignServicePorts(apps, range)].map(([id, ports]) => [id, [...ports]]));

  test('come from the digest of app, port and attempt', () => {
    expect(portsOf([perTask('/shop/ip', 80, 443, null, 8080, 80)])).toEqual({
      '/shop/ip': [
        [0, 10_069],
        [1, 10_050],
        [3, 10_095],
        [4, 10_069],
      ],
    });
  });

  test('are for apps with an address per task and no service port only', () => {
    const bridged = app({ id: '/bridged', ports: [{ servicePort: 0 }] });
    const given: App = {
      ...app({ id: '/given', ports: [{ servicePort: 10_001 }, { servicePort: 0 }] }),
      network: 'container',
    };
    expect(portsOf([bridged, given, perTask('/none')])).toEqual({});
  });

  test('never clash, fill the range and do not depend on the order of apps', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { minLength: 0, maxLength: 12 });
    fc.assert(
      fc.property(ids, (numbers) => {
        const apps = numbers.map((number) => perTask(`/a${number}`, 80));
        const range = { first: 100, last: 107 };
        const found = portsOf(apps, range);
        expect(portsOf(apps.toReversed(), range)).toEqual(found);
        const ports = Object.values(found).flatMap((each) => each.map(([, port]) => port));
        expect(new Set(ports).size).toBe(ports.length);
        expect(ports).toHaveLength(Math.min(8, numbers.length));
        expect(ports.every((port) => port >= 100 && port <= 107)).toBe(true);
      }),
      { numRuns: cases(50) },
    );
  });
});
