/** Finds the app definitions in a file: one app, a list, a group with groups in it, or what Marathon itself answers. */
import { appId } from '../../model/ids.ts';
import { type Finding, finding } from './findings.ts';
import { itemsOf, type JsonNode, type JsonSource, memberOf } from './json-source.ts';

export interface FoundApp {
  readonly file: string;
  readonly source: JsonSource;
  readonly node: JsonNode;
  /** The id with that of its groups; null when none is written. */
  readonly id: string | null;
}

/** What an object has that is an app definition, or a part of one. */
const appKeys = [
  'id',
  'cmd',
  'args',
  'container',
  'labels',
  'instances',
  'portDefinitions',
  'ports',
  'healthChecks',
  'networks',
];

/** All apps of a file, in its order, with what is no app. */
export function findApps(
  file: string,
  source: JsonSource,
): { readonly apps: readonly FoundApp[]; readonly findings: readonly Finding[] } {
  const apps: FoundApp[] = [];
  const findings: Finding[] = [];
  if (source.root !== null) walk(source.root, '/');
  else if (source.flaws.length === 0) sayNoApp(0, 'There is nothing in the file.');
  return { apps, findings };

  function walk(node: JsonNode, group: string): void {
    if (node.type === 'array') {
      for (const item of itemsOf(node)) walk(item, group);
      if (itemsOf(node).length === 0) sayNoApp(node.offset, 'The list is empty.');
      return;
    }
    const inner = memberOf(node, 'app');
    if (inner?.type === 'object') walk(inner, group);
    else if (memberOf(node, 'apps') !== undefined || memberOf(node, 'groups') !== undefined)
      walkGroup(node, group);
    else if (memberOf(node, 'containers') !== undefined) sayPod(node);
    else if (appKeys.some((key) => memberOf(node, key) !== undefined))
      apps.push({ file, source, node, id: idOf(node, group) });
    else sayNoApp(node.offset, 'This is no app definition, and no list or group of them.');
  }

  function walkGroup(node: JsonNode, parent: string): void {
    const id = idOf(node, parent) ?? parent;
    for (const app of itemsOf(memberOf(node, 'apps'))) walk(app, id);
    for (const group of itemsOf(memberOf(node, 'groups'))) walkGroup(group, id);
    for (const pod of itemsOf(memberOf(node, 'pods'))) sayPod(pod);
  }

  function sayPod(node: JsonNode): void {
    const where = { file, ...source.placeAt(node.offset) };
    findings.push(finding('pod-ignored', where, 'This is a pod; Baton serves apps.', 'Nothing is wrong.'));
  }

  function sayNoApp(offset: number, problem: string): void {
    const remedy = 'Give what is sent to Marathon: an app, a list of apps, or a group.';
    findings.push(finding('no-app', { file, ...source.placeAt(offset) }, problem, remedy));
  }
}

/** A relative id is relative to the group that it stands in, and may leave it by `..`. */
function idOf(node: JsonNode, group: string): string | null {
  const id: unknown = memberOf(node, 'id')?.value;
  if (typeof id !== 'string' || id === '') return null;
  const parts: string[] = [];
  for (const part of (id.startsWith('/') ? id : `${group}/${id}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return appId(parts.join('/'));
}
