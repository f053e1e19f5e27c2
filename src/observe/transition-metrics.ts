/** Metrics of transitions, judgements, orders and wishes. */
import type { Counter, Gauge, Histogram } from 'prom-client';
import type { ServiceId } from '../model/ids.ts';
import type { Outcome } from '../plan/asks.ts';
import type { TransitionOutcome, TransitionPhase } from '../plan/transition/types.ts';
import type { ServiceVerdict } from '../plan/verdict.ts';
import type { Fact } from './facts.ts';
import { type MetricDefinition, metricTable } from './metric-table.ts';

/** Registers a metric. */
export interface MetricMakers {
  readonly gauge: (of: MetricDefinition) => Gauge;
  readonly counter: (of: MetricDefinition) => Counter;
  readonly histogram: (of: MetricDefinition, buckets: number[]) => Histogram;
}

export interface TransitionMetrics {
  observe(fact: Fact): void;
  /** Sets what is read off the verdicts; at each scrape. */
  show(services: readonly ServiceVerdict[]): void;
}

/** Seconds: from what a shift takes to a day. */
const phaseBuckets = [0.5, 1, 2.5, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 43_200, 86_400];

const ends: Readonly<Record<TransitionOutcome, true>> = {
  complete: true,
  aborted: true,
  superseded: true,
  'rolled-back': true,
};
const results: Readonly<Record<Outcome, true>> = {
  success: true,
  failure: true,
  inconclusive: true,
  error: true,
};

/** @param now milliseconds since the Unix epoch */
export function createTransitionMetrics(
  { gauge, counter, histogram }: MetricMakers,
  now: () => number,
): TransitionMetrics {
  const t = metricTable;
  const transitions = counter(t.transitions);
  const judgements = counter(t.judgements);
  const orders = counter(t.orders);
  const wishes = counter(t.wishes);
  const phases = histogram(t.transitionPhases, phaseBuckets);
  const state = {
    step: gauge(t.transitionStep),
    steps: gauge(t.transitionSteps),
    weight: gauge(t.transitionWeight),
    hold: gauge(t.holdRemaining),
    latched: gauge(t.latched),
  };
  const since = new Map<ServiceId, number>();

  function timePhase(service: ServiceId, left: TransitionPhase | null, isIn: boolean): void {
    const begun = since.get(service);
    if (left !== null && begun !== undefined) phases.observe({ phase: left }, (now() - begun) / 1000);
    if (isIn) since.set(service, now());
    else since.delete(service);
  }

  function forget(service: ServiceId): void {
    since.delete(service);
    for (const outcome of Object.keys(ends)) transitions.remove({ service, outcome });
    for (const outcome of Object.keys(results)) judgements.remove({ service, outcome });
  }

  function observe(fact: Fact): void {
    switch (fact.kind) {
      case 'transition-ended':
        transitions.inc({ service: fact.service, outcome: fact.ended.outcome });
        break;
      case 'transition-phase-changed':
        timePhase(fact.service, fact.left, fact.phase !== null);
        break;
      case 'judged':
        judgements.inc({ service: fact.service, outcome: fact.judged.outcome });
        break;
      case 'ordered':
        orders.inc({ verb: fact.order.command.verb, outcome: fact.obeyed.outcome });
        break;
      case 'wish-fulfilled':
        wishes.inc({ kind: fact.wish.kind, outcome: 'done' });
        break;
      case 'wish-failed':
        wishes.inc({ kind: fact.wish.kind, outcome: fact.outcome });
        break;
      case 'service-vanished':
        forget(fact.service);
        break;
      default:
    }
  }

  function show(services: readonly ServiceVerdict[]): void {
    for (const each of Object.values(state)) each.reset();
    for (const { service, transition, pools } of services) {
      for (const { app, state: poolState } of pools)
        if (poolState === 'aborted') state.latched.set({ service, app }, 1);
      if (transition === null) continue;
      state.step.set({ service }, transition.step);
      state.steps.set({ service }, transition.steps);
      state.weight.set({ service }, transition.weight / 10_000);
      if (transition.holdEndsAt !== null)
        state.hold.set({ service }, Math.max(0, (transition.holdEndsAt - now()) / 1000));
    }
  }

  return { observe, show };
}
