/** Latches: what was sent back stays so until its configuration changes, or somebody retries. */
import type { AppId, Millis } from '../../model/ids.ts';
import type { AssessedPool } from '../assess.ts';
import type { Because } from '../because.ts';
import * as reason from './reasons.ts';
import type { Latch } from './types.ts';

/** Those that still hold. One that was superseded is free when nobody that superseded it is there any more. */
export function latchesInForce(latches: readonly Latch[], pools: readonly AssessedPool[]): readonly Latch[] {
  const byApp = new Map(pools.map((each) => [each.pool.app, each]));
  return latches.filter((latch) => {
    const each = byApp.get(latch.app);
    if (each === undefined || each.app.lastConfigChangeAt !== latch.configuredAt) return false;
    return latch.by === null || latch.by.some((app) => (byApp.get(app)?.app.instances ?? 0) > 0);
  });
}

/**
 * Without a memory nobody knows who was sent back. So whoever would take traffic from those that have it takes nothing
 * before somebody retries it, or it is changed: those of a higher priority, and of an equal one who would be judged there.
 */
export function latchesAsFound(now: Millis, pools: readonly AssessedPool[]): readonly Latch[] {
  const carrying = pools.filter((each) => each.weight > 0);
  if (carrying.length === 0) return [];
  const lowest = Math.min(...carrying.map((each) => each.priority));
  const isEqual = (each: AssessedPool) =>
    each.pool.rollout.analysis !== null && carrying.some((other) => other.priority === each.priority);
  return pools
    .filter((each) => each.weight === 0 && each.pool.weight !== 0 && each.pool.joins === undefined)
    .filter((each) => each.priority > lowest || isEqual(each))
    .reduce<readonly Latch[]>((all, each) => latched(now, all, [each], reason.forgotten(each)), []);
}

export function isForgotten({ because }: Latch): boolean {
  return because.code === 'memory-lost';
}

export function latched(
  now: Millis,
  latches: readonly Latch[],
  pools: readonly AssessedPool[],
  because: Because,
  by: readonly AppId[] | null = null,
): readonly Latch[] {
  const apps = new Set(pools.map((each) => each.pool.app));
  return [
    ...latches.filter((latch) => !apps.has(latch.app)),
    ...pools.map((each) => ({
      app: each.pool.app,
      configuredAt: each.app.lastConfigChangeAt,
      at: now,
      because,
      by,
    })),
  ];
}
