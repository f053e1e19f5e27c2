/** The routes under /v2/groups. */
import { z } from 'zod';
import { appId } from '../model/ids.ts';
import { notFound, unprocessable } from './api-error.ts';
import { parentOf } from './group-tree.ts';
import { groupAt, groupVersions } from './group-versions.ts';
import { changeRoot, dryRun } from './change-root.ts';
import { groupView } from './cluster-view.ts';
import {
  groupCreation,
  groupDeletion,
  type GroupInput,
  groupInputOf,
  groupUpdate,
} from './group-operations.ts';
import { type Answer, type Exchange, flag, readBody } from './http-answer.ts';
import { checkRanges, parseAs, parseJson, withoutNulls } from './parse.ts';
import { deployed } from './routes-apps.ts';
import type { World } from './world.ts';

/** `rest` are the path's segments after /v2/groups. @returns null when there is no such route */
export async function routeGroups(
  world: World,
  exchange: Exchange,
  rest: readonly string[],
): Promise<Answer | null> {
  const at = rest.lastIndexOf('versions');
  if (at >= 0 && at >= rest.length - 2) return versions(world, exchange, rest, at);
  const id = appId(rest.join('/'));
  const { query } = exchange;
  const force = flag(query, 'force');
  switch (exchange.method) {
    case 'GET':
      return { status: 200, body: groupView(world, id, query.getAll('embed')) };
    case 'POST': {
      const change = groupCreation(world, id, await groupOf(world, exchange), force);
      const { headers, body } = deployed(await changeRoot(world, change));
      return { status: 201, body, headers: { ...headers, Location: exchange.uri.split('?')[0] ?? '' } };
    }
    case 'PUT': {
      const change = groupUpdate(world, id, await groupOf(world, exchange), force);
      if (flag(query, 'dryRun')) return { status: 200, body: { steps: dryRun(world, change) } };
      return deployed(await changeRoot(world, change));
    }
    case 'PATCH':
      return world.dialect.patchesGroups ? await patch(world, exchange, id) : null;
    case 'DELETE':
      return deployed(await changeRoot(world, groupDeletion(world, id, force)));
    default:
      return null;
  }
}

/** `/versions` or `/versions/VERSION` at `at`, after a group's id or none. */
function versions(world: World, exchange: Exchange, rest: readonly string[], at: number): Answer | null {
  if (exchange.method !== 'GET') return null;
  const id = appId(rest.slice(0, at).join('/'));
  const version = rest[at + 1];
  const body = version === undefined ? groupVersions(world, id) : groupAt(world, id, version);
  return { status: 200, body };
}

/** Changes what restarts nothing: whether the apps of a top-level group have its role. */
async function patch(world: World, exchange: Exchange, id: string): Promise<Answer> {
  const { enforceRole } = parseAs(
    groupPatch,
    withoutNulls(parseJson(await readBody(exchange.request))),
    world.dialect,
  );
  if (!world.groups.has(id)) throw notFound(`Group '${id}' does not exist`);
  if (id === '/' || parentOf(id) !== '/') throw unprocessable(`Group ${id} is no top-level group`);
  if (enforceRole !== undefined) world.enforceRole.set(id, enforceRole);
  const change = { apps: new Map(), force: flag(exchange.query, 'force'), groupId: '/' };
  return deployed(await changeRoot(world, change));
}

const groupPatch = z.object({ enforceRole: z.boolean().optional() });

async function groupOf(world: World, exchange: Exchange): Promise<GroupInput> {
  const json = withoutNulls(parseJson(await readBody(exchange.request)));
  const group = parseAs(groupInputOf(world.dialect), json, world.dialect);
  checkGroup(group, world, '');
  return group;
}

/** The apps of all groups within, too. @throws ApiError 422 */
function checkGroup(group: GroupInput, world: World, path: string): void {
  checkRanges(group.apps ?? [], world.dialect, (index) => `${path}/apps(${index})`);
  group.groups?.forEach((inner, index) => checkGroup(inner, world, `${path}/groups(${index})`));
}
