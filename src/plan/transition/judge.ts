/** Judgement: what the counters and the answers of others say about a new version. The old one's never count. */
import type { AnalysisRule } from '../../declared/rollout.ts';
import { latencyBoundsMs, quantileMs } from '../../model/latency.ts';
import { type Millis, millis } from '../../model/ids.ts';
import type { Measurement, Outcome } from '../asks.ts';
import type { ObservedSlot } from '../observed.ts';
import type { JudgementMemory, Window } from './types.ts';

export const unjudged: JudgementMemory = {
  window: null,
  made: 0,
  failures: 0,
  inconclusive: 0,
  errors: 0,
  succeeded: false,
  inStep: 0,
  last: null,
};

/** The counters of these slots together, as of now. */
export function countersOf(now: Millis, slots: readonly ObservedSlot[]): Window {
  return {
    since: now,
    requests: slots.reduce((sum, slot) => sum + slot.requests, 0),
    errors: slots.reduce((sum, slot) => sum + slot.errors, 0),
    durations: slots.reduce<readonly number[]>(
      (sum, slot) => slot.durations.map((count, index) => count + (sum[index] ?? 0)),
      [],
    ),
  };
}

export interface JudgeInput {
  readonly now: Millis;
  readonly rule: AnalysisRule;
  readonly memory: JudgementMemory;
  readonly counters: Window;
  /** What others said; null while they have not; none are asked when the rule names none. */
  readonly answers: readonly Measurement[] | null;
}

export interface Judgement {
  readonly memory: JudgementMemory;
  /** Whether only the answers of others are missing. */
  readonly asks: boolean;
  /** When there is something to judge again; null while others are awaited, who say so when they have answered. */
  readonly dueAt: Millis | null;
  /** The measurement that condemns it; null while it is borne. */
  readonly condemnedBy: Measurement | null;
}

/**
 * Judges once in each interval. A window with too few requests goes on until it has enough, so that little traffic is
 * judged late and not never. Counters that have become smaller (the data plane was replaced) begin a new window.
 */
export function judge({ now, rule, memory, counters, answers }: JudgeInput): Judgement {
  const window = memory.window === null || hasRestarted(memory.window, counters) ? counters : memory.window;
  const begun = { ...memory, window };
  const dueAt = millis(Math.max(window.since, memory.last?.at ?? 0) + rule.intervalMs);
  if (now < dueAt) return { memory: begun, asks: false, dueAt, condemnedBy: null };
  if (asksOthers(rule) && answers === null)
    return { memory: begun, asks: true, dueAt: null, condemnedBy: null };
  const own = measure(rule, window, counters);
  const measurements = [...own, ...(answers ?? [])];
  const outcome = worst(measurements);
  const isTooLittle = own.some((each) => each.outcome === 'inconclusive');
  const next: JudgementMemory = {
    window: isTooLittle ? window : counters,
    made: memory.made + 1,
    failures: outcome === 'failure' ? memory.failures + 1 : outcome === 'success' ? 0 : memory.failures,
    inconclusive: outcome === 'inconclusive' ? memory.inconclusive + 1 : 0,
    errors: outcome === 'error' ? memory.errors + 1 : 0,
    succeeded: memory.succeeded || outcome === 'success',
    inStep: memory.inStep + 1,
    last: { at: now, outcome, measurements },
  };
  const condemned = outcome === 'failure' && next.failures > rule.failureLimit;
  return {
    memory: next,
    asks: false,
    dueAt: millis(now + rule.intervalMs),
    condemnedBy: condemned ? (measurements.find((each) => each.outcome === 'failure') ?? null) : null,
  };
}

export function asksOthers(rule: AnalysisRule): boolean {
  return rule.prometheus.length > 0 || rule.webhook !== null;
}

function hasRestarted(window: Window, counters: Window): boolean {
  return (
    counters.requests < window.requests ||
    counters.errors < window.errors ||
    counters.durations.some((count, index) => count < (window.durations[index] ?? 0))
  );
}

/** Failure counts most: what is known to be bad is bad, whatever could not be found out besides. */
function worst(measurements: readonly Measurement[]): Outcome {
  for (const outcome of ['failure', 'error', 'inconclusive'] as const) {
    if (measurements.some((each) => each.outcome === outcome)) return outcome;
  }
  return 'success';
}

function measure(rule: AnalysisRule, window: Window, counters: Window): readonly Measurement[] {
  const requests = counters.requests - window.requests;
  const found: Measurement[] = [];
  if (rule.maxErrorRate !== null) {
    const errors = counters.errors - window.errors;
    found.push(
      judged('error rate', requests, rule.minRequests, () => {
        const rate = requests === 0 ? 0 : Math.min(1, errors / requests);
        return {
          value: rate,
          max: rule.maxErrorRate ?? 1,
          words: `${errors} of ${requests} requests failed`,
          unit: '',
        };
      }),
    );
  }
  if (rule.maxP95Ms !== null) {
    const durations = counters.durations.map((count, index) => count - (window.durations[index] ?? 0));
    const timed = durations.reduce((a, b) => a + b, 0);
    found.push(
      judged('latency', timed, rule.minRequests, () => {
        const value = quantileMs(durations, 0.95) ?? 0;
        const beyond = latencyBoundsMs.at(-1) ?? 0;
        const words = Number.isFinite(value) ? `95 % took at most ${value} ms` : `5 % took over ${beyond} ms`;
        return { value: Math.min(value, beyond + 1), max: rule.maxP95Ms ?? 0, words, unit: ' ms' };
      }),
    );
  }
  return found;
}

interface Found {
  readonly value: number;
  readonly max: number;
  readonly words: string;
  readonly unit: string;
}

function judged(what: string, requests: number, least: number, find: () => Found): Measurement {
  if (requests < Math.max(1, least)) {
    const text = `${requests} requests, of ${Math.max(1, least)} that a judgement needs`;
    return { what, outcome: 'inconclusive', text, value: null };
  }
  const { value, max, words, unit } = find();
  const isGood = value <= max;
  return {
    what,
    outcome: isGood ? 'success' : 'failure',
    text: `${words}; up to ${max}${unit} ${isGood ? 'is' : 'would be'} good`,
    value,
  };
}
