/** Asks: what the planner wants to know from others before it judges, and their answers. */
import type { PendingRule, PrometheusRule, WebhookRule } from '../declared/rollout.ts';
import type { AppId, ServiceId } from '../model/ids.ts';

/** What stands for `{{app}}` and the like in a query. */
export interface AskedPool {
  readonly app: AppId;
  /** The backend's name on the data plane. */
  readonly backend: string;
  readonly slot: string;
}

/** The same id is asked once; it is said again in each verdict until its answer has been taken note of. */
export interface Ask {
  readonly id: string;
  readonly service: ServiceId;
  readonly judged: AskedPool;
  /** The pool that `againstOld` means: the one with the largest share of those below; null when there is none. */
  readonly old: AskedPool | null;
  readonly prometheus: readonly PrometheusRule[];
  readonly webhook: WebhookRule | null;
  /** An instance that is asked how many operations it has in progress: good is 0. */
  readonly pending?: { readonly host: string; readonly port: number; readonly rule: PendingRule };
  /** What a webhook is told: JSON. */
  readonly told: Readonly<Record<string, string | number | boolean | null>>;
}

/** The outcome of one measurement. `inconclusive`: there is no data. `error`: it could not be measured. */
export type Outcome = 'success' | 'failure' | 'inconclusive' | 'error';

export interface Measurement {
  /** What was measured, for a person: `error rate`, a query, a webhook's address. */
  readonly what: string;
  readonly outcome: Outcome;
  /** What came, and what would have been good. */
  readonly text: string;
  readonly value: number | null;
}

/** To each ask that has been answered, by its id. */
export type Answers = ReadonlyMap<string, readonly Measurement[]>;
