/** Reasons: every change and every wait carries one, and CLI, API, log and dashboard print the same value. */

/** Stable codes; docs/decisions.md lists them with what they mean. */
export type ReasonCode =
  | 'only-pool'
  | 'highest-priority'
  | 'shares-priority'
  | 'waiting-for-instances'
  | 'waiting-for-check'
  | 'waiting-for-time'
  | 'weight-zero'
  | 'lower-priority'
  | 'fail-over'
  | 'last-resort'
  | 'draining'
  | 'drain-timeout'
  | 'no-endpoint-up'
  | 'no-fail-over'
  | 'scaled-to-zero'
  | 'no-pools';

export interface Because {
  readonly code: ReasonCode;
  /** One sentence for a person, without a full stop. */
  readonly text: string;
  /** The facts it rests on. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}
