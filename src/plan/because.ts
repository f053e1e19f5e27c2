/** Reasons: every change and every wait carries one, and CLI, API, log and dashboard print the same value. */

/** Stable codes and what they mean: the one table of which the type is made, and docs/decisions.md. */
export const reasonTable = {
  'only-pool': 'The service has one version, and it carries everything.',
  'highest-priority': 'No pool of a higher priority can serve.',
  'shares-priority': 'Several pools of the highest priority serve, and share by weight, or by instances up.',
  'waiting-for-instances': 'Too few instances of its current version are healthy at Marathon.',
  'waiting-for-check':
    "Marathon calls enough instances healthy; HAProxy's own check has not passed on all of those.",
  'waiting-for-time': 'Enough are up, and must stay so for the rest of `ready.for`.',
  'weight-zero': 'It declares weight 0, and so takes nothing.',
  'lower-priority': 'A pool of a higher priority carries the traffic; this one stands by.',
  'fail-over': 'A pool of a higher priority that carried the traffic cannot serve now.',
  'last-resort': 'No pool is ready; the highest priority with any endpoint up carries the traffic.',
  draining: 'It gets no new requests and finishes those that it has.',
  'drain-timeout': 'Requests or connections are still in progress after `drain.timeout`.',
  'no-endpoint-up': 'Nobody has an endpoint up; the weights stay as they were.',
  'no-fail-over': 'It has no endpoint up, and declares `"failover": false`: nobody takes over.',
  'scaled-to-zero': 'Its app is scaled to 0 instances.',
  'no-pools': 'No version of the service exists.',
} as const satisfies Readonly<Record<string, string>>;

export type ReasonCode = keyof typeof reasonTable;

export interface Because {
  readonly code: ReasonCode;
  /** One sentence for a person, without a full stop. */
  readonly text: string;
  /** The facts it rests on. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}
