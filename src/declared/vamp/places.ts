/** Where a part of a gateway stands in its file, for what shows only when all gateways and apps are known. */
import { type Place, readYaml, type YamlNode } from './yaml-tree.ts';

/**
 * The place of a route; of the gateway's port or name when `route` is null.
 * @param gateway its name; null: the first of the file
 */
export function placeIn(
  text: string,
  gateway: string | null,
  route: string | null,
  key: 'port' | 'name' = 'name',
): Place {
  const source = readYaml(text);
  const nodes = source.documents.flatMap((document) =>
    document.kind === 'list' ? document.items : [document],
  );
  const node = nodes.find((each) => gateway === null || textOf(each, 'name') === gateway) ?? nodes[0];
  if (node === undefined) return { line: 1, column: 1 };
  const routes = route === null ? undefined : memberOf(node, 'routes')?.value;
  const at = route === null || routes === undefined ? undefined : keyAt(routes, route);
  return source.placeAt(at ?? memberOf(node, key)?.at ?? node.at);
}

function keyAt(node: YamlNode, path: string): number | undefined {
  if (node.kind === 'scalar') return node.at;
  if (node.kind === 'list')
    return node.items
      .map((item) => (textIs(item, path) ? item.at : keyAtIn(item, path)))
      .find((at) => at !== undefined);
  return keyAtIn(node, path);
}

function keyAtIn(node: YamlNode, path: string): number | undefined {
  return node.kind === 'map' ? node.members.find(({ key }) => key === path)?.at : undefined;
}

function textIs(node: YamlNode, text: string): boolean {
  return node.kind === 'scalar' && node.text === text;
}

function memberOf(node: YamlNode, key: string) {
  return node.kind === 'map' ? node.members.find((member) => member.key === key) : undefined;
}

function textOf(node: YamlNode, key: string): string | undefined {
  const value = memberOf(node, key)?.value;
  return value?.kind === 'scalar' ? value.text : undefined;
}
