/** Deployments, groups and the server's own description, as the API writes them. */
import { appView, embedOf } from './app-view.ts';
import { notFound } from './api-error.ts';
import { type Group, groupTree } from './group-tree.ts';
import { isPod } from './definition.ts';
import { idIn } from './plan.ts';
import { podStatus, shownPods } from './pod-view.ts';
import { readinessResults } from './readiness.ts';
import { type App, type Deployment, iso, type World } from './world.ts';

/** `currentStep` counts from 1. */
export function deploymentView(world: World, deployment: Deployment): object {
  const current = deployment.plan.steps[deployment.step];
  const actions = deployment.plan.steps.flatMap((step) => step.actions);
  const affected = [...new Map(actions.map((action) => [idIn(action), action])).values()];
  return {
    id: deployment.plan.id,
    version: deployment.plan.version,
    affectedApps: affected.flatMap((each) => ('app' in each ? each.app : [])),
    affectedPods: affected.flatMap((each) => ('pod' in each ? each.pod : [])),
    steps: deployment.plan.steps,
    currentActions: (current?.actions ?? []).map((action) => ({
      ...action,
      readinessCheckResults: readinessResults(world, world.apps.get(idIn(action))),
    })),
    currentStep: deployment.step + 1,
    totalSteps: deployment.plan.steps.length,
  };
}

/**
 * A group with all that is below it. `embed` that names `group.groups`, `group.apps` or `group.pods` asks for these only.
 * @throws ApiError 404
 */
export function groupView(world: World, id: string, embed: readonly string[]): object {
  const asked = embedOf(embed);
  const apps = shownApps(world).map((app) => [app.id, appView(world, app, app.shown, asked)] as const);
  const pods = shownPods(world).map((pod) => [pod.id, podStatus(world, pod)] as const);
  const group = groupTree(world.groups, { apps, pods }, iso(world.lastVersion)).get(id);
  if (group === undefined) throw notFound(`Group '${id}' does not exist`);
  return embedded(
    world,
    group,
    embed.filter((value) => value.startsWith('group.')),
  );
}

/** After `GroupInfoWrites` of Marathon, and the `GroupInfo` of its RAML types since 1.9. */
function embedded(world: World, group: Group, embed: readonly string[]): object {
  const { apps, groups, pods, ...rest } = group;
  const has = (name: string): boolean => embed.length === 0 || embed.includes(name);
  const inner = has('group.groups') ? groups.map((each) => embedded(world, each, embed)) : [];
  if (world.dialect.wholeGroups) {
    const enforceRole = world.enforceRole.get(group.id) ?? false;
    return {
      ...rest,
      apps: has('group.apps') ? apps : [],
      groups: inner,
      pods: has('group.pods') ? pods : [],
      enforceRole,
    };
  }
  return {
    ...rest,
    ...(has('group.apps') ? { apps } : {}),
    ...(has('group.groups') ? { groups: inner } : {}),
    ...(has('group.pods') ? { pods } : {}),
  };
}

/** All apps that can be read, by id. */
export function shownApps(world: World): readonly (App & { readonly shown: NonNullable<App['shown']> })[] {
  return [...world.apps.values()]
    .filter(
      (app): app is App & { shown: NonNullable<App['shown']> } => app.shown !== null && !isPod(app.shown),
    )
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** `leader` is `host:port`. */
export function infoView(leader: string, release: string): object {
  const [hostname = '', port = ''] = leader.split(':');
  return {
    name: 'marathon',
    version: release,
    buildref: 'simulator',
    elected: true,
    leader,
    frameworkId: '5a1f0000-0000-4000-8000-000000000000-0000',
    marathon_config: {
      features: ['task_killing'],
      framework_name: 'marathon',
      ha: true,
      hostname,
      local_port_min: 10_000,
      local_port_max: 20_000,
      mesos_role: '*',
      task_lost_expunge_initial_delay: 300_000,
      task_lost_expunge_interval: 30_000,
    },
    zookeeper_config: {
      zk: 'zk://127.0.0.1:2181/marathon',
      zk_connection_timeout: 10_000,
      zk_max_versions: 50,
      zk_session_timeout: 10_000,
      zk_timeout: 10_000,
    },
    http_config: { http_port: Number(port), https_port: 8443 },
  };
}
