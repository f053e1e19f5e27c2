/** Carries deployments out, step by step: looks at the instances, decides, and looks again after each change. */
import type { AppDefinition } from './definition.ts';
import {
  addHealthCheck,
  appTerminated,
  deploymentFailed,
  deploymentInfo,
  deploymentStepSuccess,
  deploymentSuccess,
  removeHealthCheck,
} from './events.ts';
import { decommission, schedule } from './instances.ts';
import { type Action, idIn, verbIn } from './plan.ts';
import { byKillSelection, candidate, forReplacement, rollingMove, rollingStrategy } from './rolling.ts';
import {
  type ActionRun,
  type App,
  type Deployment,
  type Instance,
  isActive,
  isReady,
  wanted,
  type World,
} from './world.ts';

/** Takes every deployment as far as it can go now. */
export function advance(world: World): void {
  for (const deployment of world.deployments.values()) {
    // All actions of a step go on side by side, so each is looked at.
    const complete = deployment.runs.map((run) => carryOn(world, run));
    if (complete.every(Boolean)) nextStep(world, deployment);
  }
}

/** Begins the first step; a plan without steps has succeeded. */
export function start(world: World, deployment: Deployment): void {
  world.deployments.set(deployment.plan.id, deployment);
  nextStep(world, deployment);
}

export function cancel(world: World, deployment: Deployment): void {
  endRuns(world, deployment);
  world.deployments.delete(deployment.plan.id);
  world.emit(deploymentFailed(world, deployment.plan, 'The upgrade has been cancelled'));
}

function nextStep(world: World, deployment: Deployment): void {
  const { plan } = deployment;
  const ended = plan.steps[deployment.step];
  if (ended !== undefined) {
    endRuns(world, deployment);
    world.emit(deploymentStepSuccess(world, plan, ended));
  }
  deployment.step += 1;
  const step = plan.steps[deployment.step];
  if (step === undefined) {
    world.deployments.delete(plan.id);
    world.emit(deploymentSuccess(world, plan));
    return;
  }
  world.emit(deploymentInfo(world, plan, step));
  deployment.runs = step.actions.flatMap((action) => begin(world, deployment, action));
  world.wake();
}

function endRuns(world: World, deployment: Deployment): void {
  for (const run of deployment.runs) {
    const app = world.apps.get(run.app);
    if (app === undefined) continue;
    app.restarting = false;
    for (const instance of app.instances.values()) world.readiness.unwatch(instance);
    if (run.kind === 'stop' && app.def === null && app.instances.size === 0) {
      world.emit(appTerminated(world, app.id));
      world.apps.delete(app.id);
    }
  }
  deployment.runs = [];
}

function begin(world: World, deployment: Deployment, action: Action): readonly ActionRun[] {
  const id = idIn(action);
  const verb = verbIn(action);
  const app = world.apps.get(id);
  if (app === undefined) return [];
  if (verb === 'Start') return [{ kind: 'start', app: id }];
  if (verb === 'Stop' || app.def === null) return [beginStop(world, deployment, app)];
  for (const check of app.def.healthChecks ?? [])
    world.emit(addHealthCheck(world, id, check, app.def.version));
  if (verb === 'Restart') return [beginRestart(app, app.def)];
  const active = wanted(app);
  if (active.length <= app.def.instances) return [{ kind: 'scale-up', app: id }];
  const ordered = inKillOrder(app, active);
  const chosen = [
    ...ordered.filter((instance) => deployment.toKill.has(instance.id)),
    ...ordered.filter((instance) => !deployment.toKill.has(instance.id)),
  ].slice(0, active.length - app.def.instances);
  return [{ kind: 'scale-down', app: id, victims: new Set(chosen.map((instance) => instance.id)) }];
}

function beginStop(world: World, deployment: Deployment, app: App): ActionRun {
  for (const _ of deployment.original.get(app.id)?.healthChecks ?? [])
    world.emit(removeHealthCheck(world, app.id));
  return { kind: 'stop', app: app.id };
}

function beginRestart(app: App, def: AppDefinition): ActionRun {
  app.restarting = true;
  const active = wanted(app);
  // What has no task now is launched with the new definition anyway: there is nothing to replace.
  for (const instance of active) if (!isActive(instance.condition)) instance.def = def;
  const strategy = rollingStrategy({
    instances: def.instances,
    current: active.length,
    running: active.filter((instance) => instance.condition === 'Running').length,
    strategy: def.upgradeStrategy,
  });
  return {
    kind: 'restart',
    app: app.id,
    strategy,
    oldAtStart: active.filter((each) => isOld(app, each)).length,
  };
}

/** Does what can be done now. @returns whether the action is complete */
function carryOn(world: World, run: ActionRun): boolean {
  const app = world.apps.get(run.app);
  if (app === undefined || run.kind === 'start') return true;
  switch (run.kind) {
    case 'scale-up': {
      const active = wanted(app);
      const target = app.def?.instances ?? 0;
      launch(world, app, target - active.length);
      return active.filter(isReady).length >= target;
    }
    case 'scale-down':
      for (const id of run.victims) end(world, app, app.instances.get(id));
      return ![...run.victims].some((id) => app.instances.has(id));
    case 'restart':
      return carryOnRestart(world, app, run);
    case 'stop':
      for (const instance of app.instances.values()) decommission(world, app, instance);
      return app.instances.size === 0;
  }
}

function carryOnRestart(world: World, app: App, run: Extract<ActionRun, { kind: 'restart' }>): boolean {
  // What others stand in for already needs no room.
  for (const each of app.instances.values()) {
    if (each.condition === 'UnreachableInactive' && isOld(app, each)) decommission(world, app, each);
  }
  const active = wanted(app);
  const old = active.filter((instance) => isOld(app, instance));
  const fresh = active.filter((instance) => !isOld(app, instance));
  const move = rollingMove(run.strategy, {
    instances: app.def?.instances ?? 0,
    oldAtStart: run.oldAtStart,
    old: old.length,
    oldEnding: [...app.instances.values()].filter(({ goal }) => goal === 'Decommissioned').length,
    fresh: fresh.length,
    freshReady: fresh.filter(isReady).length,
  });
  const victims = forReplacement(old.map(candidate)).slice(0, move.kill);
  for (const { instance } of victims) decommission(world, app, instance);
  const surplus = fresh.length - (app.def?.instances ?? 0);
  for (const instance of inKillOrder(app, fresh).slice(0, Math.max(0, surplus)))
    decommission(world, app, instance);
  launch(world, app, move.launch);
  return move.done;
}

function launch(world: World, app: App, count: number): void {
  for (let n = 0; n < count && app.def !== null; n += 1) schedule(world, app, app.def);
}

function end(world: World, app: App, instance: Instance | undefined): void {
  if (instance !== undefined) decommission(world, app, instance);
}

function inKillOrder(app: App, instances: readonly Instance[]): readonly Instance[] {
  const selection = app.def?.killSelection ?? 'YOUNGEST_FIRST';
  return byKillSelection(instances.map(candidate), selection).map(({ instance }) => instance);
}

function isOld(app: App, instance: Instance): boolean {
  return instance.def.version !== app.def?.version;
}
