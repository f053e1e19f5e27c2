/** Reads the routes of a gateway of Vamp: a map, a list or one path, whose weights are a whole together. */
import { show } from '../show.ts';
import { isNothing, textIn, type VampFile } from './file.ts';
import type { Port } from './gateway-values.ts';
import type { GatewayRoute } from './gateway.ts';
import { readRoute, type WrittenRoute } from './route-parse.ts';
import { filledWeights } from './weights.ts';
import type { YamlMember, YamlNode } from './yaml-tree.ts';

interface Written {
  readonly route: WrittenRoute;
  readonly at: number;
}

/**
 * The routes in their order, each with its weight; none, and reported, when one of them is not good.
 * @param isGrouped whether a selector of the gateway's makes them
 */
export function routesIn(
  file: VampFile,
  node: YamlNode | undefined,
  at: number,
  port: Port | null,
  isGrouped: boolean,
): readonly GatewayRoute[] {
  const before = file.flaws.length;
  const members = isNothing(node) ? [] : membersOfRoutes(file, node);
  if (members.length === 0 && isGrouped) return [];
  if (members.length === 0 && file.flaws.length === before)
    file.say(
      'routes',
      node?.at ?? at,
      'The gateway has no routes.',
      'Write routes: a map by path, a list, or one path.',
    );
  const seen = new Set<string>();
  const written: Written[] = [];
  for (const member of members) {
    const key = member.key
      .split('/')
      .filter((part) => part !== '')
      .join('/');
    if (seen.has(key)) {
      file.say(
        'duplicate-key',
        member.at,
        `The route "${show(member.key)}" is written twice.`,
        'Leave one of them.',
      );
      continue;
    }
    seen.add(key);
    const route = readRoute(file, member, isGrouped);
    if (route === null) continue;
    written.push({ route, at: member.at });
    if (route.condition !== null && port?.mode === 'tcp')
      file.say(
        'condition',
        member.at,
        `HTTP conditions are not allowed for TCP port: '${port.port}' (route "${show(route.path)}").`,
        'Remove the condition, or write /http behind the port.',
      );
    if (route.rewrites.length > 0 && port?.mode === 'tcp')
      file.say(
        'rewrite',
        member.at,
        `Path rewrites are not allowed for TCP port: '${port.port}' (route "${show(route.path)}").`,
        'Remove the rewrites, or write /http behind the port.',
      );
  }
  // One that is not good would make the sum wrong, too.
  return file.flaws.length > before ? [] : weighed(file, written, node?.at ?? at);
}

function weighed(file: VampFile, written: readonly Written[], at: number): readonly GatewayRoute[] {
  const weights = filledWeights(written.map(({ route }) => route.weight));
  const sum = (weights ?? written.map(({ route }) => route.weight ?? 0)).reduce((a, b) => a + b, 0);
  if (weights === null || (sum !== 0 && sum !== 100)) {
    const place = written.findLast(({ route }) => route.weight !== null)?.at ?? at;
    file.say(
      'total-weight',
      place,
      `Total route weight must be either 0% or 100%, and is ${sum}%.`,
      'Correct the weights, or leave one out: it gets what the others leave.',
    );
    return [];
  }
  return written.map(({ route }, index) => ({ ...route, weight: weights[index] ?? 0 }));
}

/** A map by path, a list of paths and of maps, or one path. */
function membersOfRoutes(file: VampFile, node: YamlNode): readonly YamlMember[] {
  if (node.kind === 'map') return node.members;
  return (node.kind === 'list' ? node.items : [node]).flatMap((item) => {
    if (item.kind === 'map') return item.members;
    const key = textIn(file, item, 'routes', 'a route');
    const nothing: YamlNode = { kind: 'scalar', at: item.at, text: '', value: null, textAt: null };
    return key === null ? [] : [{ key, at: item.at, value: nothing }];
  });
}
