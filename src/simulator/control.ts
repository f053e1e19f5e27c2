/** What can be done to a simulated cluster that no Marathon would do: make tasks slow, failing, unhealthy or dead. */
import { appNotFound, notFound } from './api-error.ts';
import { type Behaviour, type BehaviourChange, behaviourOf } from './behaviour.ts';
import type { AppDefinition } from './definition.ts';
import { frameworkMessage } from './events.ts';
import { taskEnded } from './instances.ts';
import type { TaskCounters } from './task-host.ts';
import { stateOf } from './task-view.ts';
import { lose, regain } from './unreachable.ts';
import { type App, type Instance, isActive, isLost, type World } from './world.ts';

/** A task as the control API shows it. */
export interface SimulatedTask extends TaskCounters {
  readonly id: string;
  readonly app: string;
  readonly version: string;
  readonly state: string;
  readonly host: string;
  readonly ports: readonly number[];
  /** Dead, although Marathon has not been told. */
  readonly crashed: boolean;
  readonly behaviour: Behaviour;
}

/** One task, all of an app, or all that run on the agent. */
export type Where = { readonly task: string } | { readonly app: string } | 'agent';

export interface Control {
  /** How the app's tasks behave from now on, the ones to come too. @throws ApiError 404 */
  behaveApp(app: string, change: BehaviourChange): void;
  /** How one task behaves; wins over its app. @throws ApiError 404 */
  behaveTask(task: string, change: BehaviourChange): void;
  /** Like kill -9 on the task; `silent`: Marathon is not told until `notice`, or until its checks find out. */
  crashTask(task: string, options?: { readonly silent?: boolean }): void;
  /** The same for all of the app's tasks. @returns their ids */
  crashApp(app: string, options?: { readonly silent?: boolean }): readonly string[];
  /** Tells Marathon of a task that crashed in silence. @throws ApiError 404 */
  notice(task: string): void;
  /** The task's executor sends a text to Marathon, which tells its subscribers of it and does nothing. @throws ApiError 404 */
  frameworkMessage(task: string, text: string): void;
  /** Mesos loses sight of tasks, which serve on. @returns their ids @throws ApiError 404 */
  unreachable(where: Where): readonly string[];
  /** Mesos sees them again. @returns their ids @throws ApiError 404 */
  reachable(where: Where): readonly string[];
  tasks(): Promise<readonly SimulatedTask[]>;
}

export interface ControlState extends Control {
  behaviour(instance: Instance): Behaviour;
  isCrashed(instance: Instance): boolean;
}

const nothing: TaskCounters = { requests: 0, failed: 0, probes: 0, sessions: 0, inFlight: 0 };
const crashMessage = 'Command terminated with signal Killed';

export function createControl(world: () => World): ControlState {
  /** Changes for single tasks, and tasks that crashed in silence: held weakly, so that they go with the task. */
  const changes = new WeakMap<object, BehaviourChange>();
  const crashed = new WeakSet<object>();

  function behaviour(instance: Instance): Behaviour {
    const { task } = instance;
    const own = task === null ? undefined : changes.get(task);
    return behaviourOf(task?.behaviour, world().apps.get(instance.appId)?.behaviour, own);
  }

  function tell(instance: Instance): void {
    if (instance.task !== null && isActive(instance.condition)) {
      world().tasks.behave(instance.task.id, behaviour(instance));
    }
  }

  function crash(instance: Instance, silent: boolean): void {
    const { task } = instance;
    if (task === null || !(isActive(instance.condition) || isLost(instance))) return;
    crashed.add(task);
    world().tasks.crash(task.id);
    if (!silent && !isLost(instance)) taskEnded(world(), task.id, 'failed', crashMessage);
  }

  /** A task that only an orphan has is of no instance. */
  function instancesIn(where: Where): readonly Instance[] {
    if (where === 'agent') return [...world().byTask.values()];
    if ('app' in where) return [...appAt(world(), where.app).instances.values()];
    return world().orphans.has(where.task) ? [] : [instanceAt(world(), where.task)];
  }

  /** Mesos finds tasks that Marathon does not know, and Marathon has them killed. */
  function killOrphans(where: Where): readonly string[] {
    const found = [...world().orphans].filter(
      ([task, { appId }]) =>
        where === 'agent' || ('app' in where ? where.app === appId : where.task === task),
    );
    for (const [task] of found) world().tasks.stop(task, world().settings.killGraceMs);
    return found.map(([task]) => task);
  }

  return {
    behaviour,
    isCrashed: (instance) => instance.task !== null && crashed.has(instance.task),
    behaveApp(id, change) {
      const app = appAt(world(), id);
      app.behaviour = merged(app.behaviour, change);
      for (const instance of app.instances.values()) tell(instance);
    },
    behaveTask(id, change) {
      const instance = instanceAt(world(), id);
      if (instance.task === null) return;
      changes.set(instance.task, merged(changes.get(instance.task) ?? {}, change));
      tell(instance);
    },
    crashTask: (id, options) => crash(instanceAt(world(), id), options?.silent === true),
    crashApp(id, options) {
      const instances = [...appAt(world(), id).instances.values()].filter((each) => isActive(each.condition));
      for (const instance of instances) crash(instance, options?.silent === true);
      return instances.flatMap((each) => (each.task === null ? [] : [each.task.id]));
    },
    notice(id) {
      const instance = instanceAt(world(), id);
      if (instance.task !== null && crashed.has(instance.task))
        taskEnded(world(), id, 'failed', crashMessage);
    },
    frameworkMessage(id, text) {
      const executor = executorId(id, instanceAt(world(), id).def);
      world().emit(frameworkMessage(world(), executor, Buffer.from(text, 'utf8')));
    },
    unreachable(where) {
      const lost = instancesIn(where).filter(({ condition }) => isActive(condition));
      for (const instance of lost) lose(world(), appAt(world(), instance.appId), instance);
      return lost.filter(isLost).flatMap(taskIdOf);
    },
    reachable(where) {
      const back = instancesIn(where).filter(isLost);
      const ids = back.flatMap(taskIdOf);
      for (const instance of back) {
        if (instance.task !== null && crashed.has(instance.task)) {
          taskEnded(world(), instance.task.id, 'failed', crashMessage);
        } else regain(world(), appAt(world(), instance.appId), instance);
      }
      return [...ids, ...killOrphans(where)];
    },
    async tasks() {
      const counters = await world().tasks.counters();
      return [...world().byTask.entries()].map(([id, instance]) => ({
        id,
        app: instance.appId,
        version: instance.def.version,
        state: stateOf(instance),
        host: instance.task?.host ?? '',
        ports: instance.task?.ports ?? [],
        crashed: instance.task !== null && crashed.has(instance.task),
        behaviour: behaviour(instance),
        ...(counters.get(id) ?? nothing),
      }));
    },
  };
}

/** Mesos names the executor of a command after its task, Marathon's `TaskBuilder` one of the app's own `marathon-TASK`. */
function executorId(task: string, { executor }: AppDefinition): string {
  return executor === '' || executor === '//cmd' ? task : `marathon-${task}`;
}

function taskIdOf({ task }: Instance): readonly string[] {
  return task === null ? [] : [task.id];
}

function merged(before: BehaviourChange, change: BehaviourChange): BehaviourChange {
  return {
    ...before,
    ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)),
  };
}

function appAt(world: World, id: string): App {
  const app = world.apps.get(id);
  if (app === undefined) throw appNotFound(id);
  return app;
}

function instanceAt(world: World, task: string): Instance {
  const instance = world.byTask.get(task);
  if (instance === undefined) throw notFound(`Task '${task}' does not exist`);
  return instance;
}
