/** The routes under /v2/groups. */
import { appId } from '../model/ids.ts';
import { changeRoot, dryRun } from './change-root.ts';
import { groupView } from './cluster-view.ts';
import { groupCreation, groupDeletion, groupInput, groupUpdate } from './group-operations.ts';
import { type Answer, type Exchange, flag, readBody } from './http-answer.ts';
import { parseAs, parseJson, withoutNulls } from './parse.ts';
import { deployed } from './routes-apps.ts';
import type { World } from './world.ts';

/** `rest` are the path's segments after /v2/groups. @returns null when there is no such route */
export async function routeGroups(
  world: World,
  exchange: Exchange,
  rest: readonly string[],
): Promise<Answer | null> {
  const id = appId(rest.join('/'));
  const { query } = exchange;
  const force = flag(query, 'force');
  switch (exchange.method) {
    case 'GET':
      return { status: 200, body: groupView(world, id, query.getAll('embed')) };
    case 'POST': {
      const change = groupCreation(world, id, await groupOf(exchange), force);
      const { headers, body } = deployed(await changeRoot(world, change));
      return { status: 201, body, headers: { ...headers, Location: exchange.uri.split('?')[0] ?? '' } };
    }
    case 'PUT': {
      const change = groupUpdate(world, id, await groupOf(exchange), force);
      if (flag(query, 'dryRun')) return { status: 200, body: { steps: dryRun(world, change) } };
      return deployed(await changeRoot(world, change));
    }
    case 'DELETE':
      return deployed(await changeRoot(world, groupDeletion(world, id, force)));
    default:
      return null;
  }
}

async function groupOf(exchange: Exchange): Promise<ReturnType<typeof groupInput.parse>> {
  return parseAs(groupInput, withoutNulls(parseJson(await readBody(exchange.request))));
}
