/** Groups as the API and heavy plans write them: a tree, made of the ids of groups and apps. */
import { notValid } from './api-error.ts';

/** Groups by id, each with the ids that it depends on; the root is always among them. */
export type Groups = ReadonlyMap<string, readonly string[]>;

export interface Group {
  readonly id: string;
  readonly apps: object[];
  readonly groups: Group[];
  readonly pods: readonly never[];
  readonly dependencies: readonly string[];
  readonly version: string;
}

/** All groups by id; parents that nobody named are added. */
export function groupTree(
  named: Groups,
  apps: Iterable<readonly [id: string, view: object]>,
  version: string,
): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  const groupAt = (path: string): Group => {
    const known = groups.get(path);
    if (known !== undefined) return known;
    const dependencies = named.get(path) ?? [];
    const group: Group = { id: path, apps: [], groups: [], pods: [], dependencies, version };
    groups.set(path, group);
    if (path !== '/') groupAt(parentOf(path)).groups.push(group);
    return group;
  };
  for (const path of [...named.keys()].toSorted()) groupAt(path);
  for (const [id, view] of apps) groupAt(parentOf(id)).apps.push(view);
  return groups;
}

/** Adds the groups that an app or a group is in. */
export function addParents(groups: Map<string, readonly string[]>, id: string): void {
  for (let path = parentOf(id); path !== '/'; path = parentOf(path)) {
    if (!groups.has(path)) groups.set(path, []);
  }
}

/**
 * Marathon's `Group.noAppsAndGroupsWithSameName`.
 * @throws ApiError 422 when an app would be called as a group is, those that other apps are in included
 */
export function checkNames(apps: Iterable<string>, groups: Groups): void {
  const ids = new Set(apps);
  const all = new Map(groups);
  for (const id of ids) addParents(all, id);
  if ([...all.keys()].every((group) => !ids.has(group))) return;
  throw notValid([{ path: '/', errors: ['Groups and Applications may not have the same identifier.'] }]);
}

/** The absolute id that is meant in a group, which a relative one begins at (Marathon's `PathId.canonicalPath`). */
export function resolved(id: string, group: string): string {
  const path: string[] = [];
  for (const segment of (id.startsWith('/') ? id : `${group}/${id}`).split('/')) {
    if (segment === '..') path.pop();
    else if (segment !== '' && segment !== '.') path.push(segment);
  }
  return `/${path.join('/')}`;
}

export function parentOf(id: string): string {
  return id.slice(0, id.lastIndexOf('/')) || '/';
}

/** Whether an id lies below a group, at any depth. */
export function isBelow(id: string, group: string): boolean {
  return id !== group && id.startsWith(group === '/' ? '/' : `${group}/`);
}
