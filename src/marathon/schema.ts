/** Marathon's JSON as far as Baton uses it, 1.4 and 1.5 formats alike: tolerant where a surprise is harmless. */
import { z } from 'zod';

/** A value that may be missing, null (1.4 writes nulls) or of a surprising type: then the fallback. */
function lenient<S extends z.ZodType, F>(schema: S, fallback: F) {
  return schema
    .nullish()
    .catch(null)
    .transform((value): z.output<S> | F => value ?? fallback);
}

/** A list that may be missing; elements that do not fit (Marathon 0.8 wrote `[null]`) are skipped. */
function listOf<S extends z.ZodType>(schema: S) {
  return lenient(z.array(z.unknown()), []).transform((items): readonly z.output<S>[] =>
    items.flatMap((item) => {
      const parsed = schema.safeParse(item);
      return parsed.success ? [parsed.data] : [];
    }),
  );
}

const text = lenient(z.string(), null);
const number = lenient(z.number(), null);
const labels = lenient(z.record(z.string(), z.unknown()), {}).transform(
  (entries): Readonly<Record<string, string>> =>
    Object.fromEntries(
      Object.entries(entries).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ),
);

const wireHealthCheck = z.object({
  protocol: text,
  path: text,
  portIndex: number,
  port: number,
  intervalSeconds: lenient(z.number(), 60),
  timeoutSeconds: lenient(z.number(), 20),
  gracePeriodSeconds: lenient(z.number(), 300),
  maxConsecutiveFailures: lenient(z.number(), 3),
});
export type WireHealthCheck = z.output<typeof wireHealthCheck>;

const wireHealthResult = z.object({
  alive: lenient(z.boolean(), false),
  consecutiveFailures: number,
  lastSuccess: text,
  lastFailure: text,
});
export type WireHealthResult = z.output<typeof wireHealthResult>;

const wireTask = z.object({
  id: z.string().min(1),
  state: lenient(z.string(), 'TASK_UNKNOWN'),
  host: lenient(z.string(), ''),
  ports: listOf(z.number()),
  ipAddresses: listOf(z.object({ ipAddress: z.string().min(1) })),
  version: text,
  startedAt: text,
  healthCheckResults: listOf(wireHealthResult),
});
export type WireTask = z.output<typeof wireTask>;

const wirePort = z.object({
  name: text,
  protocol: lenient(z.string(), 'tcp'),
  labels,
  /** `portDefinitions` (host mode): the service port. */
  port: number,
  /** `portMappings` (other modes). */
  servicePort: number,
  containerPort: number,
  /** `ipAddress.discovery.ports` of 1.4. */
  number,
});
export type WirePort = z.output<typeof wirePort>;

const definitionFields = {
  version: z.string().min(1),
  versionInfo: lenient(z.object({ lastConfigChangeAt: text }), null),
  healthChecks: listOf(wireHealthCheck),
};

/** The answer to `GET /v2/apps/{id}/versions/{version}`. */
export const wireDefinition = z.object(definitionFields);
export type WireDefinition = z.output<typeof wireDefinition>;

/** One app with its tasks. What is required here makes the app, or its last good read is kept. */
export const wireApp = z.object({
  ...definitionFields,
  id: z.string().min(1),
  instances: z.number(),
  labels,
  networks: listOf(z.object({ mode: text })),
  ipAddress: lenient(z.object({ discovery: lenient(z.object({ ports: listOf(wirePort) }), null) }), null),
  container: lenient(
    z.object({
      portMappings: listOf(wirePort),
      docker: lenient(z.object({ network: text, portMappings: listOf(wirePort) }), null),
    }),
    null,
  ),
  portDefinitions: listOf(wirePort),
  ports: listOf(z.number()),
  readinessChecks: listOf(z.object({ name: text })),
  readinessCheckResults: listOf(z.object({ taskId: z.string(), ready: lenient(z.boolean(), false) })),
  deployments: listOf(z.object({})),
  tasksRunning: lenient(z.number(), 0),
  // A task that cannot be read makes the whole app's read a failed one: leaving it out would take its traffic.
  tasks: z.array(wireTask).nullish(),
});
export type WireApp = z.output<typeof wireApp>;

export const wireSingle = z.object({ app: z.unknown() });

const wireHolder = z.object({ id: z.string() });

/** What Marathon says with a status that carries no data. */
export const wireRefusal = z.object({
  message: z.string(),
  /** Of a 409: what holds the app. */
  deployments: listOf(wireHolder),
  /** Of a 422. */
  details: listOf(z.object({ path: z.string(), errors: listOf(z.string()) })),
});
export type WireRefusal = z.output<typeof wireRefusal>;

/** An app's id alone, so that an app that cannot be read can at least be named. */
export const wireId = z.object({ id: z.string().min(1) });
