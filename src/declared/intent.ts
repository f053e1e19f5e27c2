/** What one app's labels ask for by themselves, before they are held against the other apps. */
import type { AppId } from '../model/ids.ts';
import { plainRollout, type Rollout } from './rollout.ts';
import { type Balance, type DrainRule, type Mode, plainReady, type ReadyRule } from './types.ts';
import type { LabelName } from './labels.ts';

/** Index or name of a port. */
export type PortRef = number | string;

/** A listener that an `ab_config` entry declares. */
export interface EntryListener {
  readonly port: number;
  readonly hosts: readonly string[];
  /** Null: all paths. */
  readonly path: string | null;
  readonly mode: Mode;
}

/** One `ab_config` entry; null where nothing is written. */
export interface MemberIntent {
  readonly service: AppId;
  readonly port: PortRef | null;
  /** Declares where the service is to be reached. */
  readonly listener: EntryListener | null;
  readonly priority: number;
  readonly weight: number | null;
  readonly ready: Omit<ReadyRule, 'forMs'>;
  readonly forMs: number | null;
  readonly failover: boolean;
  readonly drain: DrainRule;
  readonly rollout: Rollout;
}

export interface ListenerIntent {
  /** The label that diagnostics about the listener name, with its value. */
  readonly label: LabelName;
  readonly value: string;
  /** Declared ports; none: the app's service ports. */
  readonly ports: readonly number[];
  /** The declared address with the label that says it; null for the one Baton binds to. */
  readonly address: { readonly text: string; readonly label: LabelName } | null;
  readonly hosts: readonly string[];
}

export interface Intent {
  readonly listener: ListenerIntent | null;
  readonly members: readonly MemberIntent[];
  /** The value of `ab_config`, for diagnostics. */
  readonly abConfig: string;
  readonly balance: Balance;
}

/** What holds for a pool about which `ab_config` says nothing. */
export function plainMember(service: AppId): MemberIntent {
  return {
    service,
    port: null,
    listener: null,
    priority: 0,
    weight: null,
    ready: plainReady,
    forMs: null,
    failover: true,
    drain: { timeoutMs: 600_000, then: 'close' },
    rollout: plainRollout,
  };
}
