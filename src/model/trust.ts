/** Trust in a read: what of the picture so far it would take away, and the picture without that loss. */
import type { App, Cluster, Task } from './app.ts';
import type { AppId } from './ids.ts';

/** A group of apps whose endpoints must not all vanish unnoticed: the pools of a service. */
export interface Group {
  readonly name: string;
  readonly apps: readonly AppId[];
}

/**
 * Why a read is not to be believed at once: it names more than half of the running tasks no more, or all of a group's,
 * or half of those of a group that work, because nobody may know yet that the others do not. Null when it is. A task
 * that is named with another state is a statement, not an absence.
 * @param groups asked for only when something is missing, as is `works`: whether a group's task serves and passes its check
 */
export function doubtAbout(
  known: Cluster,
  read: Cluster,
  groups: () => readonly Group[],
  works: (task: Task, group: string) => boolean,
): string | null {
  const missing = missingFrom(known, read);
  if (missing.size === 0) return null;
  const lost = sum([...missing.values()]);
  const all = sum([...known.apps.values()].map(runningIn));
  if (lost * 2 > all) return `it names ${lost} of ${all} running tasks no more`;
  for (const { name, apps } of groups()) {
    if (!apps.some((app) => missing.has(app))) continue;
    const tasks = apps.flatMap((app) => known.apps.get(app)?.tasks ?? []).filter(isRunning);
    const named = new Set(apps.flatMap((app) => read.apps.get(app)?.tasks ?? []).map((task) => task.id));
    const isLost = (task: Task): boolean => !named.has(task.id);
    if (tasks.every(isLost)) return `it names none of the ${tasks.length} running tasks of ${name} any more`;
    const working = tasks.filter((task) => task.health !== 'down' && works(task, name));
    const gone = working.filter(isLost).length;
    if (gone > 0 && gone * 2 >= working.length)
      return `it names ${gone} of the ${working.length} working tasks of ${name} no more`;
  }
  return null;
}

/** How many running tasks of each app a read names no more. What is the same object has lost nothing. */
function missingFrom(known: Cluster, read: Cluster): ReadonlyMap<AppId, number> {
  const missing = new Map<AppId, number>();
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

function runningIn(app: App | undefined): number {
  let count = 0;
  for (const task of app?.tasks ?? []) if (isRunning(task)) count += 1;
  return count;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/**
 * The read, with the running tasks and the apps that it names no more as they were; but down where they are not `served`
 * any more: what an event has taken out meanwhile must not come back by being remembered.
 */
export function withoutLosses(known: Cluster, read: Cluster, served: (task: Task) => boolean): Cluster {
  const kept = (task: Task): Task => (served(task) ? task : { ...task, health: 'down' });
  const apps = new Map<AppId, App>(read.apps);
  for (const app of known.apps.values()) {
    const now = read.apps.get(app.id);
    if (now === undefined) {
      apps.set(app.id, { ...app, tasks: app.tasks.map(kept) });
      continue;
    }
    const named = new Set(now.tasks.map((task) => task.id));
    const missing = app.tasks.filter((task) => isRunning(task) && !named.has(task.id));
    if (missing.length > 0) apps.set(app.id, { ...now, tasks: [...now.tasks, ...missing.map(kept)] });
  }
  return { apps };
}

function isRunning(task: Task): boolean {
  return task.state === 'TASK_RUNNING';
}
