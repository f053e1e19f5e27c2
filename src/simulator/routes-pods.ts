/** The routes under /v2/pods. What is asked of a pod stands after its id, with two colons: `/v2/pods/shop/web::status`. */
import { z } from 'zod';
import { appId } from '../model/ids.ts';
import { notFound } from './api-error.ts';
import type { Accepted } from './change-root.ts';
import { type PodEventType, podEvent } from './events.ts';
import { type Answer, type Exchange, flag, readBody } from './http-answer.ts';
import { parseAs, parseJson } from './parse.ts';
import { createPod, deletePod, killPodInstances, shownPod, updatePod } from './pod-operations.ts';
import { parsePod, type PodInput } from './pod-schema.ts';
import { instanceView, podStatus, type ShownPod, shownPods } from './pod-view.ts';
import { iso, type World } from './world.ts';

/** `rest` are the path's segments after /v2/pods. @returns null when there is no such route */
export async function routePods(
  world: World,
  exchange: Exchange,
  rest: readonly string[],
): Promise<Answer | null> {
  if (rest.length === 0) return routeAll(world, exchange);
  const [, path = '', asked = ''] = /^(.*?)(?:::(.+))?$/s.exec(rest.join('/')) ?? [];
  if (path === '') {
    if (exchange.method !== 'GET' || asked !== 'status') return null;
    return { status: 200, body: shownPods(world).map((pod) => podStatus(world, pod)) };
  }
  const id = appId(path);
  if (asked === '') return routeOne(world, exchange, id);
  const [what, name] = asked.split(/\/(.*)/s);
  if (what === 'instances') return kill(world, exchange, shownPod(world, id), name);
  if (exchange.method !== 'GET') return null;
  if (what === 'status' && name === undefined)
    return { status: 200, body: podStatus(world, shownPod(world, id)) };
  if (what === 'versions') return versions(world, shownPod(world, id), name);
  return null;
}

async function routeAll(world: World, exchange: Exchange): Promise<Answer | null> {
  if (exchange.method === 'GET') {
    return { status: 200, body: shownPods(world).map(({ shown }) => world.dialect.pod(shown)) };
  }
  if (exchange.method !== 'POST') return null;
  const input = await podOf(world, exchange);
  const accepted = await createPod(world, input, flag(exchange.query, 'force'));
  tell(world, exchange, 'pod_created_event');
  const id = appId(input.id);
  return { status: 201, body: written(world, id), headers: { Location: id, ...deploymentOf(accepted) } };
}

async function routeOne(world: World, exchange: Exchange, id: string): Promise<Answer | null> {
  const force = flag(exchange.query, 'force');
  switch (exchange.method) {
    case 'GET':
      return { status: 200, body: world.dialect.pod(knownPod(world, id).shown) };
    case 'PUT': {
      const accepted = await updatePod(world, id, await podOf(world, exchange), force);
      tell(world, exchange, 'pod_updated_event');
      return { status: 200, body: written(world, id), headers: deploymentOf(accepted) };
    }
    case 'DELETE': {
      const accepted = await deletePod(world, id, force);
      tell(world, exchange, 'pod_deleted_event');
      return { status: 202, headers: { Location: accepted.deploymentId, ...deploymentOf(accepted) } };
    }
    default:
      return null;
  }
}

const instanceIds = z.array(z.string());

/** One instance by its name, or those that the body lists. */
async function kill(
  world: World,
  exchange: Exchange,
  pod: ShownPod,
  name: string | undefined,
): Promise<Answer | null> {
  if (exchange.method !== 'DELETE') return null;
  const wipe = flag(exchange.query, 'wipe');
  const ids =
    name === undefined
      ? parseAs(instanceIds, parseJson(await readBody(exchange.request)), world.dialect)
      : [name];
  const views = (await killPodInstances(world, pod, ids, wipe)).map((each) => instanceView(world, each));
  if (name === undefined) return { status: 200, body: views };
  if (views.length === 0) throw notFound(`Task '${name}' does not exist`);
  return { status: 200, body: views[0] };
}

function versions(world: World, pod: ShownPod, version: string | undefined): Answer {
  if (version === undefined) return { status: 200, body: [...pod.versions.keys()] };
  const found = pod.versions.get(canonical(version));
  if (found === undefined) throw notFound(`Pod '${pod.id}' does not exist`);
  return { status: 200, body: world.dialect.pod(found) };
}

/** Marathon reads a version as a time, however it is written. */
function canonical(version: string): string {
  const ms = Date.parse(version);
  return Number.isNaN(ms) ? version : iso(ms);
}

async function podOf(world: World, exchange: Exchange): Promise<PodInput> {
  return parsePod(parseJson(await readBody(exchange.request)), world.dialect);
}

/** This route puts JSON into the message (`PodsResource.find`). @throws ApiError 404 */
function knownPod(world: World, id: string): ShownPod {
  const pod = shownPods(world).find((each) => each.id === id);
  if (pod === undefined) throw notFound(`{"message": "pod with ${id} does not exist"}`);
  return pod;
}

function written(world: World, id: string): object {
  return world.dialect.pod(shownPod(world, id).shown);
}

function tell(world: World, exchange: Exchange, type: PodEventType): void {
  const uri = exchange.uri.split('?')[0] ?? exchange.uri;
  world.emit(podEvent(world, type, exchange.clientIp, uri));
}

function deploymentOf(accepted: Accepted): Readonly<Record<string, string>> {
  return { 'Marathon-Deployment-Id': accepted.deploymentId };
}
