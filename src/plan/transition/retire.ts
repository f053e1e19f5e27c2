/** Retirement: what was replaced, and has drained, goes as the version that replaced it declares. */
import type { DeclaredService } from '../../declared/types.ts';
import { type Millis, millis } from '../../model/ids.ts';
import type { AssessedPool } from '../assess.ts';
import type { Choice } from '../choose.ts';
import type { ServiceMemory } from '../verdict.ts';
import type { Wish } from '../wishes.ts';
import type { CourseMemory } from './course.ts';
import * as reason from './reasons.ts';
import type { Replaced } from './types.ts';

export interface Retirement {
  readonly replaced: Replaced | null;
  readonly wishes: readonly Wish[];
  readonly wakeAt: Millis | null;
}

/**
 * Only while those that replaced it carry everything, so that what could be needed again stays. The app that declares
 * the listener is scaled to 0 at most.
 */
export function retirement(
  now: Millis,
  service: DeclaredService,
  pools: readonly AssessedPool[],
  { replaced, latches, manual, restoring }: CourseMemory,
  choice: Choice,
  before: ServiceMemory | undefined,
): Retirement {
  if (replaced === null) return { replaced, wishes: [], wakeAt: null };
  const held = new Set(latches.map((latch) => latch.app));
  const by = pools.filter((each) => replaced.by.includes(each.pool.app) && !held.has(each.pool.app));
  const there = pools.filter((each) => replaced.apps.includes(each.pool.app));
  if (by.length === 0 || there.length === 0) return { replaced: null, wishes: [], wakeAt: null };
  const rest = { ...replaced, apps: there.map((each) => each.pool.app) };
  const lead = by.find((each) => each.pool.rollout.retire !== 'keep');
  const isCarriedByThem =
    choice.rule === 'priority' && [...choice.weights.keys()].every((app) => replaced.by.includes(app));
  if (lead === undefined || !isCarriedByThem || manual !== null || restoring !== null) {
    return { replaced: rest, wishes: [], wakeAt: null };
  }
  const { retire, retireAfterMs } = lead.pool.rollout;
  const endsAt = millis(replaced.at + retireAfterMs);
  if (now < endsAt) return { replaced: rest, wishes: [], wakeAt: endsAt };
  const wishes: Wish[] = [];
  for (const each of there) {
    const { app } = each.pool;
    const isDraining = before?.pools.find((pool) => pool.app === app)?.drainingSince ?? null;
    if (each.weight > 0 || each.sessions > 0 || isDraining !== null) continue;
    const because = reason.retiring(lead.pool.app);
    if (each.app.instances > 0) wishes.push({ kind: 'scale', app, instances: 0, because });
    else if (retire === 'delete' && app !== service.listenerApp && each.app.tasks.length === 0)
      wishes.push({ kind: 'delete', app, because });
  }
  return { replaced: rest, wishes, wakeAt: null };
}
