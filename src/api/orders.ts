/** Orders by people as the API takes them: POST /v1/services/{id}/{verb}. */
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { appId, serviceOf, type ServiceId } from '../model/ids.ts';
import { nearest } from '../model/nearest.ts';
import type { Command, Obeyed, Order } from '../plan/command.ts';
import { type Answer, json, problem } from './answer.ts';
import { BadRequestError, jsonBody } from './body.ts';

export type Obey = (order: Order) => Promise<Obeyed>;

type Verb = Command['verb'];

/** One line that a terminal and a log can show. */
function line(longest: number) {
  const shape = `a text of 1 to ${longest} characters, on one line`;
  return z
    .string({ error: `it should be ${shape}` })
    .trim()
    .regex(/^\P{Cc}+$/u, { error: `it should be ${shape}` })
    .max(longest, { error: `it should be ${shape}` });
}

const signed = {
  /** Who gives it; else the address that it came from. */
  by: line(100).optional(),
  why: line(500).nullable().optional(),
};

const percent = z
  .number({ error: 'it should be a number from 0 to 100, with at most two decimals' })
  .min(0, { error: 'it should be 0 or more' })
  .max(100, { error: 'it should be 100 or less' })
  .refine((value) => Math.abs(value * 100 - Math.round(value * 100)) < 1e-9, {
    error: 'it should have at most two decimals',
  });

const bare = z.strictObject(signed);
const schemas = {
  promote: z.strictObject({
    full: z.boolean({ error: 'it should be true or false' }).default(false),
    ...signed,
  }),
  pause: bare,
  resume: bare,
  abort: bare,
  retry: bare,
  weight: z.strictObject({ pool: line(1000).transform(appId), percent, ...signed }),
  rollback: bare,
} as const satisfies Readonly<Record<Verb, z.ZodType>>;

export const verbs = Object.keys(schemas) as readonly Verb[];

export function isVerb(word: string): word is Verb {
  return Object.hasOwn(schemas, word);
}

/** @throws BadRequestError for a body that is no such order */
export async function orderAnswer(
  request: IncomingMessage,
  name: string,
  verb: Verb,
  obey: Obey,
): Promise<Answer> {
  const body = await jsonBody(request);
  const service = serviceOf(appId(name));
  const somebody = `somebody at ${request.socket.remoteAddress ?? 'an unknown address'}`;
  const obeyed = await obey(orderOf(service, verb, body, somebody));
  switch (obeyed.outcome) {
    case 'done':
      return json(200, { done: obeyed.text });
    case 'refused':
      return problem(409, obeyed.problem);
    case 'unknown':
      return problem(404, `there is no service ${service}; GET /v1/services lists them`);
  }
}

function orderOf(service: ServiceId, verb: Verb, body: unknown, somebody: string): Order {
  const signedBy = ({ by, why }: z.output<typeof bare>) => ({
    service,
    by: by ?? somebody,
    why: why ?? null,
  });
  if (verb === 'promote') {
    const said = parsed(schemas.promote, body);
    return { ...signedBy(said), command: { verb, full: said.full } };
  }
  if (verb === 'weight') {
    const said = parsed(schemas.weight, body);
    return { ...signedBy(said), command: { verb, app: said.pool, percent: said.percent } };
  }
  return { ...signedBy(parsed(schemas[verb], body)), command: { verb } };
}

function parsed<T>(schema: z.ZodObject & z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new BadRequestError(400, result.error.issues.map((issue) => sentence(issue, schema)).join('; '));
}

function sentence(issue: z.core.$ZodIssue, { shape }: z.ZodObject): string {
  const known = Object.keys(shape);
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const near = nearest(key, known);
    const hint = near === null ? `there are ${known.join(', ')}` : `did you mean ${JSON.stringify(near)}?`;
    return `there is no key ${JSON.stringify(key)}; ${hint}`;
  }
  const [key] = issue.path;
  if (key === undefined) return 'the body should be a JSON object';
  return `${JSON.stringify(key)} is not right: ${issue.message}`;
}
