/** The routes under /v2/apps. Ids of nested groups are paths, so what follows the id is found from the end. */
import { appId } from '../model/ids.ts';
import { notFound } from './api-error.ts';
import { createApp, deleteApp, restartApp, shownApp, updateApp, updateApps } from './app-operations.ts';
import { appView, embedOf } from './app-view.ts';
import type { AppDefinition } from './definition.ts';
import { labelSelector } from './label-selector.ts';
import type { Accepted } from './change-root.ts';
import { shownApps } from './cluster-view.ts';
import { type Answer, type Exchange, flag, readBody } from './http-answer.ts';
import { instancesByTask, killInstances } from './kill-operations.ts';
import { parseApp, parseApps, parseJson } from './parse.ts';
import { taskView, tasksOf } from './task-view.ts';
import type { Instance, World } from './world.ts';

/** `rest` are the path's segments after /v2/apps. @returns null when there is no such route */
export async function routeApps(
  world: World,
  exchange: Exchange,
  rest: readonly string[],
): Promise<Answer | null> {
  if (rest.length === 0) return routeAll(world, exchange);
  const last = rest.at(-1) ?? '';
  const before = rest.at(-2) ?? '';
  if (last === '*') return exchange.method === 'GET' ? listGroup(world, exchange, rest.slice(0, -1)) : null;
  if (rest.length > 1 && last === 'restart' && exchange.method === 'POST') {
    return deployed(
      await restartApp(world, idOf(rest.slice(0, -1)), { force: flag(exchange.query, 'force') }),
    );
  }
  if (rest.length > 1 && last === 'versions' && exchange.method === 'GET') {
    const { app } = shownApp(world, idOf(rest.slice(0, -1)));
    return { status: 200, body: { versions: [...app.versions.keys()].toReversed() } };
  }
  if (rest.length > 2 && before === 'versions' && exchange.method === 'GET') {
    return version(world, idOf(rest.slice(0, -2)), last);
  }
  if (rest.length > 1 && last === 'tasks') return routeTasks(world, exchange, rest.slice(0, -1));
  if (rest.length > 2 && before === 'tasks' && exchange.method === 'DELETE') {
    return killOne(world, exchange, idOf(rest.slice(0, -2)), last);
  }
  return routeOne(world, exchange, idOf(rest));
}

async function routeAll(world: World, exchange: Exchange): Promise<Answer | null> {
  const force = flag(exchange.query, 'force');
  switch (exchange.method) {
    case 'GET': {
      const embed = { ...embedOf(exchange.query.getAll('embed')), counts: true, deployments: true };
      const apps = shownApps(world).filter(appFilter(exchange.query));
      return { status: 200, body: { apps: apps.map((app) => appView(world, app, app.shown, embed)) } };
    }
    case 'POST': {
      const input = parseApp(parseJson(await readBody(exchange.request)), world.dialect);
      const created = await createApp(world, input, { force, api: apiOf(exchange) });
      return createdAnswer(world, created.id, created);
    }
    case 'PUT':
    case 'PATCH': {
      const inputs = parseApps(parseJson(await readBody(exchange.request)), world.dialect);
      const put = exchange.method === 'PUT';
      const partial = put ? flag(exchange.query, 'partialUpdate', true) : true;
      return deployed(await updateApps(world, inputs, { force, partial, create: put }));
    }
    default:
      return null;
  }
}

async function routeOne(world: World, exchange: Exchange, id: string): Promise<Answer | null> {
  switch (exchange.method) {
    case 'GET': {
      const { app, def } = shownApp(world, id);
      const asked = embedOf(exchange.query.getAll('embed'));
      const always = { tasks: true, counts: true, deployments: true, lastTaskFailure: true };
      return { status: 200, body: { app: appView(world, app, def, { ...asked, ...always }) } };
    }
    case 'PUT':
    case 'PATCH': {
      const input = parseApp(parseJson(await readBody(exchange.request)), world.dialect);
      const put = exchange.method === 'PUT';
      const updated = await updateApp(world, id, input, {
        force: flag(exchange.query, 'force'),
        partial: put ? flag(exchange.query, 'partialUpdate', true) : true,
        create: put,
        api: apiOf(exchange),
      });
      return updated.created ? createdAnswer(world, id, updated) : deployed(updated);
    }
    case 'DELETE':
      // Marathon's own default here is to force.
      return deployed(await deleteApp(world, id, { force: flag(exchange.query, 'force', true) }));
    default:
      return null;
  }
}

/** `cmd` and `id` want a part of the text, in any case. @throws ApiError 422 for a wrong label selector */
function appFilter(query: URLSearchParams): (app: { readonly shown: AppDefinition }) => boolean {
  const cmd = query.get('cmd')?.toLowerCase() ?? '';
  const id = query.get('id')?.toLowerCase() ?? '';
  const selectors = query.getAll('label').map(labelSelector);
  return ({ shown }) =>
    (shown.cmd ?? '').toLowerCase().includes(cmd) &&
    shown.id.includes(id) &&
    selectors.every((selector) => selector(shown.labels));
}

function listGroup(world: World, exchange: Exchange, path: readonly string[]): Answer {
  const embed = { ...embedOf(exchange.query.getAll('embed')), counts: true, deployments: true };
  const apps = below(world, path).map((app) => appView(world, app, app.shown, embed));
  return { status: 200, body: { '*': apps } };
}

function below(world: World, path: readonly string[]): ReturnType<typeof shownApps> {
  const prefix = path.length === 0 ? '/' : `${idOf(path)}/`;
  return shownApps(world).filter((app) => app.id.startsWith(prefix));
}

function version(world: World, id: string, wanted: string): Answer {
  const found = shownApp(world, id).app.versions.get(wanted);
  if (found === undefined) throw notFound(`App '${id}' does not exist in version ${wanted}`);
  return { status: 200, body: world.dialect.app(found) };
}

async function routeTasks(world: World, exchange: Exchange, path: readonly string[]): Promise<Answer | null> {
  const group = path.at(-1) === '*';
  if (exchange.method === 'GET') {
    const apps = group ? below(world, path.slice(0, -1)) : [shownApp(world, idOf(path)).app];
    return { status: 200, body: { tasks: apps.flatMap((app) => tasksOf(world, app, false)) } };
  }
  if (exchange.method !== 'DELETE') return null;
  const { app } = shownApp(world, idOf(path));
  const host = exchange.query.get('host');
  const instances = [...app.instances.values()].filter(
    (instance) => instance.task !== null && (host === null || host === '*' || instance.task.host === host),
  );
  const tasks = instances.map((instance) => taskView(world, instance, false));
  const accepted = await killInstances(world, instances, killRequest(exchange));
  return accepted === null ? { status: 200, body: { tasks } } : deployed(accepted);
}

async function killOne(world: World, exchange: Exchange, id: string, task: string): Promise<Answer> {
  const { app } = shownApp(world, id);
  const instance: Instance | undefined = instancesByTask(world, [task]).find((each) => each.appId === app.id);
  if (instance === undefined) throw notFound(`Task '${task}' does not exist`);
  const view = taskView(world, instance, false);
  const accepted = await killInstances(world, [instance], killRequest(exchange));
  return accepted === null ? { status: 200, body: { task: view } } : deployed(accepted);
}

export function killRequest(exchange: Exchange): { scale: boolean; wipe: boolean; force: boolean } {
  const { query } = exchange;
  return { scale: flag(query, 'scale'), wipe: flag(query, 'wipe'), force: flag(query, 'force') };
}

export function deployed(accepted: Accepted): Answer {
  return {
    status: 200,
    body: { version: accepted.version, deploymentId: accepted.deploymentId },
    headers: { 'Marathon-Deployment-Id': accepted.deploymentId },
  };
}

function createdAnswer(world: World, id: string, accepted: Accepted): Answer {
  const { def } = shownApp(world, id);
  return {
    status: 201,
    body: {
      ...world.dialect.app(def),
      tasksStaged: 0,
      tasksRunning: 0,
      tasksHealthy: 0,
      tasksUnhealthy: 0,
      deployments: [{ id: accepted.deploymentId }],
      ...world.dialect.noTasksYet,
    },
    headers: { Location: id, 'Marathon-Deployment-Id': accepted.deploymentId },
  };
}

function idOf(path: readonly string[]): string {
  return appId(path.join('/'));
}

function apiOf(exchange: Exchange): { readonly clientIp: string; readonly uri: string } {
  return { clientIp: exchange.clientIp, uri: exchange.uri.split('?')[0] ?? exchange.uri };
}
