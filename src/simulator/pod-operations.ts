/** What can be done to pods over the API: create, update, delete, kill instances. */
import { appId } from '../model/ids.ts';
import { alreadyExists, badRequest, notFound, unprocessable } from './api-error.ts';
import { type Accepted, changeRoot } from './change-root.ts';
import { type AppDefinition, isPod } from './definition.ts';
import { groupChangeFailed } from './events.ts';
import { parentOf } from './group-tree.ts';
import { killInstances } from './kill-operations.ts';
import { draftOfPod, type PodInput } from './pod-schema.ts';
import { validatePod } from './pod-validate.ts';
import { type ShownPod, shownPods } from './pod-view.ts';
import { type Instance, iso, type World } from './world.ts';

/** @throws ApiError 409 when there is such a pod; 422 when there is such an app, or a rule is broken */
export async function createPod(world: World, input: PodInput, force: boolean): Promise<Accepted> {
  validatePod(input);
  const id = appId(input.id);
  if (definitionOf(world, id) !== null) {
    const error = alreadyExists('A pod', id);
    world.emit(groupChangeFailed(world, parentOf(id), iso(world.now()), error.message));
    throw error;
  }
  return change(world, id, input, force);
}

/** Like Marathon it creates a pod that is not there. @throws ApiError 400 when the body is of another pod */
export async function updatePod(
  world: World,
  id: string,
  input: PodInput,
  force: boolean,
): Promise<Accepted> {
  validatePod(input);
  if (appId(input.id) !== id) throw badRequest(`'${id}' does not match definition's id ('${input.id}')`);
  return change(world, id, input, force);
}

export async function deletePod(world: World, id: string, force: boolean): Promise<Accepted> {
  if (definitionOf(world, id) === null) throw podNotFound(id);
  return changeRoot(world, { force, apps: new Map([[id, null]]), groupId: parentOf(id) });
}

/** Kills instances, which others replace. @returns those of the given ids that there were */
export async function killPodInstances(
  world: World,
  pod: ShownPod,
  ids: readonly string[],
  wipe: boolean,
): Promise<readonly Instance[]> {
  for (const id of ids) if (!instanceIdForm.test(id)) throw unprocessable(`Invalid instance id '${id}'`);
  const instances = ids.flatMap((id) => pod.instances.get(id) ?? []);
  await killInstances(world, instances, { scale: false, wipe, force: false });
  return instances;
}

/** The pod as readers see it. @throws ApiError 404 */
export function shownPod(world: World, id: string): ShownPod {
  const pod = shownPods(world).find((each) => each.id === id);
  if (pod === undefined) throw podNotFound(id);
  return pod;
}

const instanceIdForm = /^(.+)\.(instance-|marathon-)([^.]+)$/;

function podNotFound(id: string): Error {
  return notFound(`Pod '${id}' does not exist`);
}

function definitionOf(world: World, id: string): AppDefinition | null {
  const def = world.apps.get(id)?.def ?? null;
  return def !== null && isPod(def) ? def : null;
}

function change(world: World, id: string, input: PodInput, force: boolean): Promise<Accepted> {
  const apps = new Map([[id, draftOfPod(input, world.dialect.defaults)]]);
  return changeRoot(world, { force, apps, groupId: parentOf(id) });
}
