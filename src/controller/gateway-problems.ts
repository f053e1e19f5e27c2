/** What stands against a change of gateways, once all gateways and all apps are known. */
import type { Gateway } from '../declared/vamp/gateway.ts';
import { type Resolve, resolver } from '../declared/vamp/resolve.ts';
import type { App } from '../model/app.ts';
import type { AppId } from '../model/ids.ts';
import type { GatewayChange } from './gateways.ts';

export interface GatewayProblem {
  /** Null: the change as a whole. */
  readonly gateway: string | null;
  /** As written; null: the gateway as a whole. */
  readonly route: string | null;
  /** Stable, kebab-case. */
  readonly rule: string;
  /** One sentence. */
  readonly problem: string;
  /** One sentence. */
  readonly remedy: string;
}

/** Each gateway is reached somewhere, as far as the question is where routes lead. */
const somewhere = () => ({ host: '127.0.0.1', port: 1 });

/** @param next all gateways as they would be, by name */
export function problemsOf(
  next: ReadonlyMap<string, Gateway>,
  { put, remove, awaited = new Set() }: Pick<GatewayChange, 'put' | 'remove' | 'awaited'>,
  apps: ReadonlyMap<AppId, App>,
): readonly GatewayProblem[] {
  const problems: GatewayProblem[] = [];
  const resolve = resolver(apps, [...next.values()], somewhere);
  for (const gateway of put) {
    const taken = portTaken(gateway, next);
    if (taken !== null) problems.push(taken);
    problems.push(...routeProblems(gateway, resolve, awaited));
  }
  for (const name of remove) {
    const user = [...next.values()].find(({ routes }) => routes.some((route) => leadsTo(route, name)));
    if (user !== undefined && !next.has(name))
      problems.push({
        gateway: name,
        route: null,
        rule: 'in-use',
        problem: `The gateway ${user.name} has a route to ${name}.`,
        remedy: `Delete ${user.name} first, or take that route out of it.`,
      });
  }
  return problems;
}

function routeProblems(
  gateway: Gateway,
  resolve: Resolve,
  awaited: ReadonlySet<AppId>,
): readonly GatewayProblem[] {
  return gateway.routes.flatMap((route): readonly GatewayProblem[] => {
    if (route.target.kind === 'app' && awaited.has(route.target.app)) return [];
    const resolved = resolve(gateway, route);
    const where = { gateway: gateway.name, route: route.path };
    switch (resolved.kind) {
      case 'found':
        return [];
      case 'loop': {
        const problem = `The route ${route.path} leads back to the gateway.`;
        return [{ ...where, rule: 'route-loop', problem, remedy: 'Let it lead to an app.' }];
      }
      case 'portless': {
        const problem = `The route ${route.path} names a port that ${resolved.app} does not have.`;
        return [{ ...where, rule: 'route-port', problem, remedy: 'Name one of its ports, or none.' }];
      }
      case 'unknown': {
        const problem = `The route ${route.path} leads nowhere${resolved.why.replace(/\?$/, '')}.`;
        return [
          { ...where, rule: 'route-unknown', problem, remedy: 'Correct it, or deploy what it names first.' },
        ];
      }
    }
  });
}

/** In Vamp's words. */
function portTaken(gateway: Gateway, next: ReadonlyMap<string, Gateway>): GatewayProblem | null {
  if (gateway.port === 0) return null;
  const other = [...next.values()].find(({ name, port }) => name !== gateway.name && port === gateway.port);
  if (other === undefined) return null;
  return {
    gateway: gateway.name,
    route: null,
    rule: 'port',
    problem: `Gateway port ${gateway.port} is in use by the gateway ${other.name}.`,
    remedy: `Choose another port, or delete ${other.name} first.`,
  };
}

function leadsTo({ path, target }: Gateway['routes'][number], name: string): boolean {
  if (target.kind === 'gateway') return target.name === name;
  return target.kind === 'path' && !path.startsWith('/') && target.segments.join('/') === name;
}
