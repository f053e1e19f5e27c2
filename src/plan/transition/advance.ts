/** The transition under way: judged, and taken as far as it may go now. */
import type { ReadyRule } from '../../declared/types.ts';
import { type Millis, millis } from '../../model/ids.ts';
import { earlier } from '../../model/weights.ts';
import type { AssessedPool } from '../assess.ts';
import type { Ask } from '../asks.ts';
import type { Because } from '../because.ts';
import { askOf } from './ask.ts';
import { countersOf, judge, type Judgement } from './judge.ts';
import { leadOf } from './lead.ts';
import * as reason from './reasons.ts';
import { rollOn } from './roll-on.ts';
import { stepOn } from './step-on.ts';
import type { TransitionMemory } from './types.ts';
import type { Advanced, AdvanceInput } from './way.ts';

export function advance(input: AdvanceInput): Advanced {
  const { now, fresh, wishStates } = input;
  const lead = leadOf(fresh);
  if (lead === undefined) throw new Error('a transition without a new pool');
  const grown = Math.max(input.transition.grown, ...fresh.map((each) => each.passed));
  const below = belowKeep(now, { ...input.transition, grown }, fresh);
  if (below.because !== null) return { outcome: 'aborted', because: below.because };
  // Of the old ones, by steps, nothing is wanted that the new version needs.
  for (const each of input.transition.strategy === 'rolling' ? [...fresh, ...input.old] : fresh) {
    const state = wishStates.get(each.pool.app);
    if (state?.outcome === 'refused') {
      return {
        outcome: 'aborted',
        because: reason.capacityRefused(each.pool.app, state.problem ?? 'refused'),
      };
    }
  }
  const transition: TransitionMemory = { ...input.transition, grown, belowSince: below.since };
  const judged = judgeNew(input, transition, lead);
  if (judged !== null && judged.condemnedBy !== null) {
    const because = reason.analysisFailed(fresh, judged.memory.failures, judged.condemnedBy);
    return { outcome: 'aborted', because, judged: judged.memory.last };
  }
  const next = judged === null ? transition : { ...transition, judgement: judged.memory };
  const moved = transition.strategy === 'rolling' ? rollOn(input, next, lead) : stepOn(input, next, lead);
  if (moved.outcome !== 'under-way') return { ...moved, judged: next.judgement.last };
  const asks = [...moved.asks, ...(judged?.asks === true ? askFor(input, next, lead) : [])];
  const wakeAt = [judged?.dueAt ?? null, below.endsAt, moved.wakeAt].reduce(earlier, null);
  const view = { ...moved.view, because: below.warning ?? moved.view.because };
  const { stepSince, judgement } = moved.transition;
  // What is judged begins to be counted with the next look, which is not to be long in coming.
  const begins = lead.pool.rollout.analysis !== null && stepSince !== null && judgement.window === null;
  return { ...moved, view, asks, wakeAt, watching: moved.watching || asks.length > 0 || begins };
}

interface Below {
  readonly since: Millis | null;
  /** Why it is sent back. */
  readonly because: Because | null;
  /** Why it will be, if nothing changes. */
  readonly warning: Because | null;
  readonly endsAt: Millis | null;
}

/** Fewer endpoints than are to be kept, for longer than is borne. What is still to be scaled up is not missing. */
function belowKeep(now: Millis, transition: TransitionMemory, fresh: readonly AssessedPool[]): Below {
  for (const each of fresh) {
    const { ready } = each.pool;
    const kept = keptOf(ready, Math.min(each.app.instances, Math.max(1, transition.grown)));
    if (each.up >= kept) continue;
    const since = transition.belowSince ?? now;
    const endsAt = millis(since + ready.graceMs);
    return now < endsAt
      ? { since, because: null, warning: reason.fallsBelowKeep(each, kept, endsAt - now), endsAt }
      : { since, because: reason.fellBelowKeep(each, kept, ready.graceMs), warning: null, endsAt: null };
  }
  return { since: null, because: null, warning: null, endsAt: null };
}

function keptOf({ keep }: ReadyRule, instances: number): number {
  return 'count' in keep ? Math.min(keep.count, instances) : Math.ceil((instances * keep.percent) / 100);
}

/** Judged is what has traffic that the data plane was seen to send it. */
function judgeNew(input: AdvanceInput, transition: TransitionMemory, lead: AssessedPool): Judgement | null {
  const { analysis } = lead.pool.rollout;
  if (analysis === null || transition.stepSince === null) return null;
  const apps = new Set(input.fresh.map((each) => each.pool.app));
  const slots = input.slots.filter((slot) => slot.app !== null && apps.has(slot.app));
  return judge({
    now: input.now,
    rule: analysis,
    memory: transition.judgement,
    counters: countersOf(input.now, slots),
    answers: input.answers.get(askFor(input, transition, lead)[0]?.id ?? '') ?? null,
  });
}

function askFor(
  { service, old, slots }: AdvanceInput,
  { startedAt, judgement, step }: TransitionMemory,
  lead: AssessedPool,
): readonly Ask[] {
  const rule = lead.pool.rollout.analysis;
  if (rule === null) return [];
  const occasion = `${startedAt} ${judgement.made}`;
  const told = { startedAt, step: step + 1, weight: lead.weight / 100 };
  return [askOf({ service, occasion, judged: lead, old, slots, rule, told })];
}
