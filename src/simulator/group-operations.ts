/** What can be done to groups over the API: create, update, scale, delete, each as one deployment of all their apps. */
import { z } from 'zod';
import { ApiError, notFound, notValid } from './api-error.ts';
import { definitionOf, draftOf, missing, portsOfDraft } from './app-operations.ts';
import { type AppInput, appInputOf, type AppSchema } from './app-schema.ts';
import { type Change } from './change-root.ts';
import type { Draft } from './complete.ts';
import { isPod } from './definition.ts';
import type { Dialect } from './dialect.ts';
import { addParents, type Groups, isBelow, parentOf, resolved } from './group-tree.ts';
import { groupRollback } from './group-versions.ts';
import { idErrors } from './validate.ts';
import { rootOf, type World } from './world.ts';

/** A group as people write it. What it names replaces what is there, each list whole; what it leaves out stays. */
export interface GroupInput {
  readonly id?: string | undefined;
  readonly apps?: readonly AppInput[] | undefined;
  readonly groups?: readonly GroupInput[] | undefined;
  readonly dependencies?: readonly string[] | undefined;
  readonly scaleBy?: number | undefined;
  readonly version?: string | undefined;
}

function groupSchema(app: AppSchema): z.ZodType<GroupInput> {
  const group: z.ZodType<GroupInput> = z.lazy(() =>
    z.object({
      id: z.string().optional(),
      apps: z.array(app).optional(),
      groups: z.array(group).optional(),
      dependencies: z.array(z.string()).optional(),
      scaleBy: z.number().min(0).optional(),
      version: z.string().optional(),
    }),
  );
  return group;
}

const exact = groupSchema(appInputOf({ readsAnyCase: false }));
const inAnyCase = groupSchema(appInputOf({ readsAnyCase: true }));

export function groupInputOf({ readsAnyCase }: Pick<Dialect, 'readsAnyCase'>): z.ZodType<GroupInput> {
  return readsAnyCase ? inAnyCase : exact;
}

export type GroupChange = Change & { readonly groups: Groups };

/** @throws ApiError 409 when there is such a group or app, 400 without an id */
export function groupCreation(world: World, parent: string, input: GroupInput, force: boolean): GroupChange {
  if (input.id === undefined && parent === '/') throw missing(world, '/id');
  const id = resolved(input.id ?? '', parent);
  if (world.groups.has(id)) {
    throw conflict(`Group ${id} is already created. Use PUT to change this group.`);
  }
  if (definitionOf(world, id) !== null) throw conflict(`An app with the path ${id} already exists.`);
  return groupUpdate(world, id, { ...input, id: undefined }, force);
}

/** @throws ApiError 422 for apps that are not valid or that lie elsewhere */
export function groupUpdate(world: World, id: string, input: GroupInput, force: boolean): GroupChange {
  const apps = new Map<string, Draft | null>();
  checkAlone(input);
  checkGroupId(world, id, '/id');
  if (input.version !== undefined) return groupRollback(world, id, input.version, force);
  if (input.scaleBy !== undefined) {
    if (!world.groups.has(id)) throw groupNotFound(id);
    for (const [app, def] of rootOf(world)) {
      // Pods are not scaled.
      if (isBelow(app, id) && !isPod(def))
        apps.set(app, { ...def, instances: Math.ceil(def.instances * input.scaleBy) });
    }
    return { apps, groups: world.groups, force, groupId: parentOf(id) };
  }
  const groups = new Map(world.groups);
  fill({ world, apps, groups, taken: new Set() }, id, input);
  return { apps, groups, force, groupId: parentOf(id) };
}

/** @throws ApiError 422 when a version or a scale is not all that is said */
function checkAlone(input: GroupInput): void {
  const said = Object.values(input).filter((value) => value !== undefined).length;
  const details = (['version', 'scaleBy'] as const)
    .filter((name) => input[name] !== undefined && said > 1)
    .map((name) => ({ path: `/${name}`, errors: ['not allowed in conjunction with other properties.'] }));
  if (details.length > 0) throw notValid(details);
}

/** @throws ApiError 422 */
function checkGroupId(world: World, id: string, path: string): void {
  const errors = id === '/' ? [] : idErrors(id, world.dialect.reservesIdEnds);
  if (errors.length > 0) throw notValid([{ path, errors }]);
}

/** The group with all that is below it; of the root, everything. @throws ApiError 404 */
export function groupDeletion(world: World, id: string, force: boolean): GroupChange {
  if (!world.groups.has(id)) throw groupNotFound(id);
  const doomed = [...rootOf(world).keys()].filter((app) => isBelow(app, id));
  const groups = new Map([...world.groups].filter(([group]) => group !== id && !isBelow(group, id)));
  if (id === '/') groups.set(id, []);
  return { apps: new Map(doomed.map((app) => [app, null])), groups, force, groupId: parentOf(id) };
}

interface Filling {
  readonly world: World;
  readonly apps: Map<string, Draft | null>;
  readonly groups: Map<string, readonly string[]>;
  /** Service ports that drafts before have. */
  readonly taken: Set<number>;
}

function fill(filling: Filling, id: string, input: GroupInput): void {
  const { world, apps, groups, taken } = filling;
  const dependencies = input.dependencies?.map((each) => resolved(each, id)) ?? groups.get(id) ?? [];
  groups.set(id, [...new Set(dependencies)]);
  addParents(groups, id);
  if (input.apps !== undefined) {
    // Nobody can name pods here, so they stay.
    for (const [app, def] of rootOf(world)) if (parentOf(app) === id && !isPod(def)) apps.set(app, null);
    input.apps.forEach((app, index) => {
      if (app.id === undefined) throw missing(world, `/apps(${index})/id`);
      const appId = childOf(app.id, id, `/apps(${index})/id`);
      const written = { ...app, dependencies: app.dependencies?.map((each) => resolved(each, id)) };
      const draft = draftOf(world, appId, written, definitionOf(world, appId), false, taken);
      for (const port of portsOfDraft(draft)) taken.add(port);
      apps.set(appId, draft);
    });
  }
  if (input.groups === undefined) return;
  const kept = input.groups.map((group, index) => {
    if (group.id === undefined) throw missing(world, `/groups(${index})/id`);
    const path = `/groups(${index})/id`;
    const child = childOf(group.id, id, path);
    checkGroupId(world, child, path);
    return [child, group] as const;
  });
  const lost = (path: string): boolean =>
    isBelow(path, id) && !kept.some(([keep]) => path === keep || isBelow(path, keep));
  for (const app of rootOf(world).keys()) if (parentOf(app) !== id && lost(app)) apps.set(app, null);
  // Deleting while it goes round is safe for a Map.
  for (const group of groups.keys()) if (lost(group)) groups.delete(group);
  for (const [child, group] of kept) fill(filling, child, group);
}

function childOf(id: string, group: string, path: string): string {
  const child = resolved(id, group);
  if (isBelow(child, group)) return child;
  throw notValid([
    { path, errors: [`identifier ${id} is not child of ${group}. Hint: use relative paths.`] },
  ]);
}

function groupNotFound(id: string): ApiError {
  return notFound(`Group '${id}' does not exist`);
}

function conflict(message: string): ApiError {
  return new ApiError('exists', 409, { message });
}
