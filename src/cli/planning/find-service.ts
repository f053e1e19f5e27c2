/** The services that somebody means: by their own id, or by that of an app that is a pool of them. */
import { appId } from '../../model/ids.ts';
import { nearest } from '../../model/nearest.ts';
import { nameOf } from '../../plan/reasons.ts';
import type { ShownService } from './shown.ts';

/** The one of this id, else all that have such a pool. */
export function servicesNamed(services: readonly ShownService[], name: string): readonly ShownService[] {
  const id = appId(name);
  const exact = services.find(({ service }) => service === id);
  return exact === undefined ? services.filter(({ pools }) => pools.some(({ app }) => app === id)) : [exact];
}

/**
 * The same, where there must be one.
 * @param source who told of the services
 * @throws Error with what was most likely meant when there is none
 */
export function findServices(
  source: string,
  services: readonly ShownService[],
  name: string,
): readonly [ShownService, ...ShownService[]] {
  const id = appId(name);
  const [first, ...more] = servicesNamed(services, name);
  if (first !== undefined) return [first, ...more];
  const known = services.flatMap(({ service, pools }) => [service, ...pools.map(({ app }) => app)]);
  const meant = nearest(id, known);
  const hint =
    services.length === 0
      ? 'there is none at all; "baton status" tells why'
      : meant === null
        ? `there are ${services.length}, such as ${services
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
