/** Capacity that follows the weight: how many instances the next share needs, and whether they are there. */
import { type BasisPoints, whole } from '../../model/weights.ts';
import type { AssessedPool } from '../assess.ts';
import type { Wish } from '../wishes.ts';
import * as reason from './reasons.ts';
import type { Sized, TransitionMemory } from './types.ts';

export interface Growth {
  /** Null when everything is there. */
  readonly missing: { readonly each: AssessedPool; readonly wanted: number } | null;
  readonly wishes: readonly Wish[];
}

/** The instances that all old apps had together when the transition began. */
export function oldInstances({ instances, to }: TransitionMemory): number {
  const isNew = new Set(to.map((each) => each.app));
  return instances.filter((each) => !isNew.has(each.app)).reduce((sum, each) => sum + each.count, 0);
}

export function instancesAtStart(instances: readonly Sized[], each: AssessedPool): number {
  return instances.find(({ app }) => app === each.pool.app)?.count ?? each.app.instances;
}

/**
 * With `capacity: match`, each new app has its part of the instances that the service had before it takes the share.
 * Who has had no traffic yet must be ready for its first share, however it is scaled.
 */
export function growthFor(
  transition: TransitionMemory,
  pools: readonly AssessedPool[],
  weight: BasisPoints,
): Growth {
  const matching = pools.filter((each) => each.pool.rollout.capacity === 'match').length;
  const wishes: Wish[] = [];
  let missing: Growth['missing'] = null;
  for (const each of pools) {
    if (weight > 0 && !each.ready && !each.entered) missing ??= { each, wanted: each.needed ?? 1 };
    if (each.pool.rollout.capacity !== 'match') continue;
    const start = instancesAtStart(transition.instances, each);
    const full = Math.max(start, Math.ceil(oldInstances(transition) / matching));
    const wanted = Math.max(start, Math.ceil((full * weight) / whole));
    if (each.app.instances < wanted) {
      const because = reason.scaledForShare(weight, wanted);
      wishes.push({ kind: 'scale', app: each.pool.app, instances: wanted, because });
    }
    if (each.app.instances < wanted || each.up < wanted) missing = { each, wanted };
  }
  return { missing, wishes };
}
