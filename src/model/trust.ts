/** Trust in a read: what of the picture so far it would take away, and the picture without that loss. */
import type { App, Cluster, Task } from './app.ts';
import type { AppId } from './ids.ts';

/** A group of apps whose endpoints must not all vanish unnoticed: the pools of a service. */
export interface Group {
  readonly name: string;
  readonly apps: readonly AppId[];
}

/** A loss that is not to be believed at once. */
export interface Doubt {
  /** Whose loss it is; null: everybody's. */
  readonly group: string | null;
  /** The apps whose tasks it is about. */
  readonly apps: ReadonlySet<AppId>;
  /** One sentence. */
  readonly problem: string;
}

/**
 * What of a read is not to be believed at once: that it names more than half of the running tasks no more, whosever they
 * are; or all of a group's, or half of those of a group that work, because nobody may know yet that the others do not.
 * That is about this group alone. A task that is named with another state is a statement, not an absence.
 * @param groups asked for only when something is missing, as is `works`: whether a group's task serves and passes its check
 */
export function doubtsAbout(
  known: Cluster,
  read: Cluster,
  groups: () => readonly Group[],
  works: (task: Task, group: string) => boolean,
): readonly Doubt[] {
  const missing = missingFrom(known, read);
  if (missing.size === 0) return [];
  const lost = sum([...missing.values()]);
  const all = sum([...known.apps.values()].map(runningIn));
  if (lost * 2 > all) {
    const problem = `it names ${lost} of ${all} running tasks no more`;
    return [{ group: null, apps: new Set(missing.keys()), problem }];
  }
  return groups().flatMap((group) => {
    if (!group.apps.some((app) => missing.has(app))) return [];
    const apps = new Set(group.apps.filter((app) => missing.has(app)));
    const problem = lossOf(group, known, read, works);
    return problem === null ? [] : [{ group: group.name, apps, problem }];
  });
}

function lossOf(
  { name, apps }: Group,
  known: Cluster,
  read: Cluster,
  works: (task: Task, group: string) => boolean,
): string | null {
  const tasks = apps.flatMap((app) => known.apps.get(app)?.tasks ?? []).filter(isRunning);
  const named = new Set(apps.flatMap((app) => read.apps.get(app)?.tasks ?? []).map((task) => task.id));
  const isLost = (task: Task): boolean => !named.has(task.id);
  if (tasks.every(isLost)) return `it names none of the ${tasks.length} running tasks of ${name} any more`;
  const working = tasks.filter((task) => task.health !== 'down' && works(task, name));
  const gone = working.filter(isLost).length;
  return gone > 0 && gone * 2 >= working.length
    ? `it names ${gone} of the ${working.length} working tasks of ${name} no more`
    : null;
}

/** How many running tasks of each app a read names no more. What is the same object has lost nothing. */
function missingFrom(known: Cluster, read: Cluster): ReadonlyMap<AppId, number> {
  const missing = new Map<AppId, number>();
  // Most turns look at the picture that the last one has looked at.
  if (known.apps === read.apps) return missing;
  for (const app of known.apps.values()) {
    const now = read.apps.get(app.id);
    if (now === app) continue;
    const named = new Set(now?.tasks.map((task) => task.id));
    const lost = app.tasks.filter((task) => isRunning(task) && !named.has(task.id)).length;
    if (lost > 0) missing.set(app.id, lost);
  }
  return missing;
}

/** The apps with running tasks that a read names no more. */
export function appsWithLosses(known: Cluster, read: Cluster): ReadonlySet<AppId> {
  return new Set(missingFrom(known, read).keys());
}

/** Counted once: an app that has not changed is the same object. */
const counted = new WeakMap<App, number>();

function runningIn(app: App): number {
  const known = counted.get(app);
  if (known !== undefined) return known;
  let count = 0;
  for (const task of app.tasks) if (isRunning(task)) count += 1;
  counted.set(app, count);
  return count;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** The running tasks of these apps that a read names no more. */
export function lostOf(known: Cluster, read: Cluster, apps: ReadonlySet<AppId>): readonly Task[] {
  return [...apps].flatMap((id) => {
    const named = new Set(read.apps.get(id)?.tasks.map((task) => task.id));
    return (known.apps.get(id)?.tasks ?? []).filter((task) => isRunning(task) && !named.has(task.id));
  });
}

/**
 * Of tasks that a read names no more, those in whose place it names no other: who answers there now may be somebody else.
 * A place is the host with its ports; in network mode `container` the task's own addresses.
 */
export function stillInPlace(lost: readonly Task[], known: Cluster, read: Cluster): readonly Task[] {
  const taken = new Set<string>();
  for (const app of read.apps.values())
    for (const task of app.tasks) for (const place of placesOf(task, app)) taken.add(place);
  return lost.filter((task) => placesOf(task, known.apps.get(task.app)).every((place) => !taken.has(place)));
}

function placesOf({ host, addresses, ports }: Task, app: App | undefined): readonly string[] {
  return app?.network === 'container' ? addresses : ports.map((port) => `${host}:${port}`);
}

/** The read, but of these apps with what it names no more as it was, or what `kept` makes of it. */
export function withoutLosses(
  known: Cluster,
  read: Cluster,
  apps: ReadonlySet<AppId>,
  kept: (task: Task) => Task = (task) => task,
): Cluster {
  const result = new Map<AppId, App>(read.apps);
  for (const id of apps) {
    const [app, now] = [known.apps.get(id), read.apps.get(id)];
    if (app === undefined) continue;
    if (now === undefined) {
      result.set(id, { ...app, tasks: app.tasks.map(kept) });
      continue;
    }
    const missing = lostOf(known, read, new Set([id]));
    if (missing.length > 0) result.set(id, { ...now, tasks: [...now.tasks, ...missing.map(kept)] });
  }
  return { apps: result };
}

function isRunning(task: Task): boolean {
  return task.state === 'TASK_RUNNING';
}
