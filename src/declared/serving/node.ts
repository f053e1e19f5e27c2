/** What one port of one app asks for by labels of marathon-lb, or by a VIP: the stuff that services are made of. */
import type { AppId } from '../../model/ids.ts';
import type { App } from '../../model/app.ts';
import type { Deployment } from '../marathon-lb/types.ts';
import type { Balance, Mode, PathPrefix, PoolTemplate, Rules, SendProxy } from '../types.ts';

/** A place where the port wants to be reached. Ports that claim the same place are pools of one service. */
export interface Claim {
  /** The same for all who mean the same place. */
  readonly key: string;
  /** The virtual host, on 80 and 443; null for a port of its own. */
  readonly host: string | null;
  /** The beginning of paths; null: all. */
  readonly path: PathPrefix | null;
  /** An address of this machine; null for the one that Baton binds to. Null for hosts. */
  readonly address: string | null;
  /** As declared; 80 stands for both ports of a host. */
  readonly declaredPort: number;
  readonly rank: number;
  readonly certificate: string | null;
  readonly bindOptions: readonly string[];
}

export interface Node {
  /** Told apart by app, port index and VIP. */
  readonly id: string;
  readonly kind: 'marathon-lb' | 'vip';
  readonly app: App;
  readonly index: number;
  /** The port that is probed. */
  readonly checkIndex: number;
  /** Since when the app has been a listener: the older comes first. */
  readonly since: string;
  readonly mode: Mode;
  readonly rules: Rules;
  readonly balance: Balance;
  /** What its labels add to its backends. */
  readonly templates: readonly PoolTemplate[];
  readonly sendProxy: SendProxy | null;
  readonly claims: readonly Claim[];
  /** The deployment group, with a leading `/`; apps of one are pools of one service, port index by port index. */
  readonly group: AppId | null;
  readonly deployment: Deployment | null;
  /** The port by which a deployment group's service is named. */
  readonly servicePort: number | null;
  /** VIPs of the port, in one text each. */
  readonly vips: readonly string[];
  /** The label that diagnostics name, with its value; null where it is the port itself. */
  readonly label: string | null;
  readonly value: string | null;
}

/** Who came first; of two that came together, who is named first. */
export function olderFirst(a: Node, b: Node): number {
  if (a.since !== b.since) return a.since < b.since ? -1 : 1;
  return byName(a, b);
}

export function byName(a: Node, b: Node): number {
  if (a.app.id !== b.app.id) return a.app.id < b.app.id ? -1 : 1;
  if (a.index !== b.index) return a.index - b.index;
  return a.kind === b.kind ? 0 : a.kind === 'vip' ? 1 : -1;
}

/** Apps of one deployment group belong together, one port index with the same of the others. */
export function groupKey({ group, index }: Node): string | null {
  return group === null ? null : `${group}#${index}`;
}
