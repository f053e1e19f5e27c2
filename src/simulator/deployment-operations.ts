/** Ending deployments over the API: back to what was, or just stop. */
import { notFound } from './api-error.ts';
import { type Accepted, changeRoot } from './change-root.ts';
import type { Draft } from './complete.ts';
import { cancel } from './deployments.ts';
import type { Deployment, World } from './world.ts';

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
  return changeRoot(world, { apps: originals(deployment), force: true, groupId: '/' });
}

function originals(deployment: Deployment): ReadonlyMap<string, Draft | null> {
  return new Map(deployment.affected.map((id) => [id, deployment.original.get(id) ?? null]));
}
