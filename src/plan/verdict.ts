/** Verdicts: what the planner decided for each service, with the reason of every part. */
import type { Health } from '../model/app.ts';
import type { AppId, Millis, ServiceId, SlotName } from '../model/ids.ts';
import type { Because } from './because.ts';
import type { EndpointTarget, PoolTarget, ServiceTarget } from './target.ts';

/** The alternation of Avi's A/B pools: a name for people to read, no more. */
export type Side = 'A' | 'B';

/** The states of a pool and what they mean; docs/decisions.md shows them. */
export const poolStateTable = {
  active: 'Carries traffic.',
  waiting: 'Would carry traffic, and may not yet: `because` says what is missing.',
  standby: 'Carries none, and takes over when those above it cannot serve.',
  draining: 'Has lost its share and finishes the requests that it has.',
  empty: 'Is scaled to 0 instances.',
} as const satisfies Readonly<Record<string, string>>;

export type PoolState = keyof typeof poolStateTable;

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

/** The phases of a service and what they mean; docs/decisions.md shows them. */
export const phaseTable = {
  settled: 'The traffic is where the labels want it, and nothing is left to do.',
  waiting:
    'A pool that should carry traffic, or all of it, may not yet; the traffic stays where it is meanwhile.',
  draining: 'The traffic has moved; the old version finishes its requests.',
  'failed-over': 'A pool of a higher priority cannot serve now; the next one carries its traffic.',
  'last-resort': 'Nobody is ready; the highest priority with any endpoint up carries the traffic.',
  down: 'Nobody has an endpoint up, or the one that has none may not be left.',
} as const satisfies Readonly<Record<string, string>>;

export type ServicePhase = keyof typeof phaseTable;

export interface ServiceVerdict extends ServiceTarget {
  readonly listenerApp: AppId;
  readonly listenerGone: boolean;
  readonly phase: ServicePhase;
  /** Percent of the traffic on side B, 0 to 100, two decimals (Avi's `ab_pool.ratio`). */
  readonly ratio: number;
  readonly because: Because;
  readonly pools: readonly PoolVerdict[];
  /** When to plan again though nothing wakes the loop; null: only when something does. */
  readonly wakeAt: Millis | null;
  /** True while the answer hangs on the data plane's checks or sessions, which only polling tells. */
  readonly watching: boolean;
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
  readonly memory: Memory;
}
