/** Weights that a person has set, and those that were found where nothing is known of how they came about. */
import type { AppId, Millis } from '../../model/ids.ts';
import { type BasisPoints, shares, whole } from '../../model/weights.ts';
import type { AssessedPool } from '../assess.ts';
import { canServe, choose, type Choice } from '../choose.ts';
import type { ServiceMemory } from '../verdict.ts';
import { sharesAsBefore } from './shares.ts';
import type { Manual } from './types.ts';

/** Who holds the weights when nobody knows how they came about. */
const baton = 'baton';

/**
 * What was set holds until somebody lets go, as far as the pools are still there. Without a memory, weights over several
 * priorities are those of a transition that nobody knows any more: they stay until a person, or a change of
 * labels, decides.
 */
export function manualInForce(
  now: Millis,
  pools: readonly AssessedPool[],
  memory: ServiceMemory | undefined,
): Manual | null {
  if (memory === undefined) return foundAmid(now, pools);
  const { manual } = memory;
  if (manual === null) return null;
  const present = new Set(pools.map((each) => each.pool.app));
  const weights = manual.weights.filter((each) => present.has(each.app));
  if (weights.length === 0 || (manual.by === baton && hasChanged(pools, memory))) return null;
  return weights.length === manual.weights.length ? manual : { ...manual, weights };
}

function foundAmid(now: Millis, pools: readonly AssessedPool[]): Manual | null {
  const carrying = pools.filter((each) => each.weight > 0 && each.pool.joins === undefined);
  if (new Set(carrying.map((each) => each.priority)).size < 2) return null;
  const weights = carrying.map((each) => ({ app: each.pool.app, weight: each.weight }));
  return { since: now, by: baton, why: 'what was known of the transition is lost', weights };
}

/** Without a memory, those of the lowest priority that carries are what to fall back to. */
export function asFound(pools: readonly AssessedPool[]): readonly AssessedPool[] {
  const lowest = Math.min(...pools.filter((each) => each.weight > 0).map((each) => each.priority));
  return pools.map((each) =>
    each.weight > 0 && each.priority === lowest ? { ...each, complete: true } : each,
  );
}

export function isFound(manual: Manual): boolean {
  return manual.by === baton;
}

function hasChanged(pools: readonly AssessedPool[], memory: ServiceMemory): boolean {
  const known = new Map(memory.pools.map((each) => [each.app, each.seenAs]));
  return pools.some((each) => known.get(each.pool.app) !== each.app.lastConfigChangeAt);
}

/** The named pools have their weights as far as they can serve; the others share the rest as they would without, if they may. */
export function manualChoice(
  manual: Manual | null,
  choice: Choice,
  pools: readonly AssessedPool[],
  held: ReadonlySet<AppId>,
): Choice {
  if (manual === null) return choice;
  const mayTake = (each: AssessedPool) =>
    canServe(each) && !held.has(each.pool.app) && (each.ready || each.entered || each.weight > 0);
  const serving = new Set(pools.filter(mayTake).map((each) => each.pool.app));
  const named = new Map(manual.weights.map((each) => [each.app, each.weight]));
  const given = manual.weights.filter((each) => serving.has(each.app));
  const total = given.reduce((sum, each) => sum + each.weight, 0);
  const others = pools.filter((each) => !named.has(each.pool.app));
  const asBefore = sharesAsBefore(
    [...choice.weights].map(([app, weight]) => ({ app, weight })),
    others,
  );
  const left = choose(others, held);
  const ready = left.rule === 'priority' ? left.weights : new Map<AppId, BasisPoints>();
  const rest = asBefore.size > 0 ? asBefore : ready;
  const isAlone = rest.size === 0 || total >= whole;
  const weights = new Map<AppId, BasisPoints>();
  const part = isAlone ? whole : total;
  const own = shares(
    given.map((each) => each.weight),
    part,
  );
  given.forEach((each, index) => weights.set(each.app, own[index] ?? 0));
  if (!isAlone) {
    const parts = shares([...rest.values()], whole - part);
    [...rest.keys()].forEach((app, index) => weights.set(app, parts[index] ?? 0));
  }
  return given.length === 0 ? choice : { ...choice, weights };
}
