/** From a blueprint to the gateways of its deployment, also when one that runs is joined by new services. */
import type { Blueprint, BlueprintCluster, BlueprintRoute, ClusterShares } from './blueprint.ts';
import { appIdOf } from './blueprint-apps.ts';
import type { Gateway, GatewayRoute } from './gateway.ts';
import { filledWeights } from './weights.ts';

/** What is said of new weights besides the weights. */
export type Pace = Pick<Gateway, 'ramp' | 'immediate'>;

export type BlueprintGateways =
  | { readonly ok: true; readonly gateways: readonly Gateway[] }
  | { readonly ok: false; readonly problem: string; readonly remedy: string };

/**
 * One gateway for each port of each cluster, which is reached by the first of the ports outside that lead there; and one
 * for each more of these. A service that joins others takes nothing until somebody gives it a weight, as in Vamp.
 * @param before the gateways that there are, by name
 */
export function gatewaysOf(
  blueprint: Blueprint,
  before: ReadonlyMap<string, Gateway>,
  pace: Pace,
): BlueprintGateways {
  const gateways: Gateway[] = [];
  for (const cluster of blueprint.clusters) {
    for (const port of portsOf(cluster)) {
      const name = gatewayName(blueprint.name, cluster.name, port);
      const outside = blueprint.gateways.filter(
        (each) => each.cluster === cluster.name && each.clusterPort === port,
      );
      const [first, ...more] = outside;
      const old = before.get(name);
      const shares = cluster.shares.find((each) => each.port === port || each.port === null);
      const routes = routesOf(blueprint.name, cluster, port, shares, old);
      const sum = routes.reduce((all, { weight }) => all + weight, 0);
      if (sum !== 0 && sum !== 100)
        return {
          ok: false,
          problem: `the weights of ${name} would come to ${sum} % with those that are in force (${sharesText(routes)})`,
          remedy: 'State the weights of all services of the cluster.',
        };
      const mode = cluster.services.flatMap(({ ports }) => ports).find((each) => each.name === port)?.mode;
      gateways.push({
        name,
        port: first?.port ?? old?.port ?? 0,
        mode: first?.mode ?? mode ?? 'http',
        sticky: first?.sticky ?? shares?.sticky ?? old?.sticky ?? null,
        virtualHosts: [...new Set([...(first?.virtualHosts ?? []), ...(shares?.virtualHosts ?? [])])],
        routes,
        ...pace,
      });
      for (const { port: other, mode, sticky, virtualHosts } of more) {
        const path = name;
        const route = { ...plainRoute, path, target: { kind: 'gateway', name }, weight: 100 } as const;
        const chained = { name: `${blueprint.name}/${other}`, port: other, mode, sticky, virtualHosts };
        gateways.push({ ...chained, routes: [route], ...pace });
      }
    }
  }
  return { ok: true, gateways };
}

/** As Vamp calls it. */
export function gatewayName(deployment: string, cluster: string, port: string): string {
  return `${deployment}/${cluster}/${port}`;
}

/** As Vamp writes the way to a service's port. */
export function routePath(deployment: string, cluster: string, service: string, port: string): string {
  return `${deployment}/${cluster}/${service}/${port}`;
}

const plainRoute = { condition: null, conditionStrength: 0, balance: null, rewrites: [] } as const;

function portsOf({ services }: BlueprintCluster): readonly string[] {
  return [...new Set(services.flatMap(({ ports }) => ports.map(({ name }) => name)))];
}

function routesOf(
  deployment: string,
  cluster: BlueprintCluster,
  port: string,
  shares: ClusterShares | undefined,
  old: Gateway | undefined,
): readonly GatewayRoute[] {
  const services = cluster.services.filter(({ ports }) => ports.some(({ name }) => name === port));
  const said = services.map(({ name }) => shares?.routes.find(({ path }) => path === name));
  const filled = filledWeights(said.map((route) => route?.weight ?? null)) ?? [];
  const routes = services.map(({ name, ports }, at): GatewayRoute => {
    const path = routePath(deployment, cluster.name, name, port);
    const known = old?.routes.find((each) => each.path === path);
    const index = ports.findIndex((each) => each.name === port);
    const target = { kind: 'app', app: appIdOf(deployment, cluster.name, name), port: index } as const;
    const byDefault = old === undefined ? (filled[at] ?? 0) : (known?.weight ?? 0);
    const weight = said[at]?.weight ?? byDefault;
    return { ...detailsOf(said[at] ?? known), path, target, weight };
  });
  const kept = old?.routes.filter(({ path }) => !routes.some((each) => each.path === path)) ?? [];
  return [...kept, ...routes];
}

function detailsOf(route: BlueprintRoute | GatewayRoute | undefined) {
  if (route === undefined) return plainRoute;
  const { condition, conditionStrength, balance, rewrites } = route;
  return { condition, conditionStrength, balance, rewrites };
}

function sharesText(routes: readonly GatewayRoute[]): string {
  return routes.map(({ path, weight }) => `${path} ${weight} %`).join(', ');
}
