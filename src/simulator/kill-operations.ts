/** Killing tasks over the API, with or without scaling the app down. */
import { badRequest } from './api-error.ts';
import { definitionOf } from './app-operations.ts';
import { type Accepted, changeRoot } from './change-root.ts';
import type { Draft } from './complete.ts';
import { isPod } from './definition.ts';
import { decommission, kill, schedule } from './instances.ts';
import { type App, type Instance, isActive, type World } from './world.ts';

export interface KillRequest {
  readonly scale: boolean;
  readonly wipe: boolean;
  readonly force: boolean;
}

const wipePollMs = 10;

const taskIdForm = /^.+[._][^_.]+(\.[^.]+)*$/;

/**
 * The instances of the given task ids; ids that no task of an app has are ignored.
 * @throws ApiError 400 for what is no task id
 */
export function instancesByTask(world: World, ids: readonly string[]): readonly Instance[] {
  return ids.flatMap((id) => {
    if (!taskIdForm.test(id)) {
      throw badRequest(`Invalid task id '${id}'. [Task.Id cannot be parsed]`);
    }
    const instance = world.byTask.get(id);
    return instance === undefined || isPod(instance.def) ? [] : [instance];
  });
}

/**
 * With `scale`, one deployment that lowers the instances by the active ones given and takes exactly these.
 * Without, the tasks are killed and replaced; with `wipe`, by instances of other ids.
 * @returns the deployment with `scale`, else null
 * @throws ApiError 400, 409
 */
export async function killInstances(
  world: World,
  instances: readonly Instance[],
  request: KillRequest,
): Promise<Accepted | null> {
  if (request.scale && request.wipe) throw badRequest('You cannot use scale and wipe at the same time.');
  if (request.scale) return scaleDown(world, instances, request.force);
  const wiped: Promise<void>[] = [];
  for (const instance of instances) {
    const app = world.apps.get(instance.appId);
    if (app === undefined) continue;
    // Before goals there is nothing that wiping could do for a task without a volume.
    if (!request.wipe || !world.dialect.stableInstances) {
      kill(world, instance, 'request');
    } else if (instance.goal === 'Running') {
      decommission(world, app, instance);
      if (app.def !== null && !app.restarting) schedule(world, app, app.def);
      wiped.push(gone(world, app, instance));
    }
  }
  await Promise.all(wiped);
  return null;
}

/** A wipe is answered once the instance has ended. */
async function gone(world: World, app: App, instance: Instance): Promise<void> {
  while (app.instances.has(instance.id)) {
    await new Promise<void>((resolve) => void world.timers.after(wipePollMs, resolve));
  }
}

function scaleDown(world: World, instances: readonly Instance[], force: boolean): Promise<Accepted> {
  const apps = new Map<string, Draft>();
  const toKill = new Set<string>();
  for (const instance of instances) {
    const before = definitionOf(world, instance.appId);
    if (before === null || !isActive(instance.condition) || instance.condition === 'Killing') continue;
    const draft = apps.get(instance.appId) ?? before;
    apps.set(instance.appId, { ...draft, instances: Math.max(0, draft.instances - 1) });
    toKill.add(instance.id);
  }
  return changeRoot(world, { apps, force, toKill, groupId: '/' });
}
