/** Wishes of all services together: an app that several services need is not taken away for the sake of one. */
import type { AppId, ServiceId, TaskId } from '../model/ids.ts';
import type { ServiceVerdict } from './verdict.ts';
import type { Wish } from './wishes.ts';

/** A wish that may be carried out, and for whom. */
export interface SettledWish {
  readonly service: ServiceId;
  readonly wish: Wish;
}

type Wishing = Pick<ServiceVerdict, 'service' | 'listenerApp' | 'pools' | 'wishes'>;

/**
 * Of several wishes to scale up the greatest counts. What takes instances away needs the consent of every service of
 * which the app is a pool: the same wish of its own. At most one wish for each app, sorted by app.
 */
export function settleWishes(services: readonly Wishing[]): readonly SettledWish[] {
  const wished = new Map<AppId, SettledWish[]>();
  for (const { service, wishes } of services) {
    for (const wish of wishes) {
      const known = wished.get(wish.app);
      if (known === undefined) wished.set(wish.app, [{ service, wish }]);
      else known.push({ service, wish });
    }
  }
  if (wished.size === 0) return [];
  const settled: SettledWish[] = [];
  for (const [app, all] of wished) {
    const users = services.filter(({ pools }) => pools.some((pool) => pool.app === app));
    const wish = settledFor(app, all, users);
    if (wish !== null) settled.push(wish);
  }
  return settled.toSorted((a, b) => (a.wish.app < b.wish.app ? -1 : 1));
}

function settledFor(app: AppId, all: readonly SettledWish[], users: readonly Wishing[]): SettledWish | null {
  const isAgreed = users.every(({ service }) => all.some((each) => each.service === service));
  const ups = all.flatMap(({ service, wish }) =>
    wish.kind === 'scale' && wish.instances > 0 ? [{ service, wish }] : [],
  );
  const [greatest] = ups.toSorted((a, b) => b.wish.instances - a.wish.instances);
  if (greatest !== undefined) return greatest;
  const [first] = all;
  if (first === undefined || !isAgreed) return null;
  const kills = all.flatMap(({ wish }) => (wish.kind === 'kill' ? [new Set(wish.tasks)] : []));
  if (first.wish.kind === 'kill' || kills.length > 0) {
    if (first.wish.kind !== 'kill' || kills.length < all.length) return null;
    const tasks: readonly TaskId[] = first.wish.tasks.filter((task) => kills.every((each) => each.has(task)));
    return tasks.length === 0 ? null : { service: first.service, wish: { ...first.wish, tasks } };
  }
  const isDeleted = all.every(({ wish }) => wish.kind === 'delete');
  if (isDeleted) return users.some(({ listenerApp }) => listenerApp === app) ? null : first;
  return all.find(({ wish }) => wish.kind === 'scale') ?? null;
}
