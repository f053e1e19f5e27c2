/** Ids of apps as paths below /v2/apps and /v2/groups. */
import type { AppId } from '../model/ids.ts';

export function pathOf(id: AppId): string {
  return id.split('/').map(encodeURIComponent).join('/');
}

/** The group that an app stands in, as a path: empty for the root. */
export function groupPathOf(id: AppId): string {
  return pathOf(id).replace(/\/[^/]*$/, '');
}

/**
 * Whether Marathon's router takes some path of this id for a route of its own (1.8 and later refuse such ids): `DELETE
 * /v2/apps/a/tasks` kills the tasks of `/a`. Only a list shows such an app.
 */
export function isHidden(id: AppId): boolean {
  return /\/(?:restart|tasks|versions)(?:\/|$)/.test(id);
}
