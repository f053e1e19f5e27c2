/** Trust in a read: what of the picture so far it would take away, and the picture without that loss. */
import type { App, Cluster, Task } from './app.ts';
import type { AppId } from './ids.ts';

/** A group of apps whose endpoints must not all vanish unnoticed: the pools of a service. */
export interface Group {
  readonly name: string;
  readonly apps: readonly AppId[];
}

/**
 * Why a read is not to be believed at once: it names more than half of the running tasks no more, or all of a group's.
 * Null when it is. A task that is named with another state is a statement, not an absence.
 */
export function doubtAbout(known: Cluster, read: Cluster, groups: readonly Group[]): string | null {
  const named = new Set<string>();
  for (const app of read.apps.values()) for (const task of app.tasks) named.add(task.id);
  let running = 0;
  let missing = 0;
  for (const app of known.apps.values()) {
    for (const task of app.tasks) {
      if (!isRunning(task)) continue;
      running += 1;
      if (!named.has(task.id)) missing += 1;
    }
  }
  if (missing * 2 > running) return `it names ${missing} of ${running} running tasks no more`;
  for (const { name, apps } of groups) {
    const tasks = apps.flatMap((app) => known.apps.get(app)?.tasks ?? []).filter(isRunning);
    if (tasks.length > 0 && tasks.every((task) => !named.has(task.id))) {
      return `it names none of the ${tasks.length} running tasks of ${name} any more`;
    }
  }
  return null;
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
