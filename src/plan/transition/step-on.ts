/** By steps: each lasts as long as it declares, and ends when nothing is missing. */
import { type Millis, millis } from '../../model/ids.ts';
import { type BasisPoints, whole } from '../../model/weights.ts';
import type { AssessedPool } from '../assess.ts';
import { growthFor } from './grow.ts';
import * as reason from './reasons.ts';
import { isPassedAtOnce, type PlannedStep, stepsOf } from './steps.ts';
import type { Held, JudgementMemory, TransitionMemory } from './types.ts';
import { type Advanced, type AdvanceInput, at, heldUpBy, nextStep, type Situation, underWay } from './way.ts';

/** Where somebody has promoted it to: past the last step. */
const end: PlannedStep = { weight: whole, holdMs: 0, pause: false, analysis: false };

export function stepOn(input: AdvanceInput, begun: TransitionMemory, lead: AssessedPool): Advanced {
  const { now, fresh, manual } = input;
  const steps = stepsOf(lead.pool.rollout);
  let transition = begun;
  for (;;) {
    const step = steps[transition.step] ?? end;
    const { missing, wishes } = growthFor(transition, fresh, step.weight);
    const isHeld = transition.paused !== null || manual !== null;
    // What came up while somebody held it up takes no share before they let go.
    if (isHeld && transition.stepSince === null && (missing !== null || transition.growingSince !== null)) {
      const weight = weightBefore(transition, fresh, steps);
      // It has its time to come up once more then.
      const waiting = { ...transition, growingSince: now };
      const situation = phaseOf(now, waiting, { ...step, weight }, steps, manual);
      return underWay(input, waiting, steps, { weight, wishes: [], ...situation });
    }
    // Once the share is theirs, it is theirs to keep: how many must stay up is said by `ready.keep`.
    if (missing !== null && transition.stepSince === null) {
      const since = transition.growingSince ?? now;
      const { withinMs } = missing.each.pool.ready;
      const endsAt = withinMs === null ? null : millis(since + withinMs);
      if (endsAt !== null && now >= endsAt) {
        return {
          outcome: 'aborted',
          because: reason.capacityLate(missing.each, missing.wanted, withinMs ?? 0),
        };
      }
      const weight = weightBefore(transition, fresh, steps);
      const because = reason.growing(at(transition, steps, weight), missing.each.up, missing.wanted);
      transition = { ...transition, growingSince: since, stepSince: null };
      return underWay(input, transition, steps, {
        weight,
        phase: 'growing',
        because,
        wishes,
        wakeAt: endsAt,
      });
    }
    if (step === end) return { outcome: 'complete' };
    if (transition.growingSince !== null) transition = { ...transition, growingSince: null };
    const isConfirmed = input.isConfirmed(step.weight);
    if (transition.stepSince === null && isConfirmed) transition = { ...transition, stepSince: now };
    const isLast = transition.step === steps.length - 1;
    if (manual !== null || !isDone(now, transition, step, isConfirmed, isLast, lead)) {
      return underWay(input, transition, steps, {
        weight: step.weight,
        wishes,
        ...phaseOf(now, transition, step, steps, manual),
      });
    }
    transition = nextStep(transition, transition.step + 1);
  }
}

/** The share that they keep until what the next one needs is there. */
function weightBefore(
  { step }: TransitionMemory,
  fresh: readonly AssessedPool[],
  steps: readonly PlannedStep[],
): BasisPoints {
  const carried = fresh.reduce((sum, each) => sum + each.weight, 0);
  // Somebody may have promoted it past a step whose instances never came.
  return Math.min(carried, steps[step - 1]?.weight ?? 0);
}

/**
 * A step with nothing to wait for is passed without being seen to run, unless it is the last. None ends while too few
 * are up: what nobody serves is not seen to be good.
 */
function isDone(
  now: Millis,
  { stepSince, paused, belowSince, judgement }: TransitionMemory,
  step: PlannedStep,
  isConfirmed: boolean,
  isLast: boolean,
  lead: AssessedPool,
): boolean {
  if (paused !== null || step.pause || belowSince !== null) return false;
  if (isPassedAtOnce(step) && !isLast) return true;
  if (stepSince === null || !isConfirmed || now < stepSince + step.holdMs) return false;
  const { analysis } = lead.pool.rollout;
  if (analysis === null || isPassedAtOnce(step)) return true;
  return mayPass(judgement, step.analysis ? analysis.inconclusiveLimit : Number.POSITIVE_INFINITY);
}

/**
 * The last judgement of the step was good, or had no result, and that not oftener in a row than is borne. No result is
 * no excuse for a failure before it.
 */
function mayPass(
  { inStep, last, failures, inconclusive }: JudgementMemory,
  inconclusiveLimit: number,
): boolean {
  if (inStep === 0 || last === null || failures > 0) return false;
  return last.outcome === 'success' || (last.outcome === 'inconclusive' && inconclusive <= inconclusiveLimit);
}

function phaseOf(
  now: Millis,
  transition: TransitionMemory,
  step: PlannedStep,
  steps: readonly PlannedStep[],
  manual: Held | null,
): Situation {
  const here = at(transition, steps, step.weight);
  const held = heldUpBy(transition, manual, here);
  if (held !== null) return held;
  if (transition.stepSince === null)
    return { phase: 'shifting', because: reason.shifting(here), wakeAt: null };
  const endsAt = millis(transition.stepSince + step.holdMs);
  if (now < endsAt) {
    return { phase: 'holding', because: reason.holding(here, endsAt - now), wakeAt: endsAt };
  }
  if (step.pause) return { phase: 'paused', because: reason.pauseStep(here), wakeAt: null };
  const last = transition.judgement.last;
  const said =
    last === null || transition.judgement.inStep === 0 ? null : (last.measurements[0]?.text ?? null);
  return { phase: 'judging', because: reason.judging(here, said), wakeAt: null };
}
