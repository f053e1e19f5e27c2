/** Takes deployments of blueprints away: first their gateways, and what no traffic goes to then. */
import { gatewayId } from '../declared/vamp/gateway-listeners.ts';
import type { Blueprint } from '../declared/vamp/blueprint.ts';
import { stamps } from '../declared/vamp/blueprint-apps.ts';
import type { Gateway } from '../declared/vamp/gateway.ts';
import type { App } from '../model/app.ts';
import type { AppId } from '../model/ids.ts';
import type { DeploymentAnswer, DeploymentsDependencies, How } from './deployments.ts';
import type { GatewayProblem } from './gateway-problems.ts';

export interface Removal {
  remove(name: string, part: Blueprint | null, how: How): Promise<DeploymentAnswer>;
  removing(): ReadonlySet<AppId>;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

/** How long an app may take to go, ms: requests under way are waited for, and tasks have their grace. */
const goneMs = 600_000;
const lookMs = 100;

export function createRemoval(
  { writer, cluster, controller, publish }: DeploymentsDependencies,
  closing: AbortSignal,
): Removal {
  const removing = new Map<AppId, Promise<void>>();

  async function remove(
    name: string,
    part: Blueprint | null,
    { by, validateOnly }: How,
  ): Promise<DeploymentAnswer> {
    const apps = appsOfDeployment(cluster().apps, name, part).filter(({ id }) => !removing.has(id));
    const own = controller.gateways().filter((gateway) => gateway.name.startsWith(`${name}/`));
    const left = part === null ? [] : own.map((gateway) => without(gateway, name, apps));
    const problems = left.flatMap((gateway) => weightProblem(gateway, own) ?? []);
    const kept = left.filter(({ routes }) => routes.length > 0);
    const gone = own
      .map((each) => each.name)
      .filter((each) => !kept.some((gateway) => gateway.name === each));
    const others = controller
      .state()
      .services.filter(({ service }) => !own.some((each) => service === serviceOf(each)));
    for (const { service, pools } of others)
      for (const { app } of pools.filter(
        ({ app, weight }) => weight > 0 && apps.some(({ id }) => id === app),
      ))
        problems.push(
          problem(
            'in-use',
            `${app} carries traffic of the service ${service}.`,
            'Send that elsewhere first.',
          ),
        );
    if (problems.length > 0) return { outcome: 'refused', problems };
    const changed = kept.filter((gateway) => !own.includes(gateway));
    const answer = await controller.changeGateways({ put: changed, remove: gone, by, validateOnly });
    if (answer.outcome === 'refused') return answer;
    const ids = apps.map(({ id }) => id);
    if (!validateOnly) for (const id of ids) begin(id);
    return { outcome: 'done', apps: ids, scaled: [], gateways: answer.removed };
  }

  function begin(app: AppId): void {
    const job = take(app)
      .catch((error: unknown) => {
        if (closing.aborted) return;
        const problem = error instanceof Error ? error.message : String(error);
        publish({ kind: 'app-not-removed', app, problem });
      })
      .finally(() => removing.delete(app));
    removing.set(app, job);
  }

  async function take(app: AppId): Promise<void> {
    const signal = AbortSignal.any([closing, AbortSignal.timeout(goneMs)]);
    while (isServed(app)) {
      if (signal.aborted) throw new Error('it still carries traffic; delete the deployment again');
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
    await writer.ended(await writer.scale(app, 0, signal), signal);
    await writer.ended(await writer.delete(app, signal), signal);
  }

  /** Whether a service has it as a pool still, or its last requests are under way. */
  function isServed(app: AppId): boolean {
    return controller.state().services.some(({ pools }) => pools.some((pool) => pool.app === app));
  }

  return {
    remove,
    removing: () => new Set(removing.keys()),
    settled: async () => void (await Promise.all(removing.values())),
  };
}

/** Sorted by id. @param part only the services that it names */
export function appsOfDeployment(
  apps: ReadonlyMap<AppId, App>,
  deployment: string,
  part: Blueprint | null,
): readonly App[] {
  return [...apps.values()]
    .filter(({ labels }) => {
      if (labels[stamps.deployment] !== deployment) return false;
      const cluster = part?.clusters.find(({ name }) => name === labels[stamps.cluster]);
      return part === null || cluster?.services.some(({ name }) => name === labels[stamps.service]) === true;
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The same object where no route leads to these apps. */
function without(gateway: Gateway, deployment: string, apps: readonly App[]): Gateway {
  const ways = apps.map(({ labels }) => `${deployment}/${labels[stamps.cluster]}/${labels[stamps.service]}/`);
  const isOther = ({ path, target }: Gateway['routes'][number]): boolean =>
    !ways.some((way) => path.startsWith(way)) &&
    !(target.kind === 'app' && apps.some(({ id }) => id === target.app));
  return gateway.routes.every(isOther) ? gateway : { ...gateway, routes: gateway.routes.filter(isOther) };
}

/** In Vamp's words: a service may go when its weight is 0, or when nothing is left. */
function weightProblem(left: Gateway, before: readonly Gateway[]): GatewayProblem | null {
  const sum = left.routes.reduce((all, { weight }) => all + weight, 0);
  if (left.routes.length === 0 || sum === 100) return null;
  const whole = before.find(({ name }) => name === left.name);
  if (whole === undefined || whole.routes.length === left.routes.length) return null;
  return problem(
    'weight',
    `The services that are to go have ${100 - sum} % of ${left.name}.`,
    `Give that to the others first: baton update-gateway ${left.name} -w ...`,
  );
}

function serviceOf({ name }: Gateway): string {
  return gatewayId(name);
}

function problem(rule: string, text: string, remedy: string): GatewayProblem {
  return { gateway: null, route: null, rule, problem: text, remedy };
}
