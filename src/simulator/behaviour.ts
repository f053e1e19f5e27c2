/** How a simulated task can be told to behave, and where it can be told. */
import { z } from 'zod';

export interface Behaviour {
  /** Fails the probes of Marathon and of the load balancer with 503. */
  readonly unhealthy: boolean;
  /** Answers readiness checks with 503. */
  readonly unready: boolean;
  /** What requests other than probes get: `ok`, or 503. */
  readonly requests: 'ok' | 'fail';
  /** Added to every request that is no probe, in ms. */
  readonly latencyMs: number;
  /** The part of requests, 0 to 1, that get 500; evenly spread. Probes never do. */
  readonly errorRate: number;
}

export type BehaviourChange = { readonly [K in keyof Behaviour]?: Behaviour[K] | undefined };

export const behaviourChange = z.strictObject({
  unhealthy: z.boolean().optional(),
  unready: z.boolean().optional(),
  requests: z.enum(['ok', 'fail']).optional(),
  latencyMs: z.number().min(0).max(3_600_000).optional(),
  errorRate: z.number().min(0).max(1).optional(),
});

const normal: Behaviour = { unhealthy: false, unready: false, requests: 'ok', latencyMs: 0, errorRate: 0 };

/** Later changes win; what one does not name stays. */
export function behaviourOf(...changes: readonly (BehaviourChange | undefined)[]): Behaviour {
  const merged: Record<string, unknown> = { ...normal };
  for (const change of changes) {
    for (const [key, value] of Object.entries(change ?? {})) {
      if (value !== undefined) merged[key] = value;
    }
  }
  return merged as unknown as Behaviour;
}

/** What an app's own `env` says: how a version can be born bad. */
export function behaviourFromEnv(env: Readonly<Record<string, unknown>> | undefined): BehaviourChange {
  return {
    unhealthy: env?.['SIM_UNHEALTHY'] === 'true' ? true : undefined,
    unready: env?.['SIM_UNREADY'] === 'true' ? true : undefined,
    requests: env?.['SIM_REQUESTS'] === 'fail' ? 'fail' : undefined,
    latencyMs: numberIn(env, 'SIM_LATENCY_MS', 3_600_000),
    errorRate: numberIn(env, 'SIM_ERROR_RATE', 1),
  };
}

/** How much longer than others a task of this app takes to run, in ms. */
export function startDelayFromEnv(env: Readonly<Record<string, unknown>> | undefined): number {
  return numberIn(env, 'SIM_START_DELAY_MS', 3_600_000) ?? 0;
}

/** Whether probes of a path that none of the version's checks names get 404. */
export function strictPathFromEnv(env: Readonly<Record<string, unknown>> | undefined): boolean {
  return env?.['SIM_STRICT_HEALTH_PATH'] === 'true';
}

function numberIn(
  env: Readonly<Record<string, unknown>> | undefined,
  key: string,
  most: number,
): number | undefined {
  const text = env?.[key];
  const value = typeof text === 'string' && text !== '' ? Number(text) : Number.NaN;
  return Number.isFinite(value) && value >= 0 ? Math.min(value, most) : undefined;
}
