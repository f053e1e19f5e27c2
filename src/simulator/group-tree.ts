/** Groups as the API and heavy plans write them: a tree, made of the ids of groups, apps and pods. */
import { notValid } from './api-error.ts';
import { type AppDefinition, isPod } from './definition.ts';

/** Groups by id, each with the ids that it depends on; the root is always among them. */
export type Groups = ReadonlyMap<string, readonly string[]>;

export interface Group {
  readonly id: string;
  readonly apps: object[];
  readonly groups: Group[];
  readonly pods: object[];
  readonly dependencies: readonly string[];
  readonly version: string;
}

/** Apps and pods as they are written, by id. */
export interface Members {
  readonly apps: Iterable<readonly [id: string, view: object]>;
  readonly pods: Iterable<readonly [id: string, view: object]>;
}

/** All groups by id; parents that nobody named are added. */
export function groupTree(
  named: Groups,
  { apps, pods }: Members,
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
  for (const [id, view] of pods) groupAt(parentOf(id)).pods.push(view);
  return groups;
}

/** Adds the groups that an app or a group is in. */
export function addParents(groups: Map<string, readonly string[]>, id: string): void {
  for (let path = parentOf(id); path !== '/'; path = parentOf(path)) {
    if (!groups.has(path)) groups.set(path, []);
  }
}

/**
 * Marathon's `Group.noAppsAndGroupsWithSameName` and `noPodsAndGroupsWithSameName`.
 * @throws ApiError 422 when an app or a pod would be called as a group is, those that others are in included
 */
export function checkNames(root: ReadonlyMap<string, AppDefinition>, groups: Groups): void {
  const all = new Map(groups);
  for (const id of root.keys()) addParents(all, id);
  const errors = [...root]
    .filter(([id]) => all.has(id))
    .map(([, def]) => `Groups and ${isPod(def) ? 'Pods' : 'Applications'} may not have the same identifier.`);
  if (errors.length > 0) throw notValid([{ path: '/', errors: [...new Set(errors)] }]);
}

/**
 * Marathon's `Group.noAppsAndPodsWithSameId`.
 * @throws ApiError 422 when a pod would be called as an app is, or an app as a pod
 */
export function checkKind(before: AppDefinition | null, wanted: Pick<AppDefinition, 'pod'>): void {
  if (before === null || isPod(before) === isPod(wanted)) return;
  throw notValid([{ path: '/', errors: ['Applications and Pods may not share the same id'] }]);
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
