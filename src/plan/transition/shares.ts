/** The shares of a service in a transition: what the new pools have, and how the old ones share the rest. */
import type { AppId } from '../../model/ids.ts';
import { type BasisPoints, shares, whole } from '../../model/weights.ts';
import type { AssessedPool } from '../assess.ts';
import { canServe, split } from '../choose.ts';

export type Weights = ReadonlyMap<AppId, BasisPoints>;

/** By declared weight, or by endpoints up; of those that can serve. */
export function sharesAmong(pools: readonly AssessedPool[]): Weights {
  const carriers = pools.filter(canServe);
  return carriers.length === 0 ? new Map() : split(carriers, pools);
}

/** As they were, of those that still can serve. */
export function sharesAsBefore(
  before: readonly { readonly app: AppId; readonly weight: BasisPoints }[],
  pools: readonly AssessedPool[],
): Weights {
  const serving = new Set(pools.filter(canServe).map((each) => each.pool.app));
  const kept = before.filter((each) => serving.has(each.app) && each.weight > 0);
  const parts = shares(kept.map((each) => each.weight));
  return new Map(kept.map((each, index) => [each.app, parts[index] ?? 0]));
}

/**
 * `part` for some, the rest for the others, each in their proportions. Who has nobody that can serve leaves the whole to
 * the others. Null when nobody can.
 */
export function combined(some: Weights, others: Weights, part: BasisPoints): Weights | null {
  if (some.size === 0 && others.size === 0) return null;
  if (some.size === 0) return others;
  if (others.size === 0) return some;
  return new Map([...scaled(others, whole - part), ...scaled(some, part)]);
}

function scaled(weights: Weights, total: BasisPoints): Weights {
  const apps = [...weights.keys()];
  const parts = shares([...weights.values()], total);
  return new Map(apps.map((app, index) => [app, parts[index] ?? 0]));
}
