/** What an `ab_config` entry says about how its pool takes over, with the defaults of what it leaves out. */
import type { Entry } from './ab-config-schema.ts';
import { type AnalysisRule, type MatchRule, plainRollout, type Rollout } from './rollout.ts';

export function rolloutOf(entry: Entry): Rollout {
  return {
    steps:
      entry.steps?.map(({ weight, hold, pause, analysis }) => ({
        weight: weight ?? null,
        holdMs: hold ?? 0,
        pause: pause ?? false,
        analysis: analysis ?? false,
      })) ?? plainRollout.steps,
    strategy: entry.strategy ?? plainRollout.strategy,
    analysis: entry.analysis === undefined ? null : analysisOf(entry.analysis),
    match: entry.match === undefined ? null : matchOf(entry.match),
    affinity: entry.affinity ?? plainRollout.affinity,
    capacity: entry.capacity ?? plainRollout.capacity,
    pending:
      entry.pending === undefined ? null : { path: entry.pending.path, name: entry.pending.name ?? null },
    retire: entry.retire ?? plainRollout.retire,
    retireAfterMs: entry.retireAfter ?? plainRollout.retireAfterMs,
  };
}

function analysisOf(said: NonNullable<Entry['analysis']>): AnalysisRule {
  return {
    maxErrorRate: said.maxErrorRate ?? null,
    maxP95Ms: said.maxP95Ms ?? null,
    minRequests: said.minRequests ?? 50,
    intervalMs: said.interval ?? 10_000,
    failureLimit: said.failureLimit ?? 2,
    inconclusiveLimit: said.inconclusiveLimit ?? 0,
    prometheus:
      said.prometheus?.map(({ query, min, max, against }) => ({
        query,
        min: min ?? null,
        max: max ?? null,
        againstOld: against === 'old',
      })) ?? [],
    webhook:
      said.webhook === undefined ? null : { url: said.webhook.url, onError: said.webhook.onError ?? 'hold' },
  };
}

function matchOf({ header, cookie }: NonNullable<Entry['match']>): MatchRule | null {
  if (header !== undefined) return { kind: 'header', name: header[0], value: header[1] };
  return cookie === undefined ? null : { kind: 'cookie', name: cookie[0], value: cookie[1] };
}
