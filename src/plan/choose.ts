/** The choice: which pools of a service carry its traffic, and with what shares. */
import type { AppId } from '../model/ids.ts';
import { type BasisPoints, shares } from '../model/weights.ts';
import type { AssessedPool } from './assess.ts';

/** By what rule the shares came about. */
export type ChoiceRule = 'priority' | 'last-resort' | 'no-fail-over' | 'nobody';

export interface Choice {
  readonly rule: ChoiceRule;
  /** The priority whose pools carry the traffic; null when nobody does. */
  readonly priority: number | null;
  /** Shares by app; they sum to 10,000, or to 0 when nobody carries anything. Pools not named have 0. */
  readonly weights: ReadonlyMap<AppId, BasisPoints>;
}

/**
 * | the highest priority that has …                                 | outcome |
 * | --------------------------------------------------------------- | ------- |
 * | an entered, active pool with an endpoint up, or a ready pool,   | carries; its pools share by weight |
 * | or one that does not wait to be ready                           |         |
 * | all active pools dead: one that entered before, an endpoint up  | carries: fail-over |
 * | a dead active pool that is declared not to fail over            | keeps its weights: nobody else takes over |
 * | none of these, but an endpoint up                               | carries: last resort |
 * | nobody up anywhere                                              | weights stay as they are |
 *
 * @param held those that were sent back: they take nothing, but as the last resort
 */
export function choose(all: readonly AssessedPool[], held: ReadonlySet<AppId> = nobody): Choice {
  const pools = held.size === 0 ? all : all.filter((each) => !held.has(each.pool.app));
  const priorities = [...new Set(pools.map((each) => each.priority))].sort((a, b) => b - a);
  const carried = pools.some((each) => each.weight > 0 && each.entered && canServe(each));
  for (const priority of priorities) {
    const members = pools.filter((each) => each.priority === priority);
    const carriers = members.filter((each) => mayCarry(each, carried));
    if (carriers.length > 0) return { rule: 'priority', priority, weights: split(carriers, members) };
    if (members.some(refusesFailOver))
      return { rule: 'no-fail-over', priority, weights: weightsAsTheyAre(all) };
  }
  return lastResort(all, held);
}

const nobody: ReadonlySet<AppId> = new Set();

export function canServe(each: AssessedPool): boolean {
  return each.pool.weight !== 0 && each.app.instances > 0 && each.up > 0;
}

/** `carried`: whether an active pool still serves, so that nobody needs to take over. */
function mayCarry(each: AssessedPool, carried: boolean): boolean {
  if (!canServe(each)) return false;
  return each.ready || each.joins || (each.entered && (each.weight > 0 || !carried));
}

/** An active pool that died (was not scaled to 0 on purpose) and may not be left. */
function refusesFailOver(each: AssessedPool): boolean {
  return !each.pool.failover && each.weight > 0 && each.up === 0 && each.app.instances > 0;
}

function lastResort(pools: readonly AssessedPool[], held: ReadonlySet<AppId>): Choice {
  const serving = (each: AssessedPool) => lastResortServers(each) > 0;
  // What was sent back is better than what is not to have traffic at all.
  const rank = ({ pool }: AssessedPool) => (pool.weight === 0 ? 2 : held.has(pool.app) ? 1 : 0);
  const priorities = [...new Set(pools.map((each) => each.priority))].sort((a, b) => b - a);
  for (const wanted of [0, 1, 2]) {
    for (const priority of priorities) {
      const members = pools.filter((each) => each.priority === priority && rank(each) === wanted);
      const carriers = members.filter(serving);
      if (carriers.length > 0) return { rule: 'last-resort', priority, weights: split(carriers, members) };
    }
  }
  return { rule: 'nobody', priority: null, weights: weightsAsTheyAre(pools) };
}

/** Endpoints that the last resort may use: those that serve, and in a pool that served before also those in doubt. */
export function lastResortServers(each: AssessedPool): number {
  return each.up + (each.entered ? each.endpoints.filter((endpoint) => endpoint.inDoubt).length : 0);
}

/** Declared weights; 1 for each endpoint up when nobody of the priority declares one. */
export function split(
  carriers: readonly AssessedPool[],
  members: readonly AssessedPool[],
): ReadonlyMap<AppId, BasisPoints> {
  const declared = members.some((each) => each.pool.weight !== null);
  const parts = shares(carriers.map((each) => (declared ? (each.pool.weight ?? 100) : Math.max(1, each.up))));
  return new Map(carriers.map((each, index) => [each.pool.app, parts[index] ?? 0]));
}

function weightsAsTheyAre(pools: readonly AssessedPool[]): ReadonlyMap<AppId, BasisPoints> {
  const held = pools.filter((each) => each.weight > 0);
  const parts = shares(held.map((each) => each.weight));
  return new Map(held.map((each, index) => [each.pool.app, parts[index] ?? 0]));
}
