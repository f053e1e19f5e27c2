/** Accepts a change of the wanted definitions: versions, plan, lock, deployment, and the events of all that. */
import { ApiError, locked, lockedReason } from './api-error.ts';
import type { Draft } from './complete.ts';
import { type AppDefinition, inWireOrder } from './definition.ts';
import { cancel, start } from './deployments.ts';
import { apiPost, deploymentFailed, groupChangeFailed, groupChangeSuccess } from './events.ts';
import { type Plan, planSteps, withNewConfig, withVersion } from './plan.ts';
import { type App, type Deployment, nextVersion, type World } from './world.ts';

/** Marathon's `--zk_max_versions`. */
const versionsKept = 50;
/** Marathon's `--max_running_deployments`. */
const mostDeployments = 100;

export interface Change {
  /** The wanted definitions of the apps that change; null deletes. */
  readonly apps: ReadonlyMap<string, Draft | null>;
  readonly force: boolean;
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

/**
 * Resolves once the change can be read.
 * @throws ApiError 409 when a running deployment holds one of the apps and the change is not forced; 403 when too many run
 */
export async function changeRoot(world: World, change: Change): Promise<Accepted> {
  const version = nextVersion(world);
  const original = new Map<string, AppDefinition>();
  const target = new Map<string, AppDefinition>();
  for (const [id, draft] of change.apps) {
    const before = world.apps.get(id)?.def ?? null;
    if (before !== null) original.set(id, before);
    if (draft !== null) target.set(id, versioned(before, draft, version, change.restart === true));
  }
  const plan: Plan = { id: world.uuid(), steps: planSteps(original, target), version };
  const affected = [...new Set(plan.steps.flatMap((step) => step.actions.map((action) => action.app)))];
  makeRoom(world, change, plan, affected);

  for (const id of change.apps.keys()) store(world, id, target.get(id) ?? null);
  start(world, { plan, original, affected, toKill: change.toKill ?? new Set(), step: -1, runs: [] });
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

/** The lock: one deployment per app. A forced change cancels what is in its way. */
function makeRoom(world: World, change: Change, plan: Plan, affected: readonly string[]): void {
  const inTheWay = [...world.deployments.values()].filter((each) =>
    each.affected.some((id) => affected.includes(id)),
  );
  if (inTheWay.length > 0 && !change.force) {
    refuse(world, change, plan, lockedReason);
    throw locked(inTheWay.map((each) => each.plan.id));
  }
  if (world.deployments.size - inTheWay.length >= mostDeployments && affected.length > 0) {
    const message = `Max number (${mostDeployments}) of running deployments is achieved. Wait for existing deployments to complete or cancel one.`;
    refuse(world, change, plan, message);
    throw new ApiError('too-many-deployments', 403, { message });
  }
  for (const deployment of inTheWay) cancel(world, deployment);
}

/** Since 1.5 a refused plan shows as a failed deployment with an id that was never seen before. */
function refuse(world: World, change: Change, plan: Plan, reason: string): void {
  world.emit(deploymentFailed(world, plan, reason));
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
    app.versions.set(def.version, def);
    for (const old of [...app.versions.keys()].slice(0, -versionsKept)) app.versions.delete(old);
  }
  world.apps.set(id, app);
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
