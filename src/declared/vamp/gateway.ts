/** Vamp's gateways, as they are kept: every default filled in, every name and address parsed. */
import type { AppId } from '../../model/ids.ts';
import type { Balance, Mode } from '../types.ts';
import type { Condition } from './condition.ts';
import type { Rewrite } from './rewrite.ts';

/** Where a route leads. */
export type RouteTarget =
  /** An address: a VIP means the pools of the apps that carry it; any other one is an endpoint by itself. */
  | { readonly kind: 'external'; readonly host: string; readonly port: number }
  /** An app, and one of its ports by index or name; null: the first. */
  | { readonly kind: 'app'; readonly app: AppId; readonly port: number | string | null }
  | { readonly kind: 'gateway'; readonly name: string }
  /** One to four parts: which of the above they are shows only when all gateways and apps are known. */
  | { readonly kind: 'path'; readonly segments: readonly string[] }
  /** The running apps that it selects, as they come and go. */
  | { readonly kind: 'selector'; readonly selector: string }
  /** The running apps that the gateway's own selector puts into the group that the route is called after. */
  | { readonly kind: 'group' };

export interface GatewayRoute {
  /** As written. */
  readonly path: string;
  readonly target: RouteTarget;
  /** Whole percent; all of a gateway's sum to 100, or to 0. */
  readonly weight: number;
  readonly condition: Condition | null;
  /** Whole percent: how many of the requests that meet the condition are led here without regard to weights. */
  readonly conditionStrength: number;
  readonly balance: Balance | null;
  /** In the order in which they are carried out. */
  readonly rewrites: readonly Rewrite[];
}

export interface Gateway {
  readonly name: string;
  /** 0: one is to be chosen from 40000 to 45000. */
  readonly port: number;
  readonly mode: Mode;
  readonly sticky: 'route' | 'instance' | null;
  readonly virtualHosts: readonly string[];
  /** What makes the routes, one for each group that it finds. */
  readonly selector?: string;
  /** The address that others are told instead of the port: of what stands before this data plane. */
  readonly service?: { readonly host: string; readonly port: number; readonly mode: Mode };
  readonly routes: readonly GatewayRoute[];
  /** Weights move by so many percent at a time, and stay for so long; null: at once. */
  readonly ramp: { readonly stepPercent: number; readonly holdMs: number } | null;
  /** Weights count for routes without a ready endpoint, too (for those who know better). */
  readonly immediate: boolean;
  /** ISO time of its first coming: of several listeners that want one port the oldest keeps it. None: after all apps. */
  readonly createdAt?: string;
}
