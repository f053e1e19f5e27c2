/** The life of an instance: scheduled, provisioned, started, running, killed or failed, and launched again. */
import { appId, safeName } from '../model/ids.ts';
import { behaviourFromEnv, behaviourOf, startDelayFromEnv, strictPathFromEnv } from './behaviour.ts';
import { type AppDefinition, isHostNetwork, isMesosCheck, isPod, portsOf } from './definition.ts';
import { instanceChanged, instanceHealthChanged, statusUpdate, unknownInstanceTerminated } from './events.ts';
import { launchId, mesosTasks } from './pod-tasks.ts';
import type { Ending } from './task-host.ts';
import {
  type App,
  type Condition,
  type Instance,
  isActive,
  isLost,
  iso,
  wanted,
  type World,
} from './world.ts';

/** A task that ran this long is no sign of a sick app (Marathon's `--minimum_viable_task_execution_duration`). */
const viableMs = 60_000;

/** Adds an instance of the app's wanted definition; it is provisioned as soon as the app's launch delay allows. */
export function schedule(world: World, app: App, def: AppDefinition): Instance {
  const uuid = world.uuid();
  const instance: Instance = {
    id: idOf(world, def, uuid),
    uuid,
    appId: app.id,
    def,
    condition: 'Scheduled',
    goal: 'Running',
    incarnation: 0,
    activeSince: world.now(),
    task: null,
    checks: new Map(),
    healthy: null,
    mesosHealthy: null,
    readiness: null,
    killedFor: null,
    cancelTimer: null,
  };
  app.instances.set(instance.id, instance);
  tellCondition(world, instance);
  provisionLater(world, app, instance);
  return instance;
}

/** Before 1.8 only instances of pods are called instances in their ids. */
function idOf({ dialect }: World, def: AppDefinition, uuid: string): string {
  const name = safeName(appId(def.id));
  return isPod(def) ? `${name}.instance-${uuid}` : dialect.instanceId(name, uuid);
}

/** Launches as soon as the app's delay allows; again, when that has changed. */
export function provisionLater(world: World, app: App, instance: Instance): void {
  instance.cancelTimer?.();
  instance.cancelTimer = world.timers.after(Math.max(0, app.delayUntil - world.now()), () => {
    instance.cancelTimer = null;
    provision(world, app, instance);
  });
}

function provision(world: World, app: App, instance: Instance): void {
  forgetTask(world, instance);
  instance.def = app.def ?? instance.def;
  const { def } = instance;
  instance.incarnation += 1;
  instance.condition = 'Provisioned';
  instance.activeSince = world.now();
  instance.checks = staleResults(world, instance);
  instance.healthy = null;
  instance.killedFor = null;
  const id = launchId(world, instance);
  const fromEnv = behaviourFromEnv(def.env);
  instance.task = {
    id,
    stagedAt: world.now(),
    behaviour: fromEnv,
    host: world.settings.taskHost,
    address: '',
    ports: [],
    startedAt: null,
  };
  world.byTask.set(id, instance);
  tellCondition(world, instance);
  world.count('launched');
  world.tasks.launch({
    id,
    app: app.id,
    version: def.version,
    host: def.networks.some((network) => network.mode === 'container') ? null : world.settings.taskHost,
    ports: requestedPorts(def),
    checkPaths: (def.healthChecks ?? []).flatMap((check) => (check.path === undefined ? [] : [check.path])),
    readinessPaths: (def.readinessChecks ?? []).map((check) => check.path),
    strictPath: strictPathFromEnv(def.env),
    behaviour: behaviourOf(fromEnv, app.behaviour),
  });
}

/** Where instances outlive their tasks, what was known of a check by Mesos is shown until there is news. */
function staleResults(world: World, { checks, def }: Instance): Instance['checks'] {
  if (!world.dialect.stableInstances) return new Map();
  const byMesos = (index: number): boolean => {
    const check = def.healthChecks?.[index];
    return check !== undefined && isMesosCheck(check);
  };
  return new Map([...checks].filter(([index]) => byMesos(index)));
}

/** Host ports by index; in network mode `container` the container's own, on an address of the task's own. */
function requestedPorts(def: AppDefinition): readonly number[] {
  if (isHostNetwork(def))
    return portsOf(def).map((port) => (def.requirePorts && 'port' in port ? port.port : 0));
  return (def.container?.portMappings ?? []).map((mapping) => mapping.hostPort ?? mapping.containerPort);
}

/** The task's servers listen: it is starting, and runs after the start delay. */
export function taskListening(world: World, taskId: string, address: string, ports: readonly number[]): void {
  const instance = world.byTask.get(taskId);
  if (instance?.task?.id !== taskId || instance.condition !== 'Provisioned') return;
  const mappings = isHostNetwork(instance.def) ? null : (instance.def.container?.portMappings ?? []);
  instance.task.address = address;
  instance.task.ports = ports.filter(
    (_, index) => mappings === null || mappings[index]?.hostPort !== undefined,
  );
  become(world, instance, 'Starting', 'TASK_STARTING', '');
  const delay = world.settings.startDelayMs + startDelayFromEnv(instance.def.env);
  instance.cancelTimer = world.timers.after(delay, () => {
    instance.cancelTimer = null;
    if (instance.task === null) return;
    instance.task.startedAt = world.now();
    become(world, instance, 'Running', 'TASK_RUNNING', '');
    world.health.watch(instance);
    if (isDeploying(world, instance.appId)) world.readiness.watch(instance);
    world.wake();
  });
}

/** Readiness checks are for what a deployment starts. */
function isDeploying(world: World, app: string): boolean {
  return [...world.deployments.values()].some((deployment) => deployment.affected.includes(app));
}

/** Kills what runs; an instance that is to run on is launched again afterwards. */
export function kill(world: World, instance: Instance, why: 'request' | 'health' | null): void {
  if (isLost(instance)) return killLost(world, instance);
  if (instance.task === null || !isActive(instance.condition) || instance.condition === 'Killing') return;
  instance.cancelTimer?.();
  instance.cancelTimer = null;
  instance.killedFor = why;
  world.health.unwatch(instance);
  world.readiness.unwatch(instance);
  become(world, instance, 'Killing', 'TASK_KILLING', '');
  const grace = instance.def.taskKillGracePeriodSeconds;
  world.tasks.stop(instance.task.id, grace === undefined ? world.settings.killGraceMs : grace * 1000);
}

/** Nobody can reach it to kill it: Marathon gives it up at once. */
function killLost(world: World, instance: Instance): void {
  const app = world.apps.get(instance.appId);
  if (app === undefined) return;
  giveUp(world, app, instance);
  launchMissing(world, app);
}

/** Forgets an instance whose task may run on; Mesos kills that as soon as it sees it again. */
export function giveUp(world: World, app: App, instance: Instance): void {
  if (instance.task !== null) {
    world.orphans.set(instance.task.id, { instanceId: instance.id, appId: instance.appId });
  }
  instance.condition = 'Killed';
  tellCondition(world, instance);
  expunge(world, app, instance);
}

/** Brings the app back to its number of instances; an upgrade does so by itself. */
export function launchMissing(world: World, app: App): void {
  world.wake();
  if (app.def === null || app.restarting) return;
  for (let n = wanted(app).length; n < app.def.instances; n += 1) schedule(world, app, app.def);
}

/** Ends an instance for good. Where there are goals, their change shows as an event with the condition as it was. */
export function decommission(world: World, app: App, instance: Instance): void {
  if (instance.goal === 'Decommissioned') return;
  instance.goal = 'Decommissioned';
  if (world.dialect.stableInstances) tellCondition(world, instance);
  if (isActive(instance.condition) || isLost(instance)) kill(world, instance, null);
  else expunge(world, app, instance);
}

/** The task is gone, and Marathon hears of it. */
export function taskEnded(world: World, taskId: string, how: Ending, message: string): void {
  const orphan = world.orphans.get(taskId);
  if (orphan !== undefined) {
    world.orphans.delete(taskId);
    world.emit(unknownInstanceTerminated(world, orphan, how === 'killed' ? 'Killed' : 'Failed'));
  }
  const instance = world.byTask.get(taskId);
  if (instance?.task?.id !== taskId || !(isActive(instance.condition) || isLost(instance))) return;
  const isReplaced = instance.condition === 'UnreachableInactive';
  const app = world.apps.get(instance.appId);
  if (app === undefined) return;
  instance.cancelTimer?.();
  instance.cancelTimer = null;
  world.health.unwatch(instance);
  world.readiness.unwatch(instance);
  const asked = how === 'killed' || instance.condition === 'Killing';
  const sick = !asked || instance.killedFor === 'health';
  become(world, instance, asked ? 'Killed' : 'Failed', asked ? 'TASK_KILLED' : 'TASK_FAILED', message);
  if (!asked) recordFailure(world, app, instance, message);
  if (sick) delayLaunches(world, app, instance);
  const over = isReplaced || instance.goal === 'Decommissioned' || isReplacedByUpgrade(app, instance);
  if (over) expunge(world, app, instance);
  else replaceTask(world, app, instance);
  world.wake();
}

function replaceTask(world: World, app: App, instance: Instance): void {
  if (world.dialect.stableInstances) return provisionLater(world, app, instance);
  expunge(world, app, instance);
  if (app.def !== null) schedule(world, app, app.def);
}

/** In an upgrade an old instance that ended makes room for a new one instead of coming back. */
function isReplacedByUpgrade(app: App, instance: Instance): boolean {
  return app.restarting && instance.def.version !== app.def?.version;
}

function recordFailure(world: World, app: App, instance: Instance, message: string): void {
  app.lastTaskFailure = {
    appId: app.id,
    host: instance.task?.host ?? 'unknown',
    message,
    state: 'TASK_FAILED',
    taskId: instance.task?.id ?? '',
    timestamp: iso(world.now()),
    version: instance.def.version,
    slaveId: world.settings.agentId,
  };
}

function delayLaunches(world: World, app: App, instance: Instance): void {
  const startedAt = instance.task?.startedAt ?? null;
  if (startedAt !== null && world.now() - startedAt >= viableMs) app.failures = 0;
  const { backoffSeconds, backoffFactor, maxLaunchDelaySeconds } = instance.def;
  const seconds = Math.min(maxLaunchDelaySeconds, backoffSeconds * backoffFactor ** app.failures);
  app.failures += 1;
  app.delayUntil = world.now() + seconds * 1000;
}

function expunge(world: World, app: App, instance: Instance): void {
  instance.cancelTimer?.();
  instance.cancelTimer = null;
  forgetTask(world, instance);
  app.instances.delete(instance.id);
  world.wake();
}

function forgetTask(world: World, instance: Instance): void {
  if (instance.task !== null) world.byTask.delete(instance.task.id);
}

/**
 * Inside one update the status event comes first, then the instance's. Of several containers the first one to start,
 * fail or be killed makes the whole instance do so; it runs, and is gone, with the last (`InstanceState.conditionHierarchy`).
 * Where one fails, its executor kills the others.
 */
export function become(
  world: World,
  instance: Instance,
  condition: Condition,
  taskStatus: string,
  message: string,
): void {
  instance.condition = condition;
  const tasks = mesosTasks(world, instance);
  const telling = condition === 'Running' || condition === 'Killed' ? tasks.length - 1 : 0;
  tasks.forEach((task, index) => {
    const status = index > 0 && condition === 'Failed' ? 'TASK_KILLED' : taskStatus;
    world.emit(statusUpdate(world, instance, status, message, task));
    if (index === telling) tellCondition(world, instance);
  });
  if (condition === 'Running' || instance.mesosHealthy === null) return;
  instance.mesosHealthy = null;
  world.emit(instanceHealthChanged(world, instance, null));
}

export function tellCondition(world: World, instance: Instance): void {
  const condition = world.dialect.condition(instance.condition);
  if (condition !== null) world.emit(instanceChanged(world, instance, condition));
}
