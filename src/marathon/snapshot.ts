/** The picture of Marathon: replaced as a whole, in the order in which the reads were begun. */
import { isDeepStrictEqual } from 'node:util';
import type { App, Cluster } from '../model/app.ts';
import type { AppId, TaskId } from '../model/ids.ts';

/** Numbers reads by their beginning: what began later saw the later state. */
export type ReadNumber = number;

export interface Snapshot {
  /** The picture as it is now; it does not change any more. */
  cluster(): Cluster;
  /** What is known of one app now; null: there is no such app. */
  app(id: AppId): App | null;
  /** How many apps there are. */
  size(): number;
  /** The number for a read that begins now. */
  begin(): ReadNumber;
  /** Whether an answer to read `read` is newer than what is known of the app. */
  isNews(app: AppId, read: ReadNumber): boolean;
  /** Takes over what a read of single apps gave; null for an app that is gone. Returns whether anything changed. */
  put(apps: ReadonlyMap<AppId, App | null>, read: ReadNumber): boolean;
  /**
   * Takes tasks down by an event. Reads that have begun already know nothing of it and no longer count for this app.
   * Returns whether anything changed.
   */
  withdraw(app: AppId, tasks: readonly TaskId[]): boolean;
  /**
   * Takes over a whole list: what is neither in it nor in `unreadable` is gone, unless it was read later than the
   * list began. Returns whether anything changed.
   */
  replace(apps: ReadonlyMap<AppId, App>, unreadable: ReadonlySet<AppId>, read: ReadNumber): boolean;
}

export function createSnapshot(): Snapshot {
  let apps: Map<AppId, App> = new Map();
  /** These apps as somebody has them: the next change is made in a copy. */
  let picture: Cluster | null = null;
  let reads = 0;
  /** The last read applied per app, of apps that are gone too until a list confirms that. */
  const applied = new Map<AppId, ReadNumber>();
  /** The last whole list: what it did not name was gone when it began. */
  let listed: ReadNumber = 0;

  const isNews = (app: AppId, read: ReadNumber): boolean => (applied.get(app) ?? listed) < read;

  function put(found: ReadonlyMap<AppId, App | null>, read: ReadNumber): boolean {
    let changed = false;
    for (const [id, app] of found) {
      if (!isNews(id, read)) continue;
      applied.set(id, read);
      if (isDeepStrictEqual(app ?? undefined, apps.get(id))) continue;
      if (picture !== null) apps = new Map(apps);
      picture = null;
      changed = true;
      if (app === null) apps.delete(id);
      else apps.set(id, app);
    }
    return changed;
  }

  function withdraw(id: AppId, tasks: readonly TaskId[]): boolean {
    const app = apps.get(id);
    if (app?.tasks.some((task) => tasks.includes(task.id) && task.health !== 'down') !== true) return false;
    const down = app.tasks.map((task) =>
      tasks.includes(task.id) ? { ...task, health: 'down' as const, silentSince: null } : task,
    );
    reads += 1;
    return put(new Map([[id, { ...app, tasks: down }]]), reads);
  }

  return {
    cluster: () => (picture ??= { apps }),
    app: (id) => apps.get(id) ?? null,
    size: () => apps.size,
    withdraw,
    begin: () => {
      reads += 1;
      return reads;
    },
    isNews,
    put,
    replace: (found, unreadable, read) => {
      const all = new Map<AppId, App | null>(found);
      for (const id of apps.keys()) if (!found.has(id) && !unreadable.has(id)) all.set(id, null);
      const changed = put(all, read);
      listed = read;
      for (const [id, last] of applied) if (last <= read && !apps.has(id)) applied.delete(id);
      return changed;
    },
  };
}
