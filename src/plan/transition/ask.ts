/** What others are asked about a new version before it is judged. */
import { backendsName } from '../../model/ids.ts';
import type { ServiceId } from '../../model/ids.ts';
import type { AnalysisRule } from '../../declared/rollout.ts';
import type { AssessedPool } from '../assess.ts';
import type { Ask, AskedPool } from '../asks.ts';
import type { ObservedSlot } from '../observed.ts';

export interface Asked {
  readonly service: ServiceId;
  /** Tells this judgement from all others about the app. */
  readonly occasion: string;
  readonly judged: AssessedPool;
  readonly old: readonly AssessedPool[];
  readonly slots: readonly ObservedSlot[];
  readonly rule: AnalysisRule;
  readonly told: Ask['told'];
}

export function askOf({ service, occasion, judged, old, slots, rule, told }: Asked): Ask {
  const below = old.toSorted((a, b) => b.weight - a.weight)[0];
  return {
    id: `${service} ${judged.pool.app} ${occasion}`,
    service,
    judged: askedPool(service, judged, slots),
    old: below === undefined ? null : askedPool(service, below, slots),
    prometheus: rule.prometheus,
    webhook: rule.webhook,
    told: { service, app: judged.pool.app, ...told },
  };
}

function askedPool(service: ServiceId, { pool }: AssessedPool, slots: readonly ObservedSlot[]): AskedPool {
  const slot = slots.find((each) => each.app === pool.app)?.slot ?? '';
  return { app: pool.app, backend: `${backendsName(service)}:${slot}`, slot };
}
