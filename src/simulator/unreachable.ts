/** Tasks whose agent Mesos has lost sight of: told, replaced and expunged in time; and what becomes of one that returns. */
import type { UnreachableStrategy } from './definition.ts';
import { become, decommission, giveUp, launchMissing, tellCondition } from './instances.ts';
import { byKillSelection, candidate } from './rolling.ts';
import { type App, type Instance, isLost, wanted, type World } from './world.ts';

/** How often Marathon expunges (`--task_lost_expunge_interval`), in s: nobody goes before that. */
const expungeRoundSec = 30;
/** The longest that a timer of Node can wait. */
const longestMs = 2_147_483_647;

/**
 * Mesos has lost the task, which serves on; Marathon's own checks of it rest. After `inactiveAfterSeconds` it is
 * replaced, after `expungeAfterSeconds` forgotten.
 */
export function lose(world: World, app: App, instance: Instance): void {
  if (instance.condition !== 'Running' && instance.condition !== 'Starting') return;
  const times = timesOf(instance.def.unreachableStrategy);
  instance.cancelTimer?.();
  instance.cancelTimer = null;
  world.health.unwatch(instance);
  world.readiness.unwatch(instance);
  become(
    world,
    instance,
    times?.inactiveSec === 0 ? 'UnreachableInactive' : 'Unreachable',
    'TASK_UNREACHABLE',
    '',
  );
  if (times === null) return;
  if (times.inactiveSec === 0) return replace(world, app, instance, times.expungeSec);
  later(world, instance, times.inactiveSec, () => {
    instance.condition = 'UnreachableInactive';
    tellCondition(world, instance);
    replace(world, app, instance, times.expungeSec - times.inactiveSec);
  });
}

function replace(world: World, app: App, instance: Instance, expungeSec: number): void {
  // Marathon keeps no results of what is not active.
  instance.checks = new Map();
  instance.healthy = null;
  launchMissing(world, app);
  later(world, instance, expungeSec, () => giveUp(world, app, instance));
}

/** Mesos sees the task again. When that is one too many, one goes as in a scale-down. */
export function regain(world: World, app: App, instance: Instance): void {
  if (!isLost(instance)) return;
  instance.cancelTimer?.();
  instance.cancelTimer = null;
  if (instance.task !== null) instance.task.startedAt ??= world.now();
  become(world, instance, 'Running', 'TASK_RUNNING', '');
  world.health.watch(instance);
  world.wake();
  if (app.restarting) return;
  const running = wanted(app);
  const surplus = Math.max(0, running.length - (app.def?.instances ?? 0));
  const order = byKillSelection(running.map(candidate), app.def?.killSelection ?? 'YOUNGEST_FIRST');
  for (const victim of order.slice(0, surplus)) decommission(world, app, victim.instance);
}

function later(world: World, instance: Instance, seconds: number, work: () => void): void {
  const ms = Math.min((seconds * 1000) / world.settings.speed, longestMs);
  instance.cancelTimer = world.timers.after(ms, () => {
    instance.cancelTimer = null;
    work();
  });
}

/** Null when such a task is waited for, however long. */
function timesOf(strategy: UnreachableStrategy): { inactiveSec: number; expungeSec: number } | null {
  if (strategy === 'disabled') return null;
  const { inactiveAfterSeconds: inactiveSec, expungeAfterSeconds } = strategy;
  return { inactiveSec, expungeSec: Math.max(expungeAfterSeconds, expungeRoundSec, inactiveSec) };
}
