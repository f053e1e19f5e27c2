/** Transitions as they are shown, and weights that were set by hand. */
import { z } from 'zod';

interface Because {
  readonly code: string;
  readonly text: string;
}

interface Held {
  readonly since: string;
  readonly by: string;
  readonly why: string | null;
}

interface Measured {
  readonly what: string;
  readonly outcome: string;
  readonly text: string;
}

export interface ShownTransition {
  readonly phase: string;
  readonly to: readonly string[];
  readonly from: readonly string[];
  readonly step: number;
  readonly steps: number;
  /** Percent. */
  readonly weight: number;
  readonly holdEndsAt: string | null;
  readonly paused: Held | null;
  readonly judgement: {
    readonly made: number;
    /** In a row, like the two below. */
    readonly failures: number;
    readonly inconclusive: number;
    readonly errors: number;
    readonly last: { readonly outcome: string; readonly measurements: readonly Measured[] } | null;
  };
  readonly because: Because;
}

export interface ShownManual extends Held {
  readonly weights: readonly { readonly app: string; readonly weight: number }[];
}

export interface ShownTransitions {
  readonly transition: ShownTransition | null;
  readonly lastTransition: {
    readonly outcome: string;
    readonly to: readonly string[];
    readonly endedAt: string;
    readonly because: Because;
  } | null;
  readonly manual: ShownManual | null;
}

// Another Baton may say more than this; what it says more is kept, for `--json`.
export const because = z.looseObject({ code: z.string(), text: z.string() });

const apps = z.array(z.string());
const held = { since: z.string(), by: z.string(), why: z.string().nullable() };
const measurement = z.looseObject({ what: z.string(), outcome: z.string(), text: z.string() });

const transition: z.ZodType<ShownTransition> = z.looseObject({
  phase: z.string(),
  to: apps,
  from: apps,
  step: z.number(),
  steps: z.number(),
  weight: z.number(),
  holdEndsAt: z.string().nullable(),
  paused: z.looseObject(held).nullable(),
  judgement: z.looseObject({
    made: z.number(),
    failures: z.number(),
    inconclusive: z.number(),
    errors: z.number(),
    last: z.looseObject({ outcome: z.string(), measurements: z.array(measurement) }).nullable(),
  }),
  because,
});

const ended = z.looseObject({ outcome: z.string(), to: apps, endedAt: z.string(), because });

const manual: z.ZodType<ShownManual> = z.looseObject({
  ...held,
  weights: z.array(z.looseObject({ app: z.string(), weight: z.number() })),
});

/** A Baton from before there were transitions does not tell of them. */
export const shownTransitions = {
  transition: transition.nullable().default(null),
  lastTransition: ended.nullable().default(null),
  manual: manual.nullable().default(null),
};
