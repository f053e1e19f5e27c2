/** Reads how the services of a blueprint's cluster share what comes to it. */
import { describe } from '../show.ts';
import { nearest } from '../../model/nearest.ts';
import type { BlueprintRoute, BlueprintService, ClusterShares } from './blueprint.ts';
import { mapIn } from './blueprint-fields.ts';
import type { VampFile } from './file.ts';
import { frontIn } from './blueprint-fields.ts';
import { readRoute } from './route-parse.ts';
import { filledWeights } from './weights.ts';
import type { YamlMap, YamlMember, YamlNode } from './yaml-tree.ts';

const ownKeys: ReadonlySet<string> = new Set(['routes', 'sticky', 'virtual_hosts']);

/** For all ports, or by the name of a port. */
export function sharesIn(
  file: VampFile,
  member: YamlMember | undefined,
  cluster: string,
  services: readonly BlueprintService[],
): readonly ClusterShares[] {
  const map = member === undefined ? null : mapIn(file, member.value, 'gateways');
  if (map === null) return [];
  if (map.members.some(({ key }) => ownKeys.has(key))) return [sharesOf(file, null, map, cluster, services)];
  const ports = services.flatMap((service) => service.ports.map(({ name }) => name));
  return map.members.flatMap(({ key, at, value }) => {
    if (!ports.includes(key)) {
      const problem = `No service of ${cluster} has the port ${describe(key)}.`;
      file.say('port', at, problem, ports.length === 0 ? 'Write its ports.' : `Write ${ports[0]}.`);
      return [];
    }
    const each = mapIn(file, value, `gateway ${key}`);
    return each === null ? [] : [sharesOf(file, key, each, cluster, services)];
  });
}

function sharesOf(
  file: VampFile,
  port: string | null,
  map: YamlMap,
  cluster: string,
  services: readonly BlueprintService[],
): ClusterShares {
  for (const { key, at } of map.members)
    if (!ownKeys.has(key))
      file.say('unknown-key', at, `Nobody knows the key ${describe(key)} here.`, 'Write routes.');
  const members = new Map<string, YamlNode>(map.members.map(({ key, value }) => [key, value]));
  const mode = services
    .flatMap(({ ports }) => ports)
    .find(({ name }) => port === null || name === port)?.mode;
  const front = frontIn(file, members, { port: 0, mode: mode ?? 'http' });
  const routes = members.get('routes');
  const written = routes === undefined ? null : mapIn(file, routes, 'routes');
  return { port, ...front, routes: routesOf(file, written?.members ?? [], cluster, services) };
}

function routesOf(
  file: VampFile,
  members: readonly YamlMember[],
  cluster: string,
  services: readonly BlueprintService[],
): readonly BlueprintRoute[] {
  const names = services.map(({ name }) => name);
  const before = file.flaws.length;
  const routes = members.flatMap((member): BlueprintRoute[] => {
    if (!names.includes(member.key)) {
      const near = nearest(member.key, names);
      const problem = `No service of ${cluster} has the breed ${describe(member.key)}.`;
      file.say(
        'route',
        member.at,
        problem,
        near === null ? `Write one of ${names.join(', ')}.` : `Did you mean ${near}?`,
      );
      return [];
    }
    const route = readRoute(file, member, false);
    if (route === null) return [];
    const { target: _, ...rest } = route;
    return [rest];
  });
  if (file.flaws.length > before) return [];
  const weights = filledWeights(
    names.map((name) => routes.find(({ path }) => path === name)?.weight ?? null),
  );
  const sum = weights?.reduce((a, b) => a + b, 0);
  const last = members.at(-1);
  if (last !== undefined && sum !== 0 && sum !== 100) {
    const total = routes.reduce((all, { weight }) => all + (weight ?? 0), 0);
    const problem = `Total route weight must be either 0% or 100%, and is ${total}%.`;
    file.say(
      'total-weight',
      last.at,
      problem,
      'Correct the weights, or leave one out: it gets what the others leave.',
    );
  }
  return routes;
}
