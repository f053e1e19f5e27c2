/** Ending deployments over the API: back to what was, or just stop. */
import { notFound } from './api-error.ts';
import { type Accepted, changeRoot } from './change-root.ts';
import type { Draft } from './complete.ts';
import { cancel } from './deployments.ts';
import { type Groups, isBelow } from './group-tree.ts';
import { type Deployment, rootOf, type World } from './world.ts';

/**
 * Without `force` a new deployment restores the definitions from before; with it the deployment stops where it is and
 * old and new tasks stay.
 * @returns the deployment that rolls back, or null with `force`
 * @throws ApiError 404
 */
export async function endDeployment(world: World, id: string, force: boolean): Promise<Accepted | null> {
  const deployment = world.deployments.get(id);
  if (deployment === undefined) throw notFound(`DeploymentPlan ${id} does not exist`);
  if (force) {
    cancel(world, deployment);
    return null;
  }
  const apps = originals(deployment);
  const groups = groupsWithout(world, deployment, apps);
  return changeRoot(world, { apps, groups, force: true, groupId: '/' });
}

function originals(deployment: Deployment): ReadonlyMap<string, Draft | null> {
  return new Map(deployment.affected.map((id) => [id, deployment.original.get(id) ?? null]));
}

/** What it did to groups is undone, and nothing that others did since (Marathon's `DeploymentPlanReverter`). */
function groupsWithout(
  world: World,
  { groups: { before, after } }: Deployment,
  apps: ReadonlyMap<string, Draft | null>,
): Groups {
  const groups = new Map(world.groups);
  const kept = [...rootOf(world).keys(), ...apps.keys()].filter((app) => apps.get(app) !== null);
  const isEmpty = (id: string): boolean => ![...kept, ...groups.keys()].some((each) => isBelow(each, id));
  // Inner groups first: one may be empty without those in it.
  for (const id of [...new Set([...before.keys(), ...after.keys()])].toSorted().toReversed()) {
    const removed = (before.get(id) ?? []).filter((each) => after.get(id)?.includes(each) !== true);
    const added = (after.get(id) ?? []).filter((each) => before.get(id)?.includes(each) !== true);
    const now = groups.get(id);
    const left = (now ?? []).filter((each) => !added.includes(each));
    if (!before.has(id) && left.length === 0 && isEmpty(id)) groups.delete(id);
    else if (now !== undefined || !after.has(id)) groups.set(id, [...new Set([...left, ...removed])]);
  }
  return groups;
}
