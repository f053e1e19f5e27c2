/** What Baton knows to run in HAProxy: services, their slots, and the servers in them. */
import type { Balance, Listener, Mode, Rules, SendProxy } from '../../declared/types.ts';
import type { EndpointCheck } from '../../model/endpoint.ts';
import type { AppId, ServerName, ServiceId, SlotName } from '../../model/ids.ts';
import type { BasisPoints } from '../../model/weights.ts';
import type { ConditionTarget, MatchTarget } from '../../plan/target.ts';

export interface Server {
  readonly name: ServerName;
  /** An IP address; names are resolved before. */
  readonly address: string;
  readonly port: number;
  readonly check: EndpointCheck;
  /** The PROXY header that it gets, its checks' too; none where it is not there. */
  readonly sendProxy?: SendProxy | undefined;
  /** `leaving`: in maintenance, takes nothing new, to be deleted when nothing is connected to it any more. */
  readonly rotation: 'in' | 'hold' | 'leaving';
}

export interface Shape {
  readonly mode: Mode;
  readonly balance: Balance;
  readonly checkKind: 'http' | 'tcp';
  /** What labels add to the backend, line by line. */
  readonly templates: readonly string[];
}

export interface Slot extends Shape {
  readonly slot: SlotName;
  /** Whose servers it holds or held until it is free; null when free. */
  readonly app: AppId | null;
  readonly servers: ReadonlyMap<ServerName, Server>;
}

export interface Weighted {
  readonly slot: SlotName;
  readonly weight: BasisPoints;
  /** Without a share, it finishes what it has. */
  readonly draining: boolean;
}

export interface Service {
  readonly id: ServiceId;
  readonly name: string;
  readonly listeners: readonly Listener[];
  readonly rules: Rules;
  readonly matches: readonly MatchTarget[];
  readonly conditions: readonly ConditionTarget[];
  /** Whether clients stay on their app. */
  readonly affinity: boolean;
  /** Whether that can be switched on without a new configuration: once it was on, it stays so. */
  readonly cookie: boolean;
  /** In slot order, idle ones included. */
  readonly slots: readonly Slot[];
  readonly weights: readonly Weighted[];
  readonly failover: readonly SlotName[];
  readonly noFailover: readonly SlotName[];
  /** The target names it no more: it goes when its servers have gone. */
  readonly removed: boolean;
}

export type Services = ReadonlyMap<string, Service>;

export function backendName(service: string, slot: string): string {
  return `${service}:${slot}`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return (
    a.mode === b.mode &&
    a.balance === b.balance &&
    a.checkKind === b.checkKind &&
    a.templates.join('\n') === b.templates.join('\n')
  );
}

/** The service with the servers of one slot replaced. */
export function withServers(
  service: Service,
  slot: SlotName,
  servers: ReadonlyMap<ServerName, Server>,
): Service {
  return {
    ...service,
    slots: service.slots.map((each) => (each.slot === slot ? { ...each, servers } : each)),
  };
}
