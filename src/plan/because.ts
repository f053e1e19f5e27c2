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
  'in-transition': 'It takes the share of the step that the transition to it is in.',
  'keeps-share': 'It keeps what the new version does not take yet.',
  shifting: 'HAProxy has not been seen yet to run the weights of this step.',
  holding: 'The step lasts for as long as it declares.',
  ramping: 'The shares move by so much at a time, and stay for as long as the gateway says.',
  judging: 'The step has lasted long enough; it does not end before a judgement has gone well.',
  'pause-step': 'The steps ask for a person here: `promote` goes on, `abort` goes back.',
  paused: 'Somebody has paused the transition; `resume` lets it go on.',
  growing: 'It has not all the instances up yet that the next share needs.',
  leaving: 'Old instances finish what they have, and are stopped then.',
  complete: 'The transition has reached its end.',
  superseded: 'A newer version has taken its place before it was complete.',
  'version-gone': 'The new version was deleted, or scaled to 0, before it was complete.',
  'not-ready-in-time': 'It was not ready after `ready.within`.',
  'falls-below-keep': 'Fewer than `ready.keep` of its endpoints are up; `ready.grace` runs.',
  'fell-below-keep': 'Fewer than `ready.keep` of its endpoints were up for `ready.grace`.',
  'analysis-failed': 'It was judged bad more often than `analysis.failureLimit` bears.',
  'capacity-refused': 'Marathon refuses to change the number of instances, or it cannot be proven safe.',
  'capacity-late': 'The instances that the next share needs were not up after `ready.within`.',
  'aborted-by-hand': 'Somebody has sent it back.',
  'rolled-back': 'Somebody has gone back to the version before.',
  restoring: 'It was sent back, and keeps what the old version cannot carry before its instances are back.',
  'manual-weight': 'Somebody has set its weight.',
  'memory-lost':
    'What was known is lost; the weights stay until somebody, or a change of labels, decides, and who may have been sent back takes nothing.',
  retiring: 'It has been replaced, and goes as declared.',
} as const satisfies Readonly<Record<string, string>>;

export type ReasonCode = keyof typeof reasonTable;

export interface Because {
  readonly code: ReasonCode;
  /** One sentence for a person, without a full stop. */
  readonly text: string;
  /** The facts it rests on. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}
