/** The form on disk of what is remembered about transitions. */
import { z } from 'zod';

const app = z.string().startsWith('/');
const time = z.number();
const because = z.object({
  code: z.string(),
  text: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
const held = { since: time, by: z.string(), why: z.string().nullable() };
const versioned = { app, configuredAt: z.string() };
const weights = z.array(z.object({ app, weight: z.number() }));
const sized = z.array(z.object({ app, count: z.number() }));
const outcome = z.enum(['success', 'failure', 'inconclusive', 'error']);

const measurement = z.object({
  what: z.string(),
  outcome,
  text: z.string(),
  value: z.number().nullable(),
});

const judged = z.object({ at: time, outcome, measurements: z.array(measurement) });

const judgement = z.object({
  window: z
    .object({ since: time, requests: z.number(), errors: z.number(), durations: z.array(z.number()) })
    .nullable(),
  made: z.number(),
  failures: z.number(),
  inconclusive: z.number(),
  errors: z.number(),
  succeeded: z.boolean(),
  inStep: z.number(),
  last: judged.nullable(),
});

const transition = z.object({
  startedAt: time,
  priority: z.number(),
  strategy: z.enum(['switch', 'rolling']),
  to: z.array(z.object(versioned)),
  stable: weights,
  instances: sized,
  from: weights.nullable(),
  grown: z.number(),
  step: z.number(),
  stepSince: time.nullable(),
  paused: z.object(held).nullable(),
  belowSince: time.nullable(),
  judgement,
  leaving: z.array(z.object({ task: z.string(), since: time, asked: z.number(), busyAt: time.nullable() })),
  growingSince: time.nullable(),
});

const ramp = z.object({
  shares: weights,
  since: time.nullable(),
  way: z
    .object({
      startedAt: time,
      from: weights,
      goal: weights,
      step: z.number(),
      paused: z.object(held).nullable(),
      aborted: z.object({ because, declared: z.string() }).nullable(),
    })
    .nullable(),
});

/** The parts of a service's memory that are about transitions. */
export const transitionParts = {
  transition: transition.nullable(),
  latches: z.array(z.object({ ...versioned, at: time, because, by: z.array(app).nullable() })),
  manual: z.object({ ...held, weights }).nullable(),
  last: z
    .object({
      outcome: z.enum(['complete', 'aborted', 'superseded', 'rolled-back']),
      to: z.array(app),
      startedAt: time,
      endedAt: time,
      because,
      judged: judged.nullable().optional(),
    })
    .nullable(),
  guards: z.array(z.object({ ...versioned, judgement })),
  restoring: z.object({ since: time, instances: sized }).nullable(),
  ramp: ramp.nullable().default(null),
  replaced: z.object({ apps: z.array(app), by: z.array(app), at: time }).nullable(),
};
