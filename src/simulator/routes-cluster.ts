/** The routes of tasks, deployments and the server itself. */
import { z } from 'zod';
import { ApiError, notFound } from './api-error.ts';
import { deploymentView, infoView } from './cluster-view.ts';
import { isPod } from './definition.ts';
import { endDeployment } from './deployment-operations.ts';
import { endpointsText } from './endpoints-text.ts';
import { type Answer, type Exchange, flag, readBody, sendText } from './http-answer.ts';
import { instancesByTask, killInstances } from './kill-operations.ts';
import { parseAs, parseJson } from './parse.ts';
import { deployed, killRequest } from './routes-apps.ts';
import { taskView } from './task-view.ts';
import type { Instance, World } from './world.ts';

const taskIds = z.object({ ids: z.array(z.string()) });

/** @returns null when there is no such route */
export async function routeTasks(
  world: World,
  exchange: Exchange,
  rest: readonly string[],
): Promise<Answer | null> {
  if (exchange.method === 'GET' && rest.length === 0) {
    if (wantsText(exchange)) return writeEndpoints(world, exchange);
    const { query } = exchange;
    const states = [...query.getAll('status'), ...query.getAll('status[]')];
    const tasks = [...world.apps.values()]
      .flatMap((app) => [...app.instances.values()])
      .filter((instance) => !isPod(instance.def) && instance.task !== null && hasStatus(instance, states))
      .map((instance) => taskView(world, instance, true));
    return { status: 200, body: { tasks } };
  }
  if (exchange.method !== 'POST' || rest[0] !== 'delete' || rest.length > 1) return null;
  const { ids } = parseAs(taskIds, parseJson(await readBody(exchange.request)), world.dialect);
  const instances = instancesByTask(world, ids);
  const tasks = instances.map((instance) => taskView(world, instance, false));
  const accepted = await killInstances(world, instances, killRequest(exchange));
  return accepted === null ? { status: 200, body: { tasks } } : deployed(accepted);
}

function wantsText({ request }: Exchange): boolean {
  const accept = request.headers.accept ?? '';
  return accept.includes('text/plain') && !accept.includes('application/json') && !accept.includes('*/*');
}

/** @throws ApiError 406 */
function writeEndpoints(world: World, { response }: Exchange): Answer {
  if (!world.dialect.writesEndpointsAsText) {
    throw new ApiError('not-acceptable', 406, { message: 'HTTP 406 Not Acceptable' });
  }
  sendText(response, 200, 'text/plain', endpointsText(world.apps.values()));
  return { status: 200 };
}

function hasStatus(instance: Instance, states: readonly string[]): boolean {
  const known = states.filter((state) => state === 'running' || state === 'staging');
  if (known.length === 0) return true;
  if (instance.condition === 'Running') return known.includes('running');
  return instance.condition === 'Provisioned' && known.includes('staging');
}

/** @returns null when there is no such route */
export async function routeDeployments(
  world: World,
  exchange: Exchange,
  rest: readonly string[],
): Promise<Answer | null> {
  const [id] = rest;
  if (exchange.method === 'GET' && id === undefined) {
    return { status: 200, body: [...world.deployments.values()].map((each) => deploymentView(world, each)) };
  }
  if (exchange.method !== 'DELETE' || id === undefined || rest.length > 1) return null;
  const accepted = await endDeployment(world, id, flag(exchange.query, 'force'));
  return accepted === null ? { status: 202 } : deployed(accepted);
}

/** `leader` is `host:port`. @returns null when there is no such route */
export function routeServer(
  exchange: Exchange,
  name: string,
  leader: string,
  release: string,
): Answer | null {
  if (exchange.method !== 'GET') return null;
  if (name === 'info') return { status: 200, body: infoView(leader, release) };
  if (leader === '') throw notFound('There is no leader');
  return { status: 200, body: { leader } };
}
