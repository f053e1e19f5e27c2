/** What Marathon's metrics count: HTTP requests, deployments, launches, and what Mesos says of tasks. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createMeter, createTimer, type Meter, type Timer } from './meter.ts';
import type { MarathonEvent } from './world.ts';

export type Counted = 'deployments' | 'dismissed' | 'launched';

/** Methods that have a timer of their own in every version. */
export const timedMethods = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'] as const;

export interface Counts {
  readonly uptimeMs: number;
  readonly leadershipMs: number;
  readonly counted: Readonly<Record<Counted, number>>;
  /** By state, such as `TASK_RUNNING`. */
  readonly taskUpdates: ReadonlyMap<string, number>;
  readonly activeRequests: number;
  /** By the first digit of the status, from 1 on. */
  readonly responses: readonly Meter[];
  readonly requests: Timer;
  readonly requestsBy: ReadonlyMap<(typeof timedMethods)[number], Timer>;
}

export interface Tally {
  /** Counts a request from now until it is answered or given up; one that no Marathon has is not counted. */
  request(request: IncomingMessage, response: ServerResponse): void;
  count(what: Counted): void;
  event(event: MarathonEvent): void;
  /** Another node leads, which begins to count. */
  reset(): void;
  read(): Counts;
}

/** `now` in ms, by a clock that never jumps; `resetMs` as of `createTimer`. */
export function createTally(now: () => number, resetMs: number | null): Tally {
  const started = now();
  let counts = fresh(now, resetMs);

  return {
    request(request, response) {
      if (/^\/+(?:_sim|acs)(?:\/|$)/.test(request.url ?? '')) return;
      const mine = counts;
      const since = now();
      mine.activeRequests += 1;
      response.once('close', () => {
        const seconds = (now() - since) / 1000;
        mine.activeRequests -= 1;
        mine.responses[Math.floor(response.statusCode / 100) - 1]?.mark();
        mine.requests.update(seconds);
        const method = timedMethods.find((each) => each === request.method);
        if (method !== undefined) mine.requestsBy.get(method)?.update(seconds);
      });
    },
    count: (what) => void (counts.counted[what] += 1),
    event({ eventType, taskStatus }) {
      if (eventType !== 'status_update_event' || typeof taskStatus !== 'string') return;
      counts.taskUpdates.set(taskStatus, (counts.taskUpdates.get(taskStatus) ?? 0) + 1);
    },
    reset: () => void (counts = fresh(now, resetMs)),
    read: () => ({ ...counts, uptimeMs: now() - started, leadershipMs: now() - counts.since }),
  };
}

function fresh(now: () => number, resetMs: number | null) {
  const counted: Record<Counted, number> = { deployments: 0, dismissed: 0, launched: 0 };
  return {
    since: now(),
    counted,
    taskUpdates: new Map<string, number>(),
    activeRequests: 0,
    responses: Array.from({ length: 5 }, () => createMeter(now)),
    requests: createTimer(now, resetMs),
    requestsBy: new Map(timedMethods.map((method) => [method, createTimer(now, resetMs)] as const)),
  };
}
