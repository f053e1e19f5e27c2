/** Facts folded into metrics: conventions, values, and series that go with what they described. */
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../src/observe/facts.ts';
import { metricTable } from '../../src/observe/metric-table.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { appId, millis } from '../../src/model/ids.ts';
import type { ServiceVerdict } from '../../src/plan/verdict.ts';
import { because, ended, service, verdict, view } from '../support/transitions.ts';
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

const measured = new Map([
  [
    service,
    {
      requests: new Map([
        [appId('app1-100'), 3],
        [appId('app1'), 1],
      ]),
    },
  ],
]);

/** @param times what the clock says at each fact; 5 s after the last */
async function lines(facts: readonly Fact[], times: readonly number[] = []): Promise<readonly string[]> {
  let now = 5000;
  const metrics = createMetrics({
    ready: () => true,
    now: () => now,
    pendingReads: () => 3,
    realised: () => measured,
  });
  for (const [index, fact] of facts.entries()) {
    now = times[index] ?? 5000;
    metrics.observe(fact);
  }
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

  it('count reads of Marathon by reason, requests by outcome, and doubts', async () => {
    const failed = { kind: 'marathon-sync-failed', reason: 'periodic', app: null, problem: 'away' } as const;
    const request = { kind: 'marathon-request', route: 'GET /v2/apps', durationMs: 30 } as const;
    const text = await lines([
      { kind: 'marathon-connected', url: 'http://x' },
      { kind: 'marathon-synced', reason: 'reconnect', apps: 1, tasks: 1, durationMs: 1 },
      failed,
      failed,
      // One app is no list.
      { ...failed, app: appId('/app1') },
      { ...request, outcome: 'ok' },
      { ...request, outcome: 'no-leader', durationMs: 2000 },
      { kind: 'read-doubted', problem: 'much is gone' },
      { kind: 'marathon-disconnected', url: 'http://x', reason: 'silent' },
    ]);
    expect(text).toEqual(
      expect.arrayContaining([
        'baton_marathon_connected 0',
        'baton_marathon_resyncs_total{reason="reconnect",outcome="success"} 1',
        'baton_marathon_resyncs_total{reason="periodic",outcome="failure"} 2',
        'baton_marathon_request_duration_seconds_sum{route="GET /v2/apps",outcome="ok"} 0.03',
        'baton_marathon_request_duration_seconds_count{route="GET /v2/apps",outcome="no-leader"} 1',
        'baton_marathon_doubted_reads_total 1',
      ]),
    );
  });

  it.each(['start', 'reconnect', 'periodic', 'event', 'doubt'])(
    'say when the whole list was last read, whatever it was read for: %s',
    async (reason) => {
      const read = { kind: 'marathon-synced', reason, apps: 1, tasks: 1, durationMs: 1 } as const;
      const text = await lines([read, read], [1000, 2000]);
      expect(text).toContain('baton_marathon_last_sync_timestamp_seconds 2');
    },
  );

  const turn = (...services: ServiceVerdict[]): Fact => ({
    kind: 'reconciled',
    durationMs: 1,
    changes: 0,
    services,
    diagnostics: [],
  });

  it('show the step, its share, what is left of the hold, and what the pools really got', async () => {
    const text = await lines([turn(verdict({ transition: view() }, { '/app1': 'aborted' }))]);
    expect(text).toEqual(
      expect.arrayContaining([
        'baton_transition_step{service="/app1"} 1',
        'baton_transition_steps{service="/app1"} 3',
        'baton_transition_weight_ratio{service="/app1"} 0.05',
        'baton_transition_hold_remaining_seconds{service="/app1"} 56',
        'baton_pool_latched{service="/app1",app="/app1"} 1',
        'baton_pool_realised_ratio{service="/app1",app="/app1-100"} 0.75',
        'baton_pool_realised_ratio{service="/app1",app="/app1"} 0.25',
      ]),
    );
    const over = await lines([turn(verdict({ transition: view() })), turn(verdict())]);
    expect(over.filter((line) => /^baton_(transition_(step|weight|hold)|pool_latched)/.test(line))).toEqual(
      [],
    );
  });

  it('count ends, judgements, orders and wishes, and take the time of phases', async () => {
    const phase = { kind: 'transition-phase-changed', service } as const;
    const judged = { at: millis(1), outcome: 'failure', measurements: [] } as const;
    const order = { service, command: { verb: 'pause' }, by: 'anna', why: null } as const;
    const wish = { kind: 'scale', app: appId('app1'), instances: 1, because } as const;
    const facts: Fact[] = [
      { ...phase, left: null, phase: 'holding' },
      { ...phase, left: 'holding', phase: 'judging' },
      { kind: 'judged', service, apps: [], judged },
      { kind: 'transition-ended', service, ended: ended({ outcome: 'aborted' }) },
      { kind: 'ordered', order, obeyed: { outcome: 'refused', problem: 'no' } },
      { kind: 'wish-fulfilled', service, wish },
      { kind: 'wish-failed', service, wish, outcome: 'refused', problem: 'no' },
      { ...phase, left: 'judging', phase: null },
    ];
    const text = await lines(facts, [0, 3_000_000, 0, 0, 0, 0, 0, 3_002_000]);
    expect(text).toEqual(
      expect.arrayContaining([
        'baton_transitions_total{service="/app1",outcome="aborted"} 1',
        'baton_analysis_results_total{service="/app1",outcome="failure"} 1',
        'baton_orders_total{verb="pause",outcome="refused"} 1',
        'baton_wishes_total{kind="scale",outcome="done"} 1',
        'baton_wishes_total{kind="scale",outcome="refused"} 1',
        'baton_transition_phase_duration_seconds_bucket{le="1800",phase="holding"} 0',
        'baton_transition_phase_duration_seconds_bucket{le="3600",phase="holding"} 1',
        'baton_transition_phase_duration_seconds_sum{phase="holding"} 3000',
        'baton_transition_phase_duration_seconds_sum{phase="judging"} 2',
      ]),
    );
    const gone = await lines([...facts, { kind: 'service-vanished', service }]);
    expect(gone.filter((line) => /^baton_(transitions|analysis)/.test(line))).toEqual([]);
  });

  it('follow the naming conventions', () => {
    for (const { name, type } of Object.values(metricTable)) {
      expect(name).toMatch(/^baton_[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      expect(name).not.toMatch(/_(ms|milliseconds|percent|minutes)$/);
    }
  });
});
