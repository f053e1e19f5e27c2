/** One turn of a transition: what it rests on, and what may come of it. */
import type { Millis, ServiceId, TaskId } from '../../model/ids.ts';
import type { BasisPoints } from '../../model/weights.ts';
import type { AssessedPool } from '../assess.ts';
import type { Answers, Ask } from '../asks.ts';
import type { Because } from '../because.ts';
import type { ObservedSlot } from '../observed.ts';
import type { Wish, WishState } from '../wishes.ts';
import * as reason from './reasons.ts';
import type { At } from './reasons.ts';
import type { PlannedStep } from './steps.ts';
import type { Held, Judged, TransitionMemory, TransitionPhase, TransitionView } from './types.ts';

export interface AdvanceInput {
  readonly service: ServiceId;
  readonly now: Millis;
  readonly transition: TransitionMemory;
  /** The pools of its priority that are not held back. */
  readonly fresh: readonly AssessedPool[];
  /** Those to fall back to. */
  readonly old: readonly AssessedPool[];
  readonly slots: readonly ObservedSlot[];
  readonly answers: Answers;
  readonly wishStates: ReadonlyMap<string, WishState>;
  /** Whether the data plane runs these weights of the new pools. */
  readonly isConfirmed: (weight: BasisPoints) => boolean;
  /** Nothing moves on while somebody has set the weights. */
  readonly manual: Held | null;
}

export type Advanced =
  | { readonly outcome: 'aborted'; readonly because: Because; readonly judged?: Judged | null }
  | { readonly outcome: 'complete'; readonly judged?: Judged | null }
  | {
      readonly outcome: 'under-way';
      readonly transition: TransitionMemory;
      readonly weight: BasisPoints;
      readonly view: TransitionView;
      readonly wishes: readonly Wish[];
      readonly asks: readonly Ask[];
      readonly rotations: ReadonlyMap<TaskId, 'hold' | 'close'>;
      readonly wakeAt: Millis | null;
      readonly watching: boolean;
    };

export type UnderWay = Extract<Advanced, { outcome: 'under-way' }>;

export interface Situation {
  readonly phase: TransitionPhase;
  readonly because: Because;
  readonly wakeAt: Millis | null;
}

/** The step that comes next is judged, and held, by itself. */
export function nextStep(transition: TransitionMemory, step: number): TransitionMemory {
  const judgement = { ...transition.judgement, succeeded: false, inStep: 0, window: null };
  return { ...transition, step, stepSince: null, growingSince: null, judgement };
}

/** Where it is, as people count: from 1. */
export function at(transition: TransitionMemory, steps: readonly PlannedStep[], weight: BasisPoints): At {
  return { step: Math.min(transition.step + 1, steps.length), steps: steps.length, weight };
}

/** Null while nobody holds it up. */
export function heldUpBy({ paused }: TransitionMemory, manual: Held | null, here: At): Situation | null {
  if (paused !== null) return { phase: 'paused', because: reason.paused(here, paused), wakeAt: null };
  return manual === null ? null : { phase: 'paused', because: reason.manualWeight(manual), wakeAt: null };
}

export function underWay(
  input: AdvanceInput,
  transition: TransitionMemory,
  steps: readonly PlannedStep[],
  situation: Situation & { readonly weight: BasisPoints; readonly wishes: readonly Wish[] },
): UnderWay {
  const { weight, phase, because, wishes, wakeAt } = situation;
  const { step } = at(transition, steps, weight);
  return {
    outcome: 'under-way',
    transition,
    weight,
    view: {
      phase,
      strategy: transition.strategy,
      startedAt: transition.startedAt,
      to: input.fresh.map((each) => each.pool.app),
      from: transition.stable.map((each) => each.app),
      step,
      steps: steps.length,
      weight,
      holdEndsAt: phase === 'holding' ? wakeAt : null,
      paused: transition.paused ?? input.manual,
      judgement: transition.judgement,
      because,
    },
    wishes,
    asks: [],
    rotations: new Map(),
    wakeAt,
    watching: phase === 'shifting' || phase === 'growing',
  };
}
