/** Accepts a change of the wanted definitions: versions, plan, lock, deployment, and the events of all that. */
import { ApiError, locked, lockedReason, tooManyDeployments } from './api-error.ts';
import type { Draft } from './complete.ts';
import { type AppDefinition, inWireOrder, isPod } from './definition.ts';
import { cancel, start } from './deployments.ts';
import { apiPost, deploymentFailed, groupChangeFailed, groupChangeSuccess } from './events.ts';
import { idIn, type Plan, planSteps, type Step, withNewConfig, withVersion } from './plan.ts';
import { dependencyLevels } from './dependencies.ts';
import { addParents, checkKind, checkNames, type Groups, groupTree, type Members } from './group-tree.ts';
import { type App, type Deployment, iso, nextVersion, rootOf, type World } from './world.ts';

/** Marathon's `--zk_max_versions`. */
const versionsKept = 50;

export interface Change {
  /** The wanted definitions of the apps and pods that change; null deletes. */
  readonly apps: ReadonlyMap<string, Draft | null>;
  readonly force: boolean;
  /** The groups that there are afterwards, where the change is about groups. */
  readonly groups?: Groups;
  /** The group that `group_change_success` names. */
  readonly groupId: string;
  /** Makes a new version, and so a restart, although nothing differs. */
  readonly restart?: boolean;
  /** Instance ids that a scale-down takes first. */
  readonly toKill?: ReadonlySet<string>;
  /** Who asked over which URI; given only where Marathon publishes `api_post_event`. */
  readonly api?: { readonly clientIp: string; readonly uri: string };
}

export interface Accepted {
  readonly version: string;
  readonly deploymentId: string;
}

interface Planned {
  readonly plan: Plan;
  readonly original: ReadonlyMap<string, AppDefinition>;
  readonly target: ReadonlyMap<string, AppDefinition>;
  readonly affected: readonly string[];
}

/**
 * Resolves once the change can be read.
 * @throws ApiError 409 when a running deployment holds one of the apps and the change is not forced; 403 when too many
 * run; 422 when apps would depend on each other, or be called as a group or a pod is
 */
export async function changeRoot(world: World, change: Change): Promise<Accepted> {
  const { plan, original, target, affected } = plannedOrRefused(world, change, nextVersion(world));
  const { version } = plan;
  makeRoom(world, change, plan, affected);

  const before = world.groups;
  if (change.groups !== undefined) world.groups = change.groups;
  for (const id of change.apps.keys()) store(world, id, target.get(id) ?? null);
  remember(world, version);
  world.count('deployments');
  start(world, {
    plan,
    original,
    groups: { before, after: world.groups },
    affected,
    toKill: change.toKill ?? new Set(),
    step: -1,
    runs: [],
  });
  await becomeVisible(world);
  for (const id of change.apps.keys()) {
    const app = world.apps.get(id);
    if (app !== undefined) app.shown = app.def;
  }
  world.emit(groupChangeSuccess(world, change.groupId, version));
  if (change.api !== undefined) {
    for (const app of target.values()) world.emit(apiPost(world, change.api.clientIp, change.api.uri, app));
  }
  return { version, deploymentId: plan.id };
}

/**
 * The steps that the change would take. Nothing is changed, not even the clock of versions. As in Marathon (its
 * `GroupsResource.update` plans without `GroupVersioningUtil`) every app that is named counts as changed: one that
 * stays as it is is said to be restarted.
 */
export function dryRun(world: World, change: Change): readonly Step[] {
  const version = iso(Math.max(world.now(), world.lastVersion + 1));
  return planChange(world, { ...change, restart: true }, version).plan.steps;
}

/** A root that would not be valid is refused before there is a plan of it. */
function plannedOrRefused(world: World, change: Change, version: string): Planned {
  try {
    return planChange(world, change, version);
  } catch (error) {
    if (error instanceof ApiError) {
      world.emit(groupChangeFailed(world, change.groupId, version, error.message));
    }
    throw error;
  }
}

function planChange(world: World, change: Change, version: string): Planned {
  const original = new Map<string, AppDefinition>();
  const target = new Map<string, AppDefinition>();
  for (const [id, draft] of change.apps) {
    const before = world.apps.get(id)?.def ?? null;
    if (before !== null) original.set(id, before);
    if (draft === null) continue;
    checkKind(before, draft);
    target.set(id, versioned(before, draft, version, change.restart === true));
  }
  const root = rootOf(world);
  for (const id of change.apps.keys()) root.delete(id);
  for (const [id, app] of target) root.set(id, app);
  const groups = change.groups ?? world.groups;
  checkNames(root, groups);
  const steps = planSteps(original, target, dependencyLevels(root, groups));
  const affected = [...new Set(steps.flatMap((step) => step.actions.map(idIn)))];
  const roots = world.dialect.heavyPlans ? wholeRoots(world, change, root, version) : {};
  return { plan: { id: world.uuid(), ...roots, steps, version }, original, target, affected };
}

/** The root group before and after, as the heavy plans of old versions hold it. */
function wholeRoots(
  world: World,
  change: Change,
  after: ReadonlyMap<string, AppDefinition>,
  version: string,
): Pick<Plan, 'original' | 'target'> {
  const written = (root: ReadonlyMap<string, AppDefinition>, groups: Groups, at: string) =>
    groupTree(groups, membersOf(world, root), at).get('/') ?? {};
  return {
    original: written(rootOf(world), world.groups, iso(world.lastVersion)),
    target: written(after, change.groups ?? world.groups, version),
  };
}

function versioned(
  before: AppDefinition | null,
  draft: Draft,
  version: string,
  restart: boolean,
): AppDefinition {
  const versionInfo = before?.versionInfo ?? { lastScalingAt: version, lastConfigChangeAt: version };
  const next: AppDefinition = { ...draft, version, versionInfo };
  return inWireOrder(
    restart ? withNewConfig(next, version) : withVersion(before ?? undefined, next, version),
  );
}

/** The definitions as groups hold them. */
export function membersOf({ dialect }: World, root: ReadonlyMap<string, AppDefinition>): Members {
  return {
    apps: [...root].filter(([, def]) => !isPod(def)).map(([id, def]) => [id, dialect.app(def)] as const),
    pods: [...root].filter(([, def]) => isPod(def)).map(([id, def]) => [id, dialect.pod(def)] as const),
  };
}

/** The lock: one deployment per app. A forced change cancels what is in its way. */
function makeRoom(world: World, change: Change, plan: Plan, affected: readonly string[]): void {
  const inTheWay = [...world.deployments.values()].filter((each) =>
    each.affected.some((id) => affected.includes(id)),
  );
  if (inTheWay.length > 0 && !change.force) {
    refuse(world, change, plan, lockedReason);
    throw locked(inTheWay.map((each) => each.plan.id));
  }
  const { mostDeployments } = world.dialect;
  if (world.deployments.size - inTheWay.length >= mostDeployments && affected.length > 0) {
    const refusal = tooManyDeployments(mostDeployments);
    world.count('dismissed');
    refuse(world, change, plan, refusal.message);
    throw refusal;
  }
  for (const deployment of inTheWay) cancel(world, deployment);
}

/** Where a refused plan shows as a failed deployment, it is one whose id was never seen before. */
function refuse(world: World, change: Change, plan: Plan, reason: string): void {
  if (world.dialect.showsRefusedPlans) world.emit(deploymentFailed(world, plan, reason));
  world.emit(groupChangeFailed(world, change.groupId, plan.version, reason));
}

function store(world: World, id: string, def: AppDefinition | null): void {
  const app = world.apps.get(id) ?? emptyApp(id);
  const sameConfig = def?.versionInfo.lastConfigChangeAt === app.def?.versionInfo.lastConfigChangeAt;
  if (!sameConfig) {
    app.failures = 0;
    app.delayUntil = 0;
  }
  app.def = def;
  if (def !== null) {
    const groups = new Map(world.groups);
    addParents(groups, id);
    world.groups = groups;
    app.versions.set(def.version, def);
    for (const old of [...app.versions.keys()].slice(0, -versionsKept)) app.versions.delete(old);
  }
  world.apps.set(id, app);
}

function remember(world: World, version: string): void {
  world.rootVersions.set(version, { apps: rootOf(world), groups: world.groups });
  for (const old of [...world.rootVersions.keys()].slice(0, -versionsKept)) world.rootVersions.delete(old);
}

function emptyApp(id: string): App {
  return {
    id,
    def: null,
    shown: null,
    versions: new Map(),
    instances: new Map(),
    behaviour: {},
    failures: 0,
    delayUntil: 0,
    restarting: false,
    lastTaskFailure: null,
  };
}

/** Marathon starts a deployment before its definition can be read; how long before can be set. */
async function becomeVisible(world: World): Promise<void> {
  const delay = world.settings.visibilityDelayMs;
  if (delay > 0) await new Promise<void>((resolve) => void world.timers.after(delay, resolve));
}

/** Deployments that hold an app. */
export function deploymentsOf(world: World, id: string): readonly Deployment[] {
  return [...world.deployments.values()].filter((each) => each.affected.includes(id));
}
