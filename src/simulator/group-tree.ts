/** Groups as the API and heavy plans write them: a tree, made of the ids of groups and apps. */

export interface Group {
  readonly id: string;
  readonly apps: object[];
  readonly groups: Group[];
  readonly pods: readonly never[];
  readonly dependencies: readonly never[];
  readonly version: string;
  enforceRole?: boolean;
}

/** All groups by id, the root always among them; parents that nobody named are added. */
export function groupTree(
  named: Iterable<string>,
  apps: Iterable<readonly [id: string, view: object]>,
  version: string,
): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  const groupAt = (path: string): Group => {
    const known = groups.get(path);
    if (known !== undefined) return known;
    const group: Group = { id: path, apps: [], groups: [], pods: [], dependencies: [], version };
    groups.set(path, group);
    if (path !== '/') groupAt(parentOf(path)).groups.push(group);
    return group;
  };
  groupAt('/');
  for (const path of [...named].toSorted()) groupAt(path);
  for (const [id, view] of apps) groupAt(parentOf(id)).apps.push(view);
  return groups;
}

export function parentOf(id: string): string {
  return id.slice(0, id.lastIndexOf('/')) || '/';
}

/** Whether an id lies below a group, at any depth. */
export function isBelow(id: string, group: string): boolean {
  return id !== group && id.startsWith(group === '/' ? '/' : `${group}/`);
}
