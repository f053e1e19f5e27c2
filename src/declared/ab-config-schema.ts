/** The strict grammar of one `ab_config` entry, all keys of its table. */
import { z } from 'zod';
import { durationMs } from '../model/duration.ts';
import { pathPrefix } from './marathon-lb/values.ts';
import { hostName } from './names.ts';

const duration = z.string().transform((text, context) => {
  const ms = durationMs(text);
  if (ms !== null) return ms;
  context.issues.push({ code: 'custom', input: text });
  return z.NEVER;
});

/** A count, or a part of the declared instances in whole percents. */
function countOrPercent(least: 0 | 1) {
  return z
    .union([z.int(), z.string()])
    .transform((value, context): { count: number } | { percent: number } => {
      if (typeof value === 'number' && value >= least && value <= 1_000_000) return { count: value };
      const percent = typeof value === 'string' && /^\d{1,3}%$/.test(value) ? Number(value.slice(0, -1)) : -1;
      if (percent >= least && percent <= 100) return { percent };
      context.issues.push({ code: 'custom', input: value });
      return z.NEVER;
    });
}

/** A line of visible text: nothing that could begin another line anywhere. */
const line = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u);
const token = z
  .string()
  .max(255)
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/);
const word = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\s\p{C}]*$/u);
const port = z.int().min(1).max(65_535);
const host = z.string().refine((text) => hostName(text) !== null);
const whole = z.int().min(0).max(1_000_000_000);

const listener = z
  .strictObject({
    port,
    hosts: z.array(host).min(1).max(100).optional(),
    path: z
      .string()
      .refine((text) => pathPrefix(text) !== null)
      .optional(),
    mode: z.enum(['http', 'tcp']).optional(),
  })
  // Connections have neither, and all requests of one port can be parted by path only within a host.
  .refine(({ hosts, path, mode }) => (hosts === undefined ? path === undefined : mode !== 'tcp'));

/** What stands for the judged pool in a query. */
const placeholder = /\{\{(?:app|service|backend|slot)\}\}/g;

const step = z
  .strictObject({
    weight: z.number().min(0).max(100).optional(),
    hold: duration.optional(),
    pause: z.boolean().optional(),
    analysis: z.boolean().optional(),
  })
  .refine((each) => each.weight !== undefined || each.pause === true || each.analysis === true);

const analysis = z.strictObject({
  maxErrorRate: z.number().min(0).max(1).optional(),
  maxP95Ms: z.number().positive().optional(),
  minRequests: whole.optional(),
  interval: duration.optional(),
  failureLimit: whole.optional(),
  inconclusiveLimit: whole.optional(),
  prometheus: z
    .array(
      z
        .strictObject({
          query: line.refine((text) => !text.replaceAll(placeholder, '').includes('{{')),
          min: z.number().optional(),
          max: z.number().optional(),
          against: z.literal('old').optional(),
        })
        // Without a limit nothing could be wrong with any value.
        .refine(
          ({ min, max }) =>
            (min !== undefined || max !== undefined) && (min ?? -Infinity) <= (max ?? Infinity),
        ),
    )
    .max(100)
    .optional(),
  webhook: z
    .strictObject({
      url: word.regex(/^https?:\/\/[^/]/),
      onError: z.enum(['hold', 'abort']).optional(),
    })
    .optional(),
});

const match = z
  .strictObject({ header: z.tuple([token, line]).optional(), cookie: z.tuple([token, line]).optional() })
  .refine((each) => (each.header === undefined) !== (each.cookie === undefined));

const fields = z.strictObject({
  service: word.optional(),
  port: z.union([z.int().min(0).max(65_535), word]).optional(),
  listener: listener.optional(),
  priority: z.int().min(-2_147_483_648).max(2_147_483_647).optional(),
  weight: z.number().min(0).max(1_000_000).optional(),
  steps: z.array(step).min(1).max(100).optional(),
  strategy: z.enum(['switch', 'rolling']).optional(),
  ready: z
    .strictObject({
      instances: countOrPercent(1).optional(),
      for: duration.optional(),
      within: duration.optional(),
      keep: countOrPercent(0).optional(),
      grace: duration.optional(),
    })
    .optional(),
  analysis: analysis.optional(),
  match: match.optional(),
  affinity: z.enum(['none', 'cookie']).optional(),
  failover: z.boolean().optional(),
  capacity: z.enum(['fixed', 'match']).optional(),
  drain: z
    .strictObject({ timeout: duration.optional(), then: z.enum(['close', 'keep']).optional() })
    .optional(),
  pending: z
    .strictObject({
      path: z
        .string()
        .max(1024)
        .regex(/^\/[!-~]*$/),
      name: word.optional(),
    })
    .optional(),
  retire: z.enum(['keep', 'scale-to-zero', 'delete']).optional(),
  retireAfter: duration.optional(),
});

/** Ids of apps, absolute or counted from the root (Marathon's PathId). */
const idOfApp = /^\/?[a-z0-9]+(?:[.-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[.-]+[a-z0-9]+)*)*$/;

/** A service that is declared here is named by this: the name stands in the data plane's configuration. */
export const entrySchema = fields.refine(
  ({ service, listener: declared }) =>
    declared === undefined || service === undefined || idOfApp.test(service),
  { path: ['service'] },
);

export type Entry = z.infer<typeof entrySchema>;
