/** The target: what the data plane is to be, complete. The planner's output and every driver's input. */
import type { MatchRule } from '../declared/rollout.ts';
import type { Condition } from '../declared/vamp/condition.ts';
import type { Balance, Listener, PoolTemplate, Rules, SendProxy } from '../declared/types.ts';
import type { EndpointCheck } from '../model/endpoint.ts';
import type { AppId, ServerName, ServiceId, SlotName, TaskId } from '../model/ids.ts';
import type { BasisPoints } from '../model/weights.ts';

export interface EndpointTarget {
  readonly server: ServerName;
  readonly task: TaskId;
  readonly host: string;
  readonly port: number;
  readonly check: EndpointCheck;
  /** The PROXY header that it is to get; none where it is not there. */
  readonly sendProxy?: SendProxy;
  /**
   * `in`: takes requests. `hold`: known and probed by the data plane, takes none and finishes what it has. `close`: as
   * `hold`, and whatever is still connected is to be closed now. An endpoint that a pool no longer lists gets no new
   * request, finishes what it has, and is then removed.
   */
  readonly rotation: 'in' | 'hold' | 'close';
}

/** Requests with this header or cookie reach the slot whatever its weight. */
export interface MatchTarget {
  /** Null: known, and leading nowhere yet, so that what the data plane has to prepare is prepared before. */
  readonly slot: SlotName | null;
  readonly rule: MatchRule;
}

/** Of the requests that meet the condition, `strength` percent reach the slot; the others go where the shares lead. */
export interface ConditionTarget {
  /** Null: known, and leading nowhere yet: those who meet it may meet the next. */
  readonly slot: SlotName | null;
  readonly condition: Condition;
  /** 0 to 100. */
  readonly strength: number;
}

export interface PoolTarget {
  readonly app: AppId;
  readonly slot: SlotName;
  readonly balance: Balance;
  /** How the slot's endpoints are probed; part of the slot's shape, like the balance. */
  readonly checkKind: 'http' | 'tcp';
  /** What the app's labels or its route's rewrites add to the slot; none where it is not there. */
  readonly templates?: readonly PoolTemplate[];
  /** The pool's share of the service's traffic. All pools' sum to 10,000, or to 0 when there is nobody to serve. */
  readonly weight: BasisPoints;
  /** Has lost its share, and finishes what it has: a client that stays on one of its tasks may do so for as long. */
  readonly draining: boolean;
  /** Sorted by server name. */
  readonly endpoints: readonly EndpointTarget[];
  /** True: whatever is still connected to this pool is to be closed now (its drain has timed out). */
  readonly close: boolean;
}

export interface ServiceTarget {
  readonly service: ServiceId;
  readonly listeners: readonly Listener[];
  readonly rules: Rules;
  /**
   * True: a client stays on the app whose pool served it first, by a cookie, while that pool has a share or is
   * `draining`; in any other case it goes where the shares lead.
   */
  readonly affinity: boolean;
  /** In order of choice; they come before affinity, and that before the shares. */
  readonly matches: readonly MatchTarget[];
  /** In order of choice; after `matches` and affinity, before the shares. */
  readonly conditions?: readonly ConditionTarget[];
  /** Sorted by slot. */
  readonly pools: readonly PoolTarget[];
  /**
   * The slots in the order in which the data plane tries them by itself when a chosen pool turns out to be dead.
   * A pool that may not fail over is not left by this way, only entered.
   */
  readonly failover: readonly SlotName[];
  /** Slots whose dead pool does not fail over (`"failover": false`). */
  readonly noFailover: readonly SlotName[];
}
