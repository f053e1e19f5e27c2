/** Verdicts: what the planner decided for each service, with the reason of every part. */
import type { Health } from '../model/app.ts';
import type { AppId, Millis, ServiceId, SlotName } from '../model/ids.ts';
import type { Ask } from './asks.ts';
import type { Because } from './because.ts';
import type {
  Ended,
  Guard,
  JudgementMemory,
  Latch,
  Manual,
  RampMemory,
  Replaced,
  Restoring,
  TransitionMemory,
  TransitionView,
} from './transition/types.ts';
import type { EndpointTarget, PoolTarget, ServiceTarget } from './target.ts';
import type { Wish } from './wishes.ts';

/** The alternation of Avi's A/B pools: a name for people to read, no more. */
export type Side = 'A' | 'B';

/** The states of a pool and what they mean; docs/decisions.md shows them. */
export const poolStateTable = {
  active: 'Carries traffic.',
  waiting: 'Would carry traffic, and may not yet: `because` says what is missing.',
  standby: 'Carries none, and takes over when those above it cannot serve.',
  draining: 'Has lost its share and finishes the requests that it has.',
  empty: 'Is scaled to 0 instances.',
  aborted:
    'Was sent back, or rolled back: it takes nothing until its configuration changes or somebody retries.',
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
  /** Why it takes nothing until its configuration changes or somebody retries; null when nothing holds it. */
  readonly latch: Latch | null;
  /** Of a pool that shares its priority with others and declares by what it is judged. */
  readonly judgement: JudgementMemory | null;
  readonly because: Because;
  readonly endpoints: readonly EndpointVerdict[];
}

/** The phases of a service and what they mean; docs/decisions.md shows them. */
export const phaseTable = {
  settled: 'The traffic is where the labels want it, and nothing is left to do.',
  waiting:
    'A pool that should carry traffic, or all of it, may not yet; the traffic stays where it is meanwhile.',
  transition: 'The traffic is on its way to a higher priority, or to other weights, step by step.',
  draining: 'The traffic has moved; the old version finishes its requests.',
  aborted: 'The last transition was sent back; the traffic is where it was before.',
  manual: 'Somebody has set the weights by hand; nothing moves until they let go.',
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
  /** The one that is under way, if any. */
  readonly transition: TransitionView | null;
  /** How the last one ended. */
  readonly lastTransition: Ended | null;
  readonly manual: Manual | null;
  /** What Marathon is to do; the same wish stays until the cluster shows it fulfilled. */
  readonly wishes: readonly Wish[];
  /** What is to be found out before the next judgement. */
  readonly asks: readonly Ask[];
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
  readonly transition: TransitionMemory | null;
  readonly latches: readonly Latch[];
  readonly manual: Manual | null;
  readonly last: Ended | null;
  /** Whom the pools that carry now have replaced, and since when; for retirement and for rolling back. */
  readonly replaced: Replaced | null;
  readonly guards: readonly Guard[];
  readonly restoring: Restoring | null;
  /** Of a service that says how fast its shares may move. */
  readonly ramp: RampMemory | null;
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
  /** The configuration version with which its service's transition to it was complete; null if none was. */
  readonly completeAs: string | null;
  /** The configuration version that was last seen; null before the first look. */
  readonly seenAs: string | null;
  /** Since when its present configuration has been waiting to be ready; null when it is not waiting. */
  readonly waitingSince: Millis | null;
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
