/** Metrics: a fold of the facts into Prometheus series. Series of services and pools that are gone are removed. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Diagnostic } from '../declared/types.ts';
import type { AppId, ServiceId } from '../model/ids.ts';
import { phaseTable, type PoolVerdict, type ServiceVerdict } from '../plan/verdict.ts';
import { type ShadowDifference, shadowKindTable } from '../plan/shadow/differences.ts';
import type { Fact, Observer, PoolRequests } from './facts.ts';
import { type MetricDefinition, metricTable } from './metric-table.ts';
import { createTransitionMetrics } from './transition-metrics.ts';

export interface Metrics {
  readonly observe: Observer;
  /** The text of /metrics, and its content type. */
  readonly render: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** What is asked for at each scrape rather than folded from facts. */
export interface MetricsSources {
  readonly ready: () => boolean;
  readonly now: () => number;
  /** Reads of Marathon that are still to be made. */
  readonly pendingReads: () => number;
  /** Requests by pool since each service's weights last changed. */
  readonly realised: () => ReadonlyMap<ServiceId, { readonly requests: ReadonlyMap<AppId, number> }>;
}

const phases = Object.keys(phaseTable);

export function createMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (of: MetricDefinition) =>
    new Gauge({ name: of.name, help: of.help, labelNames: of.labels, registers: [registry] });
  const counter = (of: MetricDefinition) =>
    new Counter({ name: of.name, help: of.help, labelNames: of.labels, registers: [registry] });
  const histogram = (of: MetricDefinition, buckets: number[]) =>
    new Histogram({ name: of.name, help: of.help, labelNames: of.labels, buckets, registers: [registry] });

  const t = metricTable;
  const buildInfo = gauge(t.buildInfo);
  const connected = gauge(t.marathonConnected);
  const synced = gauge(t.marathonSynced);
  const events = counter(t.marathonEvents);
  const resyncs = counter(t.marathonResyncs);
  const requests = histogram(t.marathonRequests, [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]);
  const reconciles = histogram(
    t.reconciles,
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  );
  const reconcileFailures = counter(t.reconcileFailures);
  const verifyFailures = counter(t.verifyFailures);
  const withdrawn = counter(t.withdrawn);
  const doubted = counter(t.doubted);
  const reloads = counter(t.reloads);
  const deaths = counter(t.restarts);
  const moves = counter(t.moves);
  const pending = gauge(t.marathonPending);
  const diagnostics = gauge(t.diagnostics);
  const ready = gauge(t.ready);
  const state = {
    services: gauge(t.services),
    phase: gauge(t.phase),
    weight: gauge(t.weight),
    priority: gauge(t.priority),
    ready: gauge(t.poolReady),
    endpoints: gauge(t.endpoints),
    sessions: gauge(t.sessions),
    realised: gauge(t.realised),
  };
  const transitions = createTransitionMetrics({ gauge, counter, histogram }, sources.now);
  const poolRequests = counter(t.requests);
  const shadowDifferences = gauge(t.shadowDifferences);
  const shadowComparisons = counter(t.shadowComparisons);
  let latest: Extract<Fact, { kind: 'reconciled' }> | null = null;
  let counted: readonly PoolRequests[] = [];

  function observeServices(services: readonly ServiceVerdict[]): void {
    for (const each of Object.values(state)) each.reset();
    state.services.set(services.length);
    const realised = sources.realised();
    for (const service of services) {
      const requests = realised.get(service.service)?.requests ?? new Map<AppId, number>();
      const total = [...requests.values()].reduce((a, b) => a + b, 0);
      for (const { app } of total === 0 ? [] : service.pools)
        state.realised.set({ service: service.service, app }, (requests.get(app) ?? 0) / total);
      for (const phase of phases)
        state.phase.set({ service: service.service, phase }, phase === service.phase ? 1 : 0);
      for (const pool of service.pools) observePool(service.service, pool);
    }
  }

  function observePool(service: string, pool: PoolVerdict): void {
    const labels = { service, app: pool.app };
    const inRotation = pool.endpoints.filter((endpoint) => endpoint.rotation === 'in').length;
    state.weight.set(labels, pool.weight / 10_000);
    state.priority.set(labels, pool.priority);
    state.ready.set(labels, pool.ready ? 1 : 0);
    state.endpoints.set({ ...labels, rotation: 'in' }, inRotation);
    state.endpoints.set({ ...labels, rotation: 'hold' }, pool.endpoints.length - inRotation);
    state.sessions.set(labels, pool.sessions);
  }

  function observeDiagnostics(list: readonly Diagnostic[]): void {
    diagnostics.reset();
    for (const { severity, code } of list) diagnostics.inc({ severity, code });
  }

  function observeShadow(differences: readonly ShadowDifference[]): void {
    for (const kind of Object.keys(shadowKindTable)) shadowDifferences.set({ kind }, 0);
    for (const { kind } of differences) shadowDifferences.inc({ kind });
  }

  function observe(fact: Fact): void {
    transitions.observe(fact);
    switch (fact.kind) {
      case 'starting':
        buildInfo.set({ version: fact.version }, 1);
        break;
      case 'reconciled':
        reconciles.observe(fact.durationMs / 1000);
        latest = fact;
        break;
      case 'counted':
        counted = fact.requests;
        break;
      case 'reconcile-failed':
        reconcileFailures.inc({ code: fact.code });
        break;
      case 'endpoints-withdrawn':
        withdrawn.inc(fact.count);
        break;
      case 'read-doubted':
        doubted.inc();
        break;
      case 'verify-failed':
        verifyFailures.inc();
        break;
      case 'traffic-moved':
        moves.inc({ service: fact.service });
        break;
      case 'service-vanished':
        moves.remove({ service: fact.service });
        break;
      case 'dataplane-reloaded':
        reloads.inc({ outcome: 'loaded' });
        break;
      case 'dataplane-reload-failed':
        reloads.inc({ outcome: 'refused' });
        break;
      case 'dataplane-died':
        deaths.inc();
        break;
      case 'marathon-connected':
        connected.set(1);
        break;
      case 'marathon-disconnected':
        connected.set(0);
        break;
      case 'marathon-event':
        events.inc({ event_type: fact.eventType });
        break;
      case 'marathon-synced':
        resyncs.inc({ reason: fact.reason, outcome: 'success' });
        synced.set(sources.now() / 1000);
        break;
      case 'marathon-sync-failed':
        if (fact.app === null) resyncs.inc({ reason: fact.reason, outcome: 'failure' });
        break;
      case 'marathon-request':
        requests.observe({ route: fact.route, outcome: fact.outcome }, fact.durationMs / 1000);
        break;
      case 'shadow-compared':
        shadowComparisons.inc({ outcome: 'success' });
        observeShadow(fact.differences);
        break;
      case 'shadow-unreadable':
        shadowComparisons.inc({ outcome: 'failure' });
        break;
      default:
    }
  }

  /** At each scrape and not at each turn: there may be hundreds of turns in between, and thousands of series. */
  async function render(): Promise<{ contentType: string; text: string }> {
    if (latest !== null) {
      observeServices(latest.services);
      transitions.show(latest.services);
      observeDiagnostics(latest.diagnostics);
    }
    poolRequests.reset();
    for (const { service, app, slot, requests } of counted)
      poolRequests.inc({ service, app, slot }, requests);
    ready.set(sources.ready() ? 1 : 0);
    pending.set(sources.pendingReads());
    return { contentType: registry.contentType, text: await registry.metrics() };
  }

  return { observe, render };
}
