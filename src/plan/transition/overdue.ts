/** A new version that is not ready in time is not waited for any longer. */
import { type Millis, millis } from '../../model/ids.ts';
import { earlier } from '../../model/weights.ts';
import type { AssessedPool } from '../assess.ts';
import { canServe } from '../choose.ts';
import type { CourseMemory } from './course.ts';
import { latched } from './latches.ts';
import * as reason from './reasons.ts';

export interface Overdue {
  readonly memory: CourseMemory;
  /** When the next one's time is up. */
  readonly wakeAt: Millis | null;
}

/** Only where somebody of a lower priority serves meanwhile; without that it is waited for as long as it takes. */
export function overdue(now: Millis, pools: readonly AssessedPool[], before: CourseMemory): Overdue {
  let memory = before;
  let wakeAt: Millis | null = null;
  const held = new Set(memory.latches.map((latch) => latch.app));
  for (const each of pools) {
    const { withinMs } = each.pool.ready;
    const { app, weight } = each.pool;
    if (each.waitingSince === null || withinMs === null || weight === 0) continue;
    if (held.has(app) || each.complete || each.weight > 0 || each.pool.joins !== undefined) continue;
    const isNeeded = !pools.some(
      (other) =>
        other.complete && other.priority < each.priority && !held.has(other.pool.app) && canServe(other),
    );
    if (isNeeded || memory.transition?.to.some((to) => to.app === app) === true) continue;
    const endsAt = millis(each.waitingSince + withinMs);
    if (now < endsAt) {
      wakeAt = earlier(wakeAt, endsAt);
      continue;
    }
    const because = reason.notReadyInTime(each, withinMs);
    memory = {
      ...memory,
      latches: latched(now, memory.latches, [each], because),
      last: { outcome: 'aborted', to: [app], startedAt: each.waitingSince, endedAt: now, because },
    };
  }
  return { memory, wakeAt };
}
