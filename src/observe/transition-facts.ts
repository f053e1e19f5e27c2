/** Facts about transitions: how they go, what people order, and what Marathon is asked for. */
import type { AppId, Millis, ServiceId } from '../model/ids.ts';
import type { BasisPoints } from '../model/weights.ts';
import type { Because } from '../plan/because.ts';
import type { Obeyed, Order } from '../plan/command.ts';
import type { Ended, Judged, Manual, TransitionPhase } from '../plan/transition/types.ts';
import type { Wish } from '../plan/wishes.ts';

export type TransitionFact =
  | {
      readonly kind: 'transition-started';
      readonly service: ServiceId;
      readonly startedAt: Millis;
      readonly to: readonly AppId[];
      readonly from: readonly AppId[];
      readonly steps: number;
      /** The share of the new pools in the first step. */
      readonly weight: BasisPoints;
      readonly because: Because;
    }
  | {
      readonly kind: 'transition-stepped';
      readonly service: ServiceId;
      /** From 1. */
      readonly step: number;
      readonly steps: number;
      readonly weight: BasisPoints;
      readonly because: Because;
    }
  /** What it does within its step; `left` is what it did until now. Null before it began and after it ended. */
  | {
      readonly kind: 'transition-phase-changed';
      readonly service: ServiceId;
      readonly left: TransitionPhase | null;
      readonly phase: TransitionPhase | null;
    }
  /** `by` is null where the step itself declares the pause. */
  | {
      readonly kind: 'transition-paused';
      readonly service: ServiceId;
      readonly by: string | null;
      readonly why: string | null;
      readonly because: Because;
    }
  | { readonly kind: 'transition-resumed'; readonly service: ServiceId; readonly because: Because }
  | { readonly kind: 'transition-ended'; readonly service: ServiceId; readonly ended: Ended }
  | {
      readonly kind: 'judged';
      readonly service: ServiceId;
      readonly apps: readonly AppId[];
      readonly judged: Judged;
    }
  /** It takes nothing until its configuration changes, or somebody retries. */
  | {
      readonly kind: 'latched';
      readonly service: ServiceId;
      readonly app: AppId;
      readonly because: Because;
    }
  | { readonly kind: 'unlatched'; readonly service: ServiceId; readonly app: AppId }
  /** Somebody has set weights by hand. */
  | { readonly kind: 'manual-set'; readonly service: ServiceId; readonly manual: Manual }
  | { readonly kind: 'manual-released'; readonly service: ServiceId }
  | { readonly kind: 'ordered'; readonly order: Order; readonly obeyed: Obeyed }
  | { readonly kind: 'wish-fulfilled'; readonly service: ServiceId; readonly wish: Wish }
  /** `failed` is tried again. */
  | {
      readonly kind: 'wish-failed';
      readonly service: ServiceId;
      readonly wish: Wish;
      readonly outcome: 'failed' | 'refused';
      readonly problem: string;
    };
