/** Measures what others know: asks Prometheus and webhooks what the planner wants to know before it judges. */
import { Agent } from 'undici';
import { show } from '../declared/show.ts';
import type { PrometheusRule } from '../declared/rollout.ts';
import type { Ask, Measurement } from '../plan/asks.ts';
import type { Asker } from './exchange.ts';
import { measurePending } from './pending.ts';
import { measureQuery, type Prometheus } from './prometheus.ts';
import { measureWebhook } from './webhook.ts';

export interface Measurer {
  /**
   * The outcome of each query and of the webhook, in this order. Never throws: what goes wrong is the outcome `error`,
   * with what was asked and what came in its text.
   */
  measure(ask: Ask, signal: AbortSignal): Promise<readonly Measurement[]>;
  close(): Promise<void>;
}

export interface MeasurerOptions {
  /** Where Prometheus is; a path in front of its API and user:password may stand in it. Null: there is none. */
  readonly prometheus: string | null;
  /** Bound on each request, ms: connecting, waiting and reading together. */
  readonly timeoutMs?: number;
}

/** How many connections to one address there are at a time. */
const connections = 8;

export function createMeasurer({ prometheus, timeoutMs = 10_000 }: MeasurerOptions): Measurer {
  // Each request has a connection of its own: one that the other side has just closed would look like a failure.
  const agent = new Agent({ connections, pipelining: 0 });

  async function safely(what: string, measuring: Promise<Measurement>): Promise<Measurement> {
    try {
      return await measuring;
    } catch (error) {
      const text = `${what} could not be measured: ${error instanceof Error ? error.message : String(error)}`;
      return { what, outcome: 'error', text, value: null };
    }
  }

  return {
    measure(ask, signal) {
      const asker: Asker = { agent, timeoutMs, signal };
      const at: Prometheus | null =
        prometheus === null ? null : { url: prometheus, timeSec: Date.now() / 1000 };
      const query = (rule: PrometheusRule): Promise<Measurement> =>
        safely(show(rule.query), measureQuery(asker, at, ask, rule));
      const queries = ask.prometheus.map(query);
      const { webhook } = ask;
      const hook = webhook === null ? [] : [safely('webhook', measureWebhook(asker, webhook, ask.told))];
      const { pending } = ask;
      const task =
        pending === undefined ? [] : [safely('pending operations', measurePending(asker, pending))];
      return Promise.all([...queries, ...hook, ...task]);
    },
    close: () => agent.destroy(),
  };
}
