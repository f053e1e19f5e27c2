/** What can be done to apps over the API: create, update, delete, restart. */
import { appId } from '../model/ids.ts';
import { alreadyExists, appNotFound, notFound, unprocessable, wrongShape } from './api-error.ts';
import type { AppInput } from './app-schema.ts';
import { type Accepted, type Change, changeRoot } from './change-root.ts';
import { complete, type Draft, merge } from './complete.ts';
import { type AppDefinition, isPod, servicePortsOf } from './definition.ts';
import { groupChangeFailed } from './events.ts';
import { parentOf } from './group-tree.ts';
import { normalize } from './normalize.ts';
import { checkOldForms } from './old-forms.ts';
import { assignServicePorts } from './service-ports.ts';
import { validate } from './validate.ts';
import { type App, iso, rootOf, type World } from './world.ts';

export interface Request {
  readonly force: boolean;
  readonly api?: NonNullable<Change['api']>;
}

export interface UpdateRequest extends Request {
  /** Whether fields that are not written keep their values. */
  readonly partial: boolean;
  /** Whether an app that is missing is created. */
  readonly create: boolean;
}

export async function createApp(
  world: World,
  input: AppInput,
  request: Request,
): Promise<Accepted & { id: string }> {
  if (input.id === undefined) throw missing(world, '/id');
  const id = appId(input.id);
  const apps = new Map([[id as string, draftOf(world, id, input, null, false)]]);
  if (definitionOf(world, id) !== null) {
    const error = alreadyExists('An app', id);
    world.emit(groupChangeFailed(world, parentOf(id), iso(world.now()), error.message));
    throw error;
  }
  return { id, ...(await changeRoot(world, { ...request, apps, groupId: parentOf(id) })) };
}

/** @returns with `created` when there was no such app */
export async function updateApp(
  world: World,
  id: string,
  input: AppInput,
  request: UpdateRequest,
): Promise<Accepted & { created: boolean }> {
  const before = definitionOf(world, id);
  if (before === null && !request.create) throw appNotFound(id);
  const apps = new Map([[id, draftOf(world, id, input, before, request.partial)]]);
  const accepted = await changeRoot(world, { ...request, apps, groupId: parentOf(id) });
  return { ...accepted, created: before === null };
}

/** Several apps in one deployment, all or nothing. */
export function updateApps(
  world: World,
  inputs: readonly AppInput[],
  request: UpdateRequest,
): Promise<Accepted> {
  const apps = new Map<string, Draft>();
  const taken = new Set<number>();
  for (const input of inputs) {
    if (input.id === undefined) throw missing(world, '/id');
    const id = appId(input.id);
    const before = definitionOf(world, id);
    if (before === null && !request.create) throw appNotFound(id);
    const draft = draftOf(world, id, input, before, request.partial, taken);
    for (const port of portsOfDraft(draft)) taken.add(port);
    apps.set(id, draft);
  }
  return changeRoot(world, { force: request.force, apps, groupId: '/' });
}

export function deleteApp(world: World, id: string, request: Request): Promise<Accepted> {
  if (definitionOf(world, id) === null) throw appNotFound(id);
  return changeRoot(world, { force: request.force, apps: new Map([[id, null]]), groupId: parentOf(id) });
}

export function restartApp(world: World, id: string, request: Request): Promise<Accepted> {
  const before = definitionOf(world, id);
  if (before === null) throw appNotFound(id);
  const apps = new Map([[id, before]]);
  return changeRoot(world, { force: request.force, apps, groupId: parentOf(id), restart: true });
}

/** The wanted definition, or null when there is no such app (any more). */
export function definitionOf(world: World, id: string): AppDefinition | null {
  const def = world.apps.get(id)?.def ?? null;
  return def === null || isPod(def) ? null : def;
}

/** The app as readers see it. @throws ApiError 404 */
export function shownApp(world: World, id: string): { readonly app: App; readonly def: AppDefinition } {
  const app = world.apps.get(id);
  if (app === undefined || app.shown === null || isPod(app.shown)) throw appNotFound(id);
  return { app, def: app.shown };
}

/** A definition as it will be wanted, with the ports of its own. `alsoTaken` are ports of drafts beside it. */
export function draftOf(
  world: World,
  id: string,
  input: AppInput,
  before: AppDefinition | null,
  partial: boolean,
  alsoTaken: ReadonlySet<number> = new Set(),
): Draft {
  if (before !== null && input.version !== undefined) return oldVersion(world, id, input);
  const { dialect } = world;
  if (!dialect.oldNetworks) checkOldForms(input);
  const update = normalize(input, dialect);
  const fields = before !== null && partial ? merge(before, update) : update;
  const draft = complete(id, fields, dialect.defaults);
  validate(draft, dialect.reservesIdEnds);
  const taken = new Set(alsoTaken);
  for (const [other, app] of rootOf(world))
    if (other !== id && !isPod(app)) for (const port of servicePortsOf(app)) taken.add(port);
  return assignServicePorts(draft, before ?? undefined, taken);
}

/** An update of nothing but `version` goes back to that version, its number of instances included. */
function oldVersion(world: World, id: string, input: AppInput): Draft {
  const { id: _id, version = '', ...others } = input;
  if (Object.values(others).some((value) => value !== undefined)) {
    throw unprocessable("The 'version' field may only be combined with the 'id' field.");
  }
  const found = world.apps.get(id)?.versions.get(version);
  if (found === undefined) throw notFound(`App '${id}' does not exist in version ${version}`);
  return found;
}

export function portsOfDraft(draft: Draft): readonly number[] {
  return (draft.portDefinitions ?? [])
    .map((each) => each.port)
    .concat((draft.container?.portMappings ?? []).map((each) => each.servicePort));
}

export function missing({ dialect }: World, path: string): Error {
  return wrongShape(dialect.wrongShape, [{ path, errors: ['error.path.missing'] }]);
}
