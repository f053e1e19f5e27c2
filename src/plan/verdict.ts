/** Verdicts: what the planner decided for each service, with the reason of every part. */
import type { Health } from '../model/app.ts';
import type { AppId, Millis, ServiceId, SlotName } from '../model/ids.ts';
import type { Because } from './because.ts';
import type { EndpointTarget, PoolTarget, ServiceTarget } from './target.ts';

/** The alternation of Avi's A/B pools: a name for people to read, no more. */
export type Side = 'A' | 'B';

/** `active` carries traffic; `waiting` would carry it but may not yet; `standby` would take over; `draining` finishes. */
export type PoolState = 'active' | 'waiting' | 'standby' | 'draining' | 'empty';

export interface EndpointVerdict extends EndpointTarget {
  readonly health: Health;
  /** What the data plane's own check says. */
  readonly probed: 'passed' | 'failed' | 'pending';
  readonly current: boolean;
}

export interface PoolVerdict extends PoolTarget {
  readonly portIndex: number;
  readonly role: 'listener' | 'member';
  readonly priority: number;
  readonly declaredWeight: number | null;
  /** For people to read: which of the two sides this version is on. */
  readonly side: Side;
  /** Whether it is the newest version of its side; older ones stand by unattached. */
  readonly attached: boolean;
  readonly state: PoolState;
  readonly ready: boolean;
  readonly sessions: number;
  readonly because: Because;
  readonly endpoints: readonly EndpointVerdict[];
}

/** `settled`: nothing left to do. The others say what the service waits for or lacks. */
export type ServicePhase = 'settled' | 'waiting' | 'draining' | 'failed-over' | 'last-resort' | 'down';

export interface ServiceVerdict extends ServiceTarget {
  readonly listenerApp: AppId;
  readonly listenerGone: boolean;
  readonly phase: ServicePhase;
  /** Percent of the traffic on side B, 0 to 100, two decimals (Avi's `ab_pool.ratio`). */
  readonly ratio: number;
  readonly because: Because;
  readonly pools: readonly PoolVerdict[];
}

/** What the planner must be told again next time. Survives restarts in the state directory. */
export interface ServiceMemory {
  readonly service: ServiceId;
  /** In the order in which the pools first appeared: the newest is last. */
  readonly pools: readonly PoolMemory[];
  /** The side that the next new version gets. */
  readonly nextSide: Side;
}

export interface PoolMemory {
  readonly app: AppId;
  readonly slot: SlotName;
  readonly side: Side;
  /** Since when it has been ready without a break; null while it is not. */
  readonly readySince: Millis | null;
  /** Since when it has been draining; null when it is not. */
  readonly drainingSince: Millis | null;
  /** The configuration version with which it was ready and carried traffic; null if it never was. */
  readonly enteredAs: string | null;
}

export interface Memory {
  readonly services: readonly ServiceMemory[];
}

export const emptyMemory: Memory = { services: [] };

export interface Verdict {
  /** Sorted by service id. */
  readonly services: readonly ServiceVerdict[];
  /** When to plan again though nothing wakes the loop; null: only when something does. */
  readonly wakeAt: Millis | null;
  /** True while the answer hangs on the data plane's checks or sessions, which only polling tells. */
  readonly watching: boolean;
  readonly memory: Memory;
}
