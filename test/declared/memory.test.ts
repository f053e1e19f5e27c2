/** What is remembered of apps, and when it is used, kept and forgotten. */
import { describe, expect, test } from 'vitest';
import { declare } from '../../src/declared/declare.ts';
import { parseRemembered } from '../../src/declared/remembered.ts';
import type { RememberedApp } from '../../src/declared/types.ts';
import { appId } from '../../src/model/ids.ts';
import { type AppSketch, app, app1, cluster, codes, member, noOptions } from './cluster.ts';

const version = member('/app1-100', { service: 'app1', priority: 10 });

describe('remembering', () => {
  test('only labels that Baton reads, of apps that have some', () => {
    const labels = { ...version.labels, team: 'blue', HAPROXY_GROUP: 'x' };
    const { remembered } = declare(
      cluster({ ...version, labels }, { id: '/b', labels: { team: 'x' } }),
      [],
      noOptions,
    );
    expect(remembered.map((each) => [each.app, Object.keys(each.labels)])).toEqual([
      ['/app1-100', ['proxy_listener', 'ab_config']],
    ]);
  });

  test('what has not changed is the same object, scaled or not', () => {
    const first = declare(cluster(app1, version), [], noOptions).remembered;
    const again = declare(
      cluster(
        { ...app1, configured: '2024-01-01T00:00:00.000Z', version: '2025-01-01T00:00:00.000Z' },
        version,
      ),
      first,
      noOptions,
    ).remembered;
    expect(again.map((each, index) => each === first[index])).toEqual([true, true]);
  });

  test('since when an app is a listener stays as it was first seen', () => {
    const first = declare(
      cluster({ ...app1, version: '2024-01-01T00:00:00.000Z' }),
      [],
      noOptions,
    ).remembered;
    const labels = { ...app1.labels, 'FE-Proxy-VIP': '10.0.0.1' };
    const later = declare(
      cluster({ id: '/app1', labels, version: '2025-01-01T00:00:00.000Z' }),
      first,
      noOptions,
    );
    expect(later.remembered[0]).toMatchObject({
      configuredAt: '2025-01-01T00:00:00.000Z',
      listenerSince: '2024-01-01T00:00:00.000Z',
    });
  });

  test('an app that no longer has labels of ours is forgotten', () => {
    const first = declare(cluster(app1), [], noOptions).remembered;
    expect(declare(cluster({ id: '/app1' }), first, noOptions).remembered).toEqual([]);
  });
});

describe('a bad label', () => {
  const bad: AppSketch = { ...version, labels: { ...version.labels, ab_config: '{' } };

  test('leaves the last good ones in force as often as it is read, until it is good again', () => {
    let { remembered } = declare(cluster(app1, version), [], noOptions);
    for (let round = 0; round < 3; round += 1) {
      const declaration = declare(cluster(app1, bad), remembered, noOptions);
      expect(declaration.services[0]?.pools.map((each) => each.app)).toEqual(['/app1-100', '/app1']);
      expect(codes(declaration.diagnostics)).toEqual(['error invalid-json']);
      remembered = declaration.remembered;
    }
    const better = member('/app1-100', { service: 'app1', priority: -5 });
    const declaration = declare(cluster(app1, better), remembered, noOptions);
    expect(declaration.services[0]?.pools.map((each) => each.app)).toEqual(['/app1', '/app1-100']);
    expect(declaration.diagnostics).toEqual([]);
  });

  test('the last good labels are those of today’s app, its ports included', () => {
    const { remembered } = declare(cluster(app1, version), [], noOptions);
    const declaration = declare(cluster(app1, { ...bad, ports: [] }), remembered, noOptions);
    expect(declaration.services[0]?.pools.map((each) => each.app)).toEqual(['/app1']);
    expect(codes(declaration.diagnostics)).toEqual(['error invalid-json']);
  });

  test('memory that is no good either declares nothing', () => {
    const entry = {
      app: appId('/app1-100'),
      labels: { ab_config: '[' },
      servicePorts: [],
      configuredAt: '',
      listenerSince: null,
    };
    const declaration = declare(cluster(app1, bad), [entry], noOptions);
    expect(declaration.services[0]?.pools.map((each) => each.app)).toEqual(['/app1']);
  });
});

describe('a deleted listener app', () => {
  const { remembered } = declare(cluster(app1, version), [], noOptions);

  test('keeps its service while somebody refers to it', () => {
    const declaration = declare(cluster(version), remembered, noOptions);
    expect(declaration.services).toMatchObject([
      { id: '/app1', listenerGone: true, listeners: [{ port: 80 }], pools: [{ app: '/app1-100' }] },
    ]);
    expect(codes(declaration.diagnostics)).toEqual(['warning listener-app-gone']);
    expect(declaration.remembered).toEqual(remembered);
  });

  test('goes when nobody does, and is forgotten', () => {
    const declaration = declare(cluster({ id: '/x' }), remembered, noOptions);
    expect(declaration).toEqual({
      services: [],
      diagnostics: [],
      remembered: [],
      externals: [],
      gateways: [],
    });
  });

  test('is an app like any other when it comes back', () => {
    const gone = declare(cluster(version), remembered, noOptions);
    const back = declare(cluster(app1, version), gone.remembered, noOptions);
    expect(back).toEqual(declare(cluster(app1, version), [], noOptions));
  });

  test('is kept for an app whose own label has turned bad', () => {
    const bad = { ...version, labels: { ab_config: 'x' } };
    expect(declare(cluster(bad), remembered, noOptions).services).toMatchObject([
      { id: '/app1', listenerGone: true, pools: [{ app: '/app1-100' }] },
    ]);
  });
});

describe('a listener that ab_config declares', () => {
  const green = (priority: number) => ({ service: 'oinker', priority, listener: { port: 80 } });
  const first = { ...member('/green', green(1)), configured: '2024-01-01T00:00:00.000Z' };
  const between = { ...app1, configured: '2024-01-02T00:00:00.000Z' };
  const next = { ...member('/blue', green(2)), configured: '2024-01-03T00:00:00.000Z' };
  const old = { id: '/oinker' };

  function portsOf(sketches: readonly AppSketch[], remembered: readonly RememberedApp[]) {
    const declaration = declare(cluster(...sketches), remembered, noOptions);
    const ports = declaration.services.map(({ id, listenerApp, listeners }) => [
      id,
      listenerApp,
      listeners.map(({ port }) => port),
    ]);
    return { ports, remembered: declaration.remembered };
  }

  test('goes from version to version, and keeps its port for as long as one is there', () => {
    const begun = portsOf([old, first], []);
    expect(begun.ports).toEqual([['/oinker', '/green', [80]]]);
    const both = portsOf([old, first, between, next], begun.remembered);
    expect(both.ports).toEqual([
      ['/app1', '/app1', []],
      ['/oinker', '/blue', [80]],
    ]);
    const after = portsOf([between, next], both.remembered);
    expect(after.ports).toEqual(both.ports);
    expect(after.remembered.map(({ app: id, declares }) => [id, declares])).toEqual([
      ['/app1', undefined],
      ['/blue', { '/oinker': '2024-01-01T00:00:00.000Z' }],
    ]);
    const end = portsOf([between], after.remembered);
    expect(end.ports).toEqual([['/app1', '/app1', [80]]]);
    expect(end.remembered.map(({ app: id }) => id)).toEqual(['/app1']);
  });

  test('outlives a version that was sent back and deleted, for the app without labels', () => {
    const { remembered } = portsOf([old, first], []);
    const alone = portsOf([old, between], remembered);
    expect(alone.ports).toEqual([
      ['/app1', '/app1', []],
      ['/oinker', '/green', [80]],
    ]);
    const again = portsOf([old, between, next], alone.remembered);
    expect(again.ports).toEqual([
      ['/app1', '/app1', []],
      ['/oinker', '/blue', [80]],
    ]);
    expect(portsOf([between], alone.remembered).ports).toEqual([['/app1', '/app1', [80]]]);
  });

  test('of the deleted ones only the first is remembered, however many there were', () => {
    let { remembered } = portsOf([old, first, next], []);
    for (const id of ['/c', '/d', '/e']) {
      const version = { ...member(id, green(3)), configured: '2024-01-04T00:00:00.000Z' };
      ({ remembered } = portsOf([old, version], remembered));
      expect(remembered).toMatchObject([{ app: id, declares: { '/oinker': '2024-01-01T00:00:00.000Z' } }]);
    }
    ({ remembered } = portsOf([old], remembered));
    expect(remembered.map(({ app: id }) => id)).toEqual(['/e']);
  });
});

test('memory survives being written as JSON; what is not in its form is left out', () => {
  const declaring = member('/green', { service: 'oinker', listener: { port: 81 } });
  const { remembered } = declare(cluster(app1, version, declaring), [], noOptions);
  expect(remembered.map(({ declares }) => declares !== undefined)).toEqual([false, false, true]);
  const written = JSON.parse(JSON.stringify([...remembered, { app: 5 }, null, { app: '/x' }])) as unknown;
  expect(parseRemembered(written)).toEqual(remembered);
  expect([null, undefined, {}, 'x', 5].map(parseRemembered)).toEqual([[], [], [], [], []]);
});

test('what was read of an app is not read again, and what changed is', () => {
  const before = app(app1);
  const changed = app({ ...app1, labels: { 'FE-Proxy': 'no' } });
  const run = (each: typeof before) => declare(new Map([[each.id, each]]), [], noOptions).services.length;
  expect([run(before), run(before), run(changed), run(before)]).toEqual([1, 1, 0, 1]);
});
