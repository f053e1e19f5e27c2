/** Pools that share their priority with others, each judged by what it declares itself, for as long as it shares. */
import type { Millis, ServiceId } from '../../model/ids.ts';
import { earlier } from '../../model/weights.ts';
import type { AssessedPool } from '../assess.ts';
import type { Answers, Ask } from '../asks.ts';
import { choose } from '../choose.ts';
import type { ObservedSlot } from '../observed.ts';
import { askOf } from './ask.ts';
import type { CourseMemory } from './course.ts';
import { countersOf, judge, unjudged } from './judge.ts';
import { latched } from './latches.ts';
import * as reason from './reasons.ts';
import type { Guard } from './types.ts';

export interface GuardInput {
  readonly now: Millis;
  readonly service: ServiceId;
  readonly pools: readonly AssessedPool[];
  readonly slots: readonly ObservedSlot[];
  readonly answers: Answers;
  readonly memory: CourseMemory;
}

export interface Guarded {
  /** With those latched that were judged bad. */
  readonly memory: CourseMemory;
  readonly asks: readonly Ask[];
  readonly wakeAt: Millis | null;
}

/** Who carries everything is not judged: there is nobody to leave the traffic to. */
export function guarded({ now, service, pools, slots, answers, memory: before }: GuardInput): Guarded {
  let memory: CourseMemory = { ...before, guards: [] };
  const guards: Guard[] = [];
  const asks: Ask[] = [];
  let wakeAt: Millis | null = null;
  for (const each of pools) {
    const rule = each.pool.rollout.analysis;
    if (rule === null || each.weight === 0) continue;
    const { weights } = choose(pools, new Set(memory.latches.map((latch) => latch.app)));
    if (weights.size < 2 || !weights.has(each.pool.app)) continue;
    const { app, lastConfigChangeAt: configuredAt } = { ...each.app, app: each.pool.app };
    const known = before.guards.find((guard) => guard.app === app && guard.configuredAt === configuredAt);
    const judgement = known?.judgement ?? unjudged;
    const others = pools.filter((other) => other !== each && weights.has(other.pool.app));
    const occasion = `${configuredAt} ${judgement.made}`;
    const told = { startedAt: null, step: null, weight: each.weight / 100 };
    const ask = askOf({ service, occasion, judged: each, old: others, slots, rule, told });
    const counters = countersOf(
      now,
      slots.filter((slot) => slot.app === app),
    );
    const judged = judge({ now, rule, memory: judgement, counters, answers: answers.get(ask.id) ?? null });
    if (judged.condemnedBy !== null) {
      const because = reason.analysisFailed([each], judged.memory.failures, judged.condemnedBy);
      memory = {
        ...memory,
        latches: latched(now, memory.latches, [each], because),
        last: {
          outcome: 'aborted',
          to: [app],
          startedAt: judgement.window?.since ?? now,
          endedAt: now,
          because,
          judged: judged.memory.last,
        },
      };
      continue;
    }
    guards.push({ app, configuredAt, judgement: judged.memory });
    if (judged.asks) asks.push(ask);
    wakeAt = earlier(wakeAt, judged.dueAt);
  }
  return { memory: { ...memory, guards }, asks, wakeAt };
}
