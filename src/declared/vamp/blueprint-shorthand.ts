/** The short forms of blueprints: a cluster that is its services, or its only one, and a service that is its breed. */
import type { YamlMap, YamlMember, YamlNode } from './yaml-tree.ts';

/** What a cluster says itself when the rest of it is a service. */
const ofCluster: ReadonlySet<string> = new Set(['sla', 'gateways']);
/** What a service says itself when the rest of it is a breed. */
const ofService: ReadonlySet<string> = new Set(['scale', 'dialects', 'network']);

/** A cluster with its services in `services`. */
export function longCluster(node: YamlNode): YamlNode {
  if (node.kind === 'list') return mapOf(node.at, [memberOf('services', node)]);
  if (node.kind !== 'map' || has(node, 'services') || !(has(node, 'breed') || has(node, 'deployable')))
    return node;
  const own = node.members.filter(({ key }) => ofCluster.has(key));
  const service = mapOf(
    node.at,
    node.members.filter(({ key }) => !ofCluster.has(key)),
  );
  return mapOf(node.at, [...own, memberOf('services', service)]);
}

/** A service with its breed in `breed`. */
export function longService(node: YamlNode): YamlNode {
  if (node.kind !== 'map' || has(node, 'breed') || !has(node, 'name')) return node;
  const own = node.members.filter(({ key }) => ofService.has(key));
  const breed = mapOf(
    node.at,
    node.members.filter(({ key }) => !ofService.has(key)),
  );
  return mapOf(node.at, [...own, memberOf('breed', breed)]);
}

function has(map: YamlMap, name: string): boolean {
  return map.members.some(({ key }) => key === name);
}

function memberOf(key: string, value: YamlNode): YamlMember {
  return { key, at: value.at, value };
}

function mapOf(at: number, members: readonly YamlMember[]): YamlMap {
  return { kind: 'map', at, members };
}
