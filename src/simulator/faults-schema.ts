/** The bad days that can be ordered: their kinds, their parameters, and which requests they are about. */
import { z } from 'zod';
import { parseAs } from './parse.ts';

const day = 24 * 3_600_000;
const ms = z.number().min(0).max(day);
const share = z.number().min(0).max(1);

/** What every fault may say. */
const common = {
  /** Its name, to change or clear it; its kind when it says none. */
  id: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .optional(),
  /** How long it lasts; until it is cleared when it does not say. */
  forMs: z.number().min(1).max(day).optional(),
  /** What its chances are drawn from: the same seed and the same requests give the same day. */
  seed: z.int().min(0).max(2_147_483_647).optional(),
};

/** Which requests: a path in which `*` stands for anything, and a method. Requests to /_sim never have a bad day. */
const where = {
  route: z.string().startsWith('/').max(300).optional(),
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
  probability: share.default(1),
};

const events = { probability: share.default(0.5), types: z.array(z.string()).optional() };

/** What the next leader knows of health: nothing until it has probed, as it is, or all that the last one knew. */
const knowledge = { health: z.enum(['forget', 'keep']).default('forget') };

const lists = { route: z.string().startsWith('/').max(300).default('/v2/apps') };

const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('drop-stream'),
    ...common,
    how: z.enum(['fin', 'reset', 'half-open']).default('fin'),
    everyMs: z.number().min(10).max(day).optional(),
  }),
  z.strictObject({ kind: z.literal('hang-stream'), ...common }),
  z.strictObject({ kind: z.literal('refuse-stream'), ...common }),
  z.strictObject({
    kind: z.literal('split-stream'),
    ...common,
    bytes: z.int().min(1).max(65_536).default(1),
  }),
  z.strictObject({ kind: z.literal('slow'), ...common, ...where, ms: ms.default(1000) }),
  z.strictObject({
    kind: z.literal('error'),
    ...common,
    ...where,
    status: z.int().min(400).max(599).default(503),
  }),
  z.strictObject({ kind: z.literal('conflict'), ...common, ...where }),
  z.strictObject({ kind: z.literal('too-many-deployments'), ...common, ...where }),
  z.strictObject({
    kind: z.literal('cut-answer'),
    ...common,
    ...where,
    at: share.default(0.5),
    how: z.enum(['fin', 'reset']).default('fin'),
  }),
  z.strictObject({ kind: z.literal('stale-list'), ...common, ...lists }),
  z.strictObject({ kind: z.literal('empty-list'), ...common, ...lists }),
  z.strictObject({
    kind: z.literal('partial-list'),
    ...common,
    ...lists,
    of: z.enum(['apps', 'tasks']).default('apps'),
    missing: share.default(0.5),
  }),
  z.strictObject({ kind: z.literal('lose-events'), ...common, ...events }),
  z.strictObject({ kind: z.literal('repeat-events'), ...common, ...events }),
  z.strictObject({
    kind: z.literal('reorder-events'),
    ...common,
    ...events,
    ms: ms.default(500),
  }),
  z.strictObject({ kind: z.literal('wrong-clock'), ...common, minutes: z.number().min(-1440).max(1440) }),
  z.strictObject({
    kind: z.literal('no-health'),
    ...common,
    node: z.int().min(1).max(9).optional(),
  }),
  z.strictObject({
    kind: z.literal('leader-change'),
    ...common,
    ...knowledge,
    everyMs: z.number().min(10).max(day).optional(),
  }),
  z.strictObject({ kind: z.literal('leader-down'), ...common, ...knowledge }),
  z.strictObject({
    kind: z.literal('revoke-tokens'),
    ...common,
    everyMs: z.number().min(10).max(day).optional(),
  }),
]);

/** A fault as it is ordered: what has a default may be left out. */
export type FaultOrder = z.input<typeof faultSchema>;
export type Fault = z.output<typeof faultSchema>;
export type FaultKind = Fault['kind'];
export type FaultOf<K extends FaultKind> = Extract<Fault, { readonly kind: K }>;

export const faultKinds: readonly FaultKind[] = faultSchema.options.flatMap(({ shape }) => [
  ...shape.kind.values,
]);

/** @throws ApiError 400 for what makes no sense */
export function parseFault(order: unknown): Fault {
  return parseAs(faultSchema, order);
}

/** What is wrong with an order, for a person; null when it makes sense. */
export function problemWith(order: unknown): string | null {
  const [issue] = faultSchema.safeParse(order).error?.issues ?? [];
  return issue === undefined ? null : [...issue.path.map(String), issue.message].join(': ');
}

/** Whether `path`, without its query, is one that `route` means. */
export function matchesRoute(route: string | undefined, path: string): boolean {
  if (route === undefined) return true;
  const pattern = route
    .split('*')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('.*');
  return new RegExp(`^${pattern}$`).test(path);
}
