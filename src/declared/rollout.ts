/** How a pool takes over from those below it, and by what it is judged meanwhile, as declared. */

/** A number of endpoints, or a part of the declared instances in percent. */
export type CountOrPercent = { readonly count: number } | { readonly percent: number };

export interface Step {
  /** The share of the new priority in percent, 0 to 100; null: as in the step before. */
  readonly weight: number | null;
  readonly holdMs: number;
  /** Waits for a person. */
  readonly pause: boolean;
  /** Does not end before a judgement has gone well. */
  readonly analysis: boolean;
}

export interface PrometheusRule {
  /** PromQL, in which `{{app}}`, `{{service}}`, `{{backend}}` and `{{slot}}` stand for the judged pool's. */
  readonly query: string;
  /** The least and the greatest good value; with `againstOld` as multiples of the old pool's own value. */
  readonly min: number | null;
  readonly max: number | null;
  readonly againstOld: boolean;
}

export interface WebhookRule {
  readonly url: string;
  /** What follows when it does not answer, or not with 2xx. */
  readonly onError: 'hold' | 'abort';
}

export interface AnalysisRule {
  /** The greatest part of requests that may fail, 0 to 1; null: not judged. */
  readonly maxErrorRate: number | null;
  readonly maxP95Ms: number | null;
  /** With fewer requests than this there is no result. */
  readonly minRequests: number;
  readonly intervalMs: number;
  /** How many bad judgements in a row are borne. */
  readonly failureLimit: number;
  /** How many judgements in a row without a result are borne by a step that asks for one. */
  readonly inconclusiveLimit: number;
  readonly prometheus: readonly PrometheusRule[];
  readonly webhook: WebhookRule | null;
}

/** Requests that reach the pool whatever its weight, once it is ready. */
export interface MatchRule {
  readonly kind: 'header' | 'cookie';
  readonly name: string;
  readonly value: string;
}

/** Where an instance says how many operations it has in progress. */
export interface PendingRule {
  readonly path: string;
  /** The metric or the key of a JSON object that says it; null: the whole answer is the number. */
  readonly name: string | null;
}

export type Retire = 'keep' | 'scale-to-zero' | 'delete';

export interface Rollout {
  readonly steps: readonly Step[];
  readonly strategy: 'switch' | 'rolling';
  /** Null: only by whether endpoints are up. */
  readonly analysis: AnalysisRule | null;
  readonly match: MatchRule | null;
  /** Of the whole service, if any of its pools says so: a client stays on its version while that has a share or drains. */
  readonly affinity: 'none' | 'cookie';
  /** `match`: the new app is scaled with its weight. */
  readonly capacity: 'fixed' | 'match';
  /** Asked of old instances before they are killed, besides HAProxy's count; strategy `rolling` only. Null: nobody is asked. */
  readonly pending: PendingRule | null;
  /** What becomes of the app that this one has replaced. */
  readonly retire: Retire;
  readonly retireAfterMs: number;
}

/** What holds where nothing is declared: all at once, nothing is scaled, nothing goes. */
export const plainRollout: Rollout = {
  steps: [{ weight: 100, holdMs: 0, pause: false, analysis: false }],
  strategy: 'switch',
  analysis: null,
  match: null,
  affinity: 'none',
  capacity: 'fixed',
  pending: null,
  retire: 'keep',
  retireAfterMs: 300_000,
};
