/** The services that somebody means: by their own id, by that of an app that is a pool of them, or by a host name. */
import { appId } from '../../model/ids.ts';
import { nearest } from '../../model/nearest.ts';
import { nameOf } from '../../plan/reasons.ts';
import type { ShownDiagnostic, ShownService } from './shown.ts';

/** The one of this id, else all that have such a pool, else all that are reached by such a host name. */
export function servicesNamed(services: readonly ShownService[], name: string): readonly ShownService[] {
  const id = appId(name);
  const exact = services.find(({ service }) => service === id);
  if (exact !== undefined) return [exact];
  const behind = services.filter(({ pools }) => pools.some(({ app }) => app === id));
  if (behind.length > 0) return behind;
  const host = name.toLowerCase();
  return services.filter(({ listener }) => listener.binds.some(({ hosts }) => hosts.includes(host)));
}

/**
 * The same, where there must be one.
 * @param source who told of the services
 * @param diagnostics what may tell why an app is in none
 * @throws Error with what was most likely meant when there is none
 */
export function findServices(
  source: string,
  services: readonly ShownService[],
  name: string,
  diagnostics: readonly ShownDiagnostic[] = [],
): readonly [ShownService, ...ShownService[]] {
  const id = appId(name);
  const [first, ...more] = servicesNamed(services, name);
  if (first !== undefined) return [first, ...more];
  const about = diagnostics.filter(({ app }) => app === id);
  const [worst] = [...about.filter(({ severity }) => severity === 'error'), ...about];
  if (worst !== undefined) {
    throw new Error(`${nameOf(id)} is in no service at ${source}: ${worst.problem} ${worst.remedy}`);
  }
  const known = services.flatMap(({ service, pools }) => [service, ...pools.map(({ app }) => app)]);
  const meant = nearest(id, known);
  const hint =
    services.length === 0
      ? 'there is none at all; "baton status" tells why'
      : meant === null
        ? `there ${services.length === 1 ? 'is only' : `are ${services.length}, such as`} ${services
            .slice(0, 3)
            .map(({ service }) => nameOf(service))
            .join(', ')}`
        : `did you mean ${nameOf(meant)}?`;
  throw new Error(`no such service at ${source}: ${nameOf(id)}; ${hint}`);
}

/** @throws Error when there are several, of which nobody can say which is meant */
export function onlyOne(services: readonly ShownService[], name: string): void {
  if (services.length < 2) return;
  const all = services.map(({ service }) => nameOf(service)).join(', ');
  throw new Error(`${nameOf(appId(name))} is a pool of several services: ${all}; name one of them`);
}
