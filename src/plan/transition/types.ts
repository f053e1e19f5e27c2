/** Transitions: what is remembered of the one under way, what people see of it, and how it ended. */
import type { Rollout } from '../../declared/rollout.ts';
import type { AppId, Millis, TaskId } from '../../model/ids.ts';
import type { BasisPoints } from '../../model/weights.ts';
import type { Measurement, Outcome } from '../asks.ts';
import type { Because } from '../because.ts';

/** An app as it was configured then: what is decided about it holds no longer when that has changed. */
export interface Versioned {
  readonly app: AppId;
  /** `lastConfigChangeAt`. */
  readonly configuredAt: string;
}

export interface Sized {
  readonly app: AppId;
  readonly count: number;
}

/** Counters of the judged pools when the window that is judged next began. */
export interface Window {
  readonly since: Millis;
  readonly requests: number;
  readonly errors: number;
  readonly durations: readonly number[];
}

export interface JudgementMemory {
  readonly window: Window | null;
  /** How many have been made; with the transition's start and the step it names the next ask. */
  readonly made: number;
  /** In a row, of the last outcome. */
  readonly failures: number;
  readonly inconclusive: number;
  readonly errors: number;
  /** Whether one has gone well since the step began. */
  readonly succeeded: boolean;
  /** Since the step began, whatever came of them. */
  readonly inStep: number;
  readonly last: Judged | null;
}

export interface Judged {
  readonly at: Millis;
  readonly outcome: Outcome;
  readonly measurements: readonly Measurement[];
}

/** Who held something up, when, and why. */
export interface Held {
  readonly since: Millis;
  readonly by: string;
  readonly why: string | null;
}

export interface Leaving {
  readonly task: TaskId;
  readonly since: Millis;
  /** How often it has been asked for its pending operations, and when it last answered that it has some. */
  readonly asked: number;
  readonly busyAt: Millis | null;
}

export interface TransitionMemory {
  readonly startedAt: Millis;
  readonly priority: number;
  readonly strategy: Rollout['strategy'];
  /** The new pools. */
  readonly to: readonly Versioned[];
  /** Whom to fall back to, with the shares that they had when everything was complete. */
  readonly stable: readonly { readonly app: AppId; readonly weight: BasisPoints }[];
  /** The shares of those that carried the traffic when it began, if they were not the stable ones alone. */
  readonly from: readonly { readonly app: AppId; readonly weight: BasisPoints }[] | null;
  /** The declared instances of the new and the old apps when it began; what is scaled away comes back after an abort. */
  readonly instances: readonly Sized[];
  /** The greatest number of new endpoints that have been up. */
  readonly grown: number;
  /** Index into the steps. */
  readonly step: number;
  /** Since when the data plane has run this step's weights; null until it does. Moved on by the length of each pause. */
  readonly stepSince: Millis | null;
  /** A person's pause. */
  readonly paused: Held | null;
  /** Since when fewer than `ready.keep` are up. */
  readonly belowSince: Millis | null;
  readonly judgement: JudgementMemory;
  /** Strategy `rolling`: the old tasks that are finishing what they have, since when. */
  readonly leaving: readonly Leaving[];
  /** Since when more instances have been wished for that are not up; null while none are. */
  readonly growingSince: Millis | null;
}

/** A pool that takes nothing until its configuration changes, or somebody retries. */
export interface Latch extends Versioned {
  readonly at: Millis;
  readonly because: Because;
  /** The apps whose transition superseded this one's: it is free again when none of them is there any more. */
  readonly by: readonly AppId[] | null;
}

/** Weights that a person has set; the shares of the pools that are named, the others share the rest as they did. */
export interface Manual extends Held {
  readonly weights: readonly { readonly app: AppId; readonly weight: BasisPoints }[];
}

/** The judgement of a pool that shares its priority with others, while no transition is under way. */
export interface Guard extends Versioned {
  readonly judgement: JudgementMemory;
}

/** After an abort: the old apps get back the instances that were taken from them. */
export interface Restoring {
  readonly since: Millis;
  readonly instances: readonly Sized[];
}

/** What carries the traffic has replaced these. */
export interface Replaced {
  readonly apps: readonly AppId[];
  /** The pools that replaced them; their declarations say what becomes of the others. */
  readonly by: readonly AppId[];
  readonly at: Millis;
}

/** Shares of equal priority that move by so much at a time. */
export interface RampMemory {
  /** What it has come to, those that cannot serve at this moment included. */
  readonly shares: readonly { readonly app: AppId; readonly weight: BasisPoints }[];
  /** Since when the data plane has run them; null until it does. Moved on by the length of each pause. */
  readonly since: Millis | null;
  /** Null when the shares are those that are wanted. */
  readonly way: RampWay | null;
}

export interface RampWay {
  readonly startedAt: Millis;
  readonly from: RampMemory['shares'];
  readonly goal: RampMemory['shares'];
  /** How many have been made. */
  readonly step: number;
  readonly paused: Held | null;
  /** It went back to where it began, and stays there until something else than this is declared. */
  readonly aborted: { readonly because: Because; readonly declared: string } | null;
}

export type TransitionOutcome = 'complete' | 'aborted' | 'superseded' | 'rolled-back';

export interface Ended {
  readonly outcome: TransitionOutcome;
  readonly to: readonly AppId[];
  readonly startedAt: Millis;
  readonly endedAt: Millis;
  readonly because: Because;
  /** Its last judgement, where that may have come in the very turn in which it ended. */
  readonly judged?: Judged | null;
}

/** The phases of a transition and what they mean; docs/decisions.md shows them. */
export const transitionPhaseTable = {
  growing: 'Waits for instances that the next share needs.',
  shifting: 'Waits until the data plane has been seen to run the weights of this step.',
  holding: 'The step lasts for as long as it declares; the new version is judged.',
  judging: 'The step has lasted long enough; a judgement is awaited.',
  paused: 'Waits for a person.',
  leaving: 'Old instances finish what they have before they are stopped.',
} as const satisfies Readonly<Record<string, string>>;

export type TransitionPhase = keyof typeof transitionPhaseTable;

export interface TransitionView {
  readonly phase: TransitionPhase;
  readonly strategy: Rollout['strategy'];
  readonly startedAt: Millis;
  readonly to: readonly AppId[];
  readonly from: readonly AppId[];
  /** From 1. */
  readonly step: number;
  readonly steps: number;
  /** The share of the new pools in this step. */
  readonly weight: BasisPoints;
  /** Null while the step does not end by time. */
  readonly holdEndsAt: Millis | null;
  readonly paused: Held | null;
  readonly judgement: JudgementMemory;
  readonly because: Because;
}
