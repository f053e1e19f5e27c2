/** Instance by instance: each round is judged like a step. */
import { millis } from '../../model/ids.ts';
import { whole } from '../../model/weights.ts';
import type { AssessedPool } from '../assess.ts';
import * as reason from './reasons.ts';
import { goneOf, roll, type Roll } from './roll.ts';
import type { PlannedStep } from './steps.ts';
import type { Held, TransitionMemory } from './types.ts';
import { type Advanced, type AdvanceInput, at, heldUpBy, nextStep, type Situation, underWay } from './way.ts';

export function rollOn(input: AdvanceInput, before: TransitionMemory, lead: AssessedPool): Advanced {
  const { now, service, fresh, old, answers, manual } = input;
  const { analysis } = lead.pool.rollout;
  const gone = goneOf(before, old);
  const begun = gone === before.step ? before : nextStep(before, gone);
  const isJudged = analysis === null || begun.step === 0 || begun.judgement.succeeded;
  const isHeld = begun.paused !== null || begun.belowSince !== null || manual !== null;
  const mayGoOn = !isHeld && isJudged;
  const rolled = roll({ now, service, transition: begun, fresh, lead, old, answers, mayGoOn });
  const isConfirmed = input.isConfirmed(rolled.weight);
  if (rolled.isDone && mayGoOn && isConfirmed) return { outcome: 'complete' };
  let transition: TransitionMemory = { ...begun, leaving: rolled.leaving };
  if (transition.stepSince === null && isConfirmed) transition = { ...transition, stepSince: now };
  const { withinMs } = lead.pool.ready;
  const growingSince = rolled.growing === null || !mayGoOn ? null : (begun.growingSince ?? now);
  const endsAt = growingSince === null || withinMs === null ? null : millis(growingSince + withinMs);
  if (rolled.growing !== null && endsAt !== null && now >= endsAt) {
    const because = reason.capacityLate(rolled.growing.each, rolled.growing.wanted, withinMs ?? 0);
    return { outcome: 'aborted', because };
  }
  transition = { ...transition, growingSince };
  const steps = Array.from({ length: rolled.total }, (_, index) => ({
    weight: Math.round((whole * (index + 1)) / rolled.total),
    holdMs: 0,
    pause: false,
    analysis: false,
  }));
  const situation = rollPhase(transition, rolled, steps, isJudged, manual);
  return {
    ...underWay(input, transition, steps, { weight: rolled.weight, wishes: rolled.wishes, ...situation }),
    rotations: rolled.rotations,
    asks: rolled.asks,
    watching: true,
  };
}

function rollPhase(
  transition: TransitionMemory,
  rolled: Roll,
  steps: readonly PlannedStep[],
  isJudged: boolean,
  manual: Held | null,
): Situation {
  const here = at(transition, steps, rolled.weight);
  const { wakeAt } = rolled;
  if (rolled.leaving.length > 0) {
    return {
      phase: 'leaving',
      because: reason.leaving(here, rolled.leaving.length, rolled.sessions),
      wakeAt,
    };
  }
  const held = heldUpBy(transition, manual, here);
  if (held !== null) return { ...held, wakeAt };
  if (!isJudged) {
    return { phase: 'judging', because: reason.judging(here, null), wakeAt };
  }
  if (rolled.growing !== null) {
    const { each, wanted } = rolled.growing;
    return { phase: 'growing', because: reason.growing(here, each.passed, wanted), wakeAt };
  }
  return { phase: 'shifting', because: reason.shifting(here), wakeAt };
}
