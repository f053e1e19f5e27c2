/** What stands against a change of gateways, once all gateways and all apps are known. */
import type { Gateway } from '../declared/vamp/gateway.ts';
import type { AppId } from '../model/ids.ts';
import { nearest } from '../model/nearest.ts';
import type { GatewayChange } from './gateways.ts';

export interface GatewayProblem {
  /** Null: the change as a whole. */
  readonly gateway: string | null;
  /** As written; null: the gateway as a whole. */
  readonly route: string | null;
  readonly problem: string;
  readonly remedy: string;
}

/**
 * @param next all gateways as they would be, by name
 * @param isApp whether there is such an app, or will be soon
 */
export function problemsOf(
  next: ReadonlyMap<string, Gateway>,
  { put, remove }: Pick<GatewayChange, 'put' | 'remove'>,
  isApp: (app: AppId) => boolean,
): readonly GatewayProblem[] {
  const problems: GatewayProblem[] = [];
  const names = put.map(({ name }) => name);
  for (const name of names.filter((each, at) => names.indexOf(each) !== at))
    problems.push({
      gateway: name,
      route: null,
      problem: `the gateway ${name} is defined twice`,
      remedy: 'Leave one, or give the other another name.',
    });
  for (const gateway of put) {
    const taken = portTaken(gateway, next);
    if (taken !== null) problems.push(taken);
    for (const route of gateway.routes) {
      const { path, target } = route;
      if (target.kind === 'app' && !isApp(target.app))
        problems.push({
          gateway: gateway.name,
          route: path,
          problem: `the route ${path} leads to no app: Marathon has no ${target.app}`,
          remedy: 'Create the app first, or write [host:port] for an address.',
        });
      if (target.kind === 'gateway' && !next.has(target.name)) {
        const near = nearest(target.name, [...next.keys()]);
        problems.push({
          gateway: gateway.name,
          route: path,
          problem: `the route ${path} leads to no gateway: there is none with that name`,
          remedy: near === null ? 'Apply that gateway first.' : `Did you mean ${near}?`,
        });
      }
      if (target.kind === 'gateway' && leadsTo(target.name, gateway.name, next))
        problems.push({
          gateway: gateway.name,
          route: path,
          problem: `the route ${path} leads back to the gateway itself`,
          remedy: 'Let it lead elsewhere.',
        });
    }
  }
  for (const name of remove) {
    const user = [...next.values()].find(({ routes }) =>
      routes.some(({ target }) => target.kind === 'gateway' && target.name === name && !next.has(name)),
    );
    if (user !== undefined)
      problems.push({
        gateway: name,
        route: null,
        problem: `the gateway ${user.name} has a route to ${name}`,
        remedy: `Delete ${user.name} first, or take that route out of it.`,
      });
  }
  return problems;
}

/** In Vamp's words. */
function portTaken(gateway: Gateway, next: ReadonlyMap<string, Gateway>): GatewayProblem | null {
  if (gateway.port === 0) return null;
  const other = [...next.values()].find(({ name, port }) => name !== gateway.name && port === gateway.port);
  if (other === undefined) return null;
  return {
    gateway: gateway.name,
    route: null,
    problem: `gateway port ${gateway.port} is in use by the gateway ${other.name}`,
    remedy: `Choose another port, or delete ${other.name} first.`,
  };
}

function leadsTo(
  from: string,
  to: string,
  gateways: ReadonlyMap<string, Gateway>,
  seen: ReadonlySet<string> = new Set(),
): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  return (gateways.get(from)?.routes ?? []).some(
    ({ target }) => target.kind === 'gateway' && leadsTo(target.name, to, gateways, new Set([...seen, from])),
  );
}
