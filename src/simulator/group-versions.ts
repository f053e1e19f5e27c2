/** The versions of the root group that are kept: listed, shown and gone back to. */
import { notFound, unprocessable } from './api-error.ts';
import { membersOf } from './change-root.ts';
import { type Group, groupTree, isBelow, parentOf } from './group-tree.ts';
import type { GroupChange } from './group-operations.ts';
import { rootOf, type RootVersion, type World } from './world.ts';

/** Versions in which there is such a group, newest first. @throws ApiError 404 when there is none */
export function groupVersions(world: World, id: string): readonly string[] {
  const versions = [...world.rootVersions].filter(([, root]) => holds(root, id)).map(([version]) => version);
  if (versions.length === 0) throw notFound(`Group '${id}' does not exist`);
  return versions.toReversed();
}

/** The group as it was, with the definitions of its apps and pods and nothing about their tasks. @throws ApiError 404 */
export function groupAt(world: World, id: string, version: string): Group {
  const root = world.rootVersions.get(version);
  const group = root && groupTree(root.groups, membersOf(world, root.apps), version).get(id);
  if (group === undefined) throw notFound(`Group '${id}' does not exist in version ${version}`);
  return group;
}

/** Back to what the group was: instances, too. @throws ApiError 422 when it was not there */
export function groupRollback(world: World, id: string, version: string, force: boolean): GroupChange {
  const root = world.rootVersions.get(version);
  if (root === undefined || !holds(root, id)) {
    throw unprocessable(`Group ${id} not available in version ${version}`);
  }
  const apps = new Set([...rootOf(world).keys(), ...root.apps.keys()].filter((app) => isBelow(app, id)));
  const elsewhere = [...world.groups].filter(([group]) => group !== id && !isBelow(group, id));
  const then = [...root.groups].filter(([group]) => group === id || isBelow(group, id));
  return {
    apps: new Map([...apps].map((app) => [app, root.apps.get(app) ?? null])),
    groups: new Map([...elsewhere, ...then]),
    force,
    groupId: parentOf(id),
  };
}

function holds(root: RootVersion, id: string): boolean {
  return root.groups.has(id);
}
