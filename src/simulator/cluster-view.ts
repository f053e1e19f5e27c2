/** Deployments, groups and the server's own description, as the API writes them. */
import { appView, embedOf } from './app-view.ts';
import { notFound } from './api-error.ts';
import { type App, type Deployment, iso, type World } from './world.ts';

/** `currentStep` counts from 1. */
export function deploymentView(deployment: Deployment): object {
  const current = deployment.plan.steps[deployment.step];
  return {
    id: deployment.plan.id,
    version: deployment.plan.version,
    affectedApps: deployment.affected,
    affectedPods: [],
    steps: deployment.plan.steps,
    currentActions: (current?.actions ?? []).map((action) => ({ ...action, readinessCheckResults: [] })),
    currentStep: deployment.step + 1,
    totalSteps: deployment.plan.steps.length,
  };
}

interface Group {
  readonly id: string;
  readonly apps: object[];
  readonly groups: Group[];
  readonly pods: readonly never[];
  readonly dependencies: readonly never[];
  readonly version: string;
}

/** A group with all that is below it. @throws ApiError 404 */
export function groupView(world: World, id: string, embed: readonly string[]): object {
  const version = iso(world.lastVersion);
  const groups = new Map<string, Group>();
  const groupAt = (path: string): Group => {
    const known = groups.get(path);
    if (known !== undefined) return known;
    const group: Group = { id: path, apps: [], groups: [], pods: [], dependencies: [], version };
    groups.set(path, group);
    if (path !== '/') groupAt(parentOf(path)).groups.push(group);
    return group;
  };
  groupAt('/');
  const asked = embedOf(embed);
  for (const app of shownApps(world))
    groupAt(parentOf(app.id)).apps.push(appView(world, app, app.shown, asked));
  const group = groups.get(id);
  if (group === undefined) throw notFound(`Group '${id}' does not exist`);
  return group;
}

/** All apps that can be read, by id. */
export function shownApps(world: World): readonly (App & { readonly shown: NonNullable<App['shown']> })[] {
  return [...world.apps.values()]
    .filter((app): app is App & { shown: NonNullable<App['shown']> } => app.shown !== null)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function parentOf(id: string): string {
  return id.slice(0, id.lastIndexOf('/')) || '/';
}

/** `leader` is `host:port`. */
export function infoView(leader: string): object {
  const [hostname = '', port = ''] = leader.split(':');
  return {
    name: 'marathon',
    version: '1.10.26',
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
    },
    zookeeper_config: { zk_max_versions: 50 },
    http_config: { http_port: Number(port), https_port: 8443 },
  };
}
