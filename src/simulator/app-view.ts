/** Apps as the API writes them: the definition, and what `embed` asks for. */
import { deploymentsOf } from './change-root.ts';
import type { AppDefinition } from './definition.ts';
import { readinessResults } from './readiness.ts';
import { tasksOf } from './task-view.ts';
import { type App, type Instance, isActive, type World } from './world.ts';

export interface Embed {
  readonly tasks: boolean;
  readonly counts: boolean;
  readonly deployments: boolean;
  readonly readiness: boolean;
  readonly lastTaskFailure: boolean;
  readonly taskStats: boolean;
}

export interface Counts {
  readonly staged: number;
  readonly running: number;
  readonly healthy: number;
  readonly unhealthy: number;
}

/** Values of `embed`, with or without a prefix; what is unknown is ignored. Tasks bring the deployments along. */
export function embedOf(values: readonly string[]): Embed {
  const names = new Set(values.map((value) => value.replace(/^(group\.)?apps?\./, '')));
  const failures = names.has('failures');
  return {
    tasks: names.has('tasks') || failures,
    counts: names.has('counts'),
    deployments: names.has('deployments') || names.has('tasks') || failures,
    readiness: names.has('readiness'),
    lastTaskFailure: names.has('lastTaskFailure') || failures,
    taskStats: names.has('taskStats'),
  };
}

export function appView(world: World, app: App, def: AppDefinition, embed: Embed): object {
  const counts = countsOf([...app.instances.values()]);
  return {
    ...world.dialect.app(def),
    ...(embed.counts
      ? {
          tasksStaged: counts.staged,
          tasksRunning: counts.running,
          tasksHealthy: counts.healthy,
          tasksUnhealthy: counts.unhealthy,
        }
      : {}),
    ...(embed.deployments
      ? { deployments: deploymentsOf(world, app.id).map(({ plan }) => ({ id: plan.id })) }
      : {}),
    ...(embed.readiness ? { readinessCheckResults: readinessResults(world, app) } : {}),
    ...(embed.tasks ? { tasks: tasksOf(world, app, true) } : {}),
    ...(embed.lastTaskFailure && app.lastTaskFailure !== null
      ? { lastTaskFailure: app.lastTaskFailure }
      : {}),
    ...(embed.taskStats ? { [world.dialect.taskStatsKey]: statsOf(world, app, def) } : {}),
  };
}

/** Tasks whose health is not known count as neither healthy nor unhealthy. */
export function countsOf(instances: readonly Instance[]): Counts {
  const running = instances.filter((each) => each.condition === 'Running' || each.condition === 'Killing');
  return {
    staged: instances.filter((each) => each.condition === 'Provisioned' || each.condition === 'Starting')
      .length,
    running: running.length,
    healthy: running.filter(
      (each) => each.checks.size > 0 && [...each.checks.values()].every((one) => one.alive),
    ).length,
    unhealthy: running.filter((each) => [...each.checks.values()].some((one) => !one.alive)).length,
  };
}

/** Groups without a task are not written. */
function statsOf(world: World, app: App, def: AppDefinition): object {
  const all = [...app.instances.values()].filter((each) => isActive(each.condition));
  const latest = all.filter((each) => each.def.version >= def.versionInfo.lastConfigChangeAt);
  const outdated = all.filter((each) => each.def.version < def.versionInfo.lastConfigChangeAt);
  const scaled = all.filter(
    (each) => (each.task?.startedAt ?? 0) >= Date.parse(def.versionInfo.lastScalingAt),
  );
  return {
    ...stats(world, 'startedAfterLastScaling', scaled),
    ...stats(world, 'withLatestConfig', latest),
    ...stats(world, 'withOutdatedConfig', outdated),
    ...stats(world, 'totalSummary', all),
  };
}

function stats(world: World, key: string, instances: readonly Instance[]): object {
  if (instances.length === 0) return {};
  const lives = instances
    .flatMap((each) => (each.task?.startedAt == null ? [] : [(world.now() - each.task.startedAt) / 1000]))
    .sort((a, b) => a - b);
  const lifeTime =
    lives.length === 0
      ? {}
      : {
          lifeTime: {
            averageSeconds: lives.reduce((a, b) => a + b, 0) / lives.length,
            medianSeconds: lives[Math.floor(lives.length / 2)] ?? 0,
          },
        };
  return { [key]: { stats: { counts: countsOf(instances), ...lifeTime } } };
}
