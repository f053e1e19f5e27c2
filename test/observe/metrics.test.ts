/** Facts folded into metrics: conventions, values, and series that go with what they described. */
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../src/observe/facts.ts';
import { metricTable } from '../../src/observe/metric-table.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { up, World } from '../plan/world.ts';

function reconciled(world: World): readonly Fact[] {
  const services = world.settle().services;
  const requests = services.flatMap(({ service, pools }) =>
    pools.map(({ app, slot }) => ({ service, app, slot, requests: 7 })),
  );
  return [
    { kind: 'reconciled', durationMs: 3, changes: 1, services, diagnostics: [] },
    { kind: 'counted', requests },
  ];
}

async function lines(facts: readonly Fact[]): Promise<readonly string[]> {
  const metrics = createMetrics({ ready: () => true, now: () => 5000, pendingReads: () => 3 });
  for (const fact of facts) metrics.observe(fact);
  return (await metrics.render()).text.split('\n').filter((line) => line.startsWith('baton_'));
}

describe('metrics', () => {
  it('show weights, phase, endpoints and requests of each pool', async () => {
    const world = new World([
      { id: 'app1', priority: 0, tasks: up('app1', 2) },
      { id: 'app1-100', priority: 10, tasks: up('app1-100', 3) },
    ]);
    const text = await lines(reconciled(world));
    expect(text).toEqual(
      expect.arrayContaining([
        'baton_pool_weight_ratio{service="/app1",app="/app1"} 0',
        'baton_pool_weight_ratio{service="/app1",app="/app1-100"} 1',
        'baton_pool_endpoints{service="/app1",app="/app1-100",rotation="in"} 3',
        'baton_pool_requests_total{service="/app1",app="/app1-100",slot="b"} 7',
        'baton_service_phase{service="/app1",phase="settled"} 1',
        'baton_service_phase{service="/app1",phase="down"} 0',
        'baton_services 1',
      ]),
    );
  });

  it('drop the series of pools and services that are gone', async () => {
    const world = new World([{ id: 'app1', priority: 0, tasks: up('app1', 2) }]);
    const before = reconciled(world);
    const moved: Fact = {
      kind: 'traffic-moved',
      service: '/app1' as never,
      from: {},
      to: {},
      because: { code: 'only-pool', text: '', facts: {} },
    };
    const gone: Fact[] = [
      { kind: 'reconciled', durationMs: 1, changes: 0, services: [], diagnostics: [] },
      { kind: 'counted', requests: [] },
      { kind: 'service-vanished', service: '/app1' as never },
    ];
    expect((await lines([...before, moved])).some((line) => line.includes('service="/app1"'))).toBe(true);
    expect(
      (await lines([...before, moved, ...gone])).filter((line) => line.includes('service="/app1"')),
    ).toEqual([]);
  });

  it('count events, reloads and deaths', async () => {
    const text = await lines([
      { kind: 'marathon-event', eventType: 'status_update_event' },
      { kind: 'marathon-event', eventType: 'status_update_event' },
      { kind: 'dataplane-reloaded', because: 'x' },
      { kind: 'dataplane-died', pid: 1 },
      { kind: 'marathon-connected', url: 'http://x' },
    ]);
    expect(text).toEqual(
      expect.arrayContaining([
        'baton_marathon_events_total{event_type="status_update_event"} 2',
        'baton_dataplane_reloads_total{outcome="loaded"} 1',
        'baton_dataplane_deaths_total 1',
        'baton_marathon_connected 1',
        'baton_marathon_pending_reads 3',
      ]),
    );
  });

  it('follow the naming conventions', () => {
    for (const { name, type } of Object.values(metricTable)) {
      expect(name).toMatch(/^baton_[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      expect(name).not.toMatch(/_(ms|milliseconds|percent|minutes)$/);
    }
  });
});
