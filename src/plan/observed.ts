/** Observed state: what the data plane says it runs, as the planner needs it. */
import type { Balance } from '../declared/types.ts';
import type { AppId, ServerName, ServiceId, SlotName } from '../model/ids.ts';
import type { BasisPoints } from '../model/weights.ts';

export interface ObservedEndpoint {
  /**
   * The data plane's own check: `passed` once it has passed and not failed since (an endpoint that a reload found in
   * rotation counts as passed), `failed` when it is down, `pending` when it was never probed.
   */
  readonly check: 'passed' | 'failed' | 'pending';
  /** Whether it takes requests now, as far as its weight goes. */
  readonly inRotation: boolean;
  /** Requests and connections in progress, over all workers. */
  readonly sessions: number;
}

export interface ObservedSlot {
  readonly slot: SlotName;
  /** Whose endpoints it holds, or held until it is free again; null when free. */
  readonly app: AppId | null;
  readonly balance: Balance;
  readonly checkKind: 'http' | 'tcp';
  /** The share that requests get now, read back. */
  readonly weight: BasisPoints;
  /** Requests and connections in progress in this slot, over all workers and also on endpoints that are leaving. */
  readonly sessions: number;
  readonly endpoints: ReadonlyMap<ServerName, ObservedEndpoint>;
  /** Requests answered by this slot since Baton first saw it; never decreases. */
  readonly requests: number;
  /** Of those: answered with 5xx, or not at all; in mode tcp connections that failed. */
  readonly errors: number;
  /** Of those: how many took as long as each of `latencyBoundsMs`, and the last longer; one more than there are bounds. */
  readonly durations: readonly number[];
}

export interface ObservedService {
  readonly service: ServiceId;
  /** In slot order, spare ones included. */
  readonly slots: readonly ObservedSlot[];
}

export interface Observed {
  readonly services: ReadonlyMap<ServiceId, ObservedService>;
}
