/** Where in its file a label of an app stands. */
import { show } from '../../declared/show.ts';
import { type FoundApp } from '../definitions/find-apps.ts';
import { itemsOf, type JsonNode, memberOf, membersOf, type Place } from '../definitions/json-source.ts';

export interface WrittenLabel extends Place {
  readonly name: string;
  readonly value: string;
  /** Whether it is a label of the app; else it is one of a port. */
  readonly ofApp: boolean;
}

/** The labels of the app and of its ports, in the order of the file; of one that is written twice, the last. */
export function writtenLabels({ node, source }: FoundApp): readonly WrittenLabel[] {
  const container = memberOf(node, 'container');
  const docker = container === undefined ? undefined : memberOf(container, 'docker');
  const lists = [
    memberOf(node, 'portDefinitions'),
    container === undefined ? undefined : memberOf(container, 'portMappings'),
    docker === undefined ? undefined : memberOf(docker, 'portMappings'),
  ];
  const ofPorts = lists.flatMap((list) => itemsOf(list).flatMap((port) => labelsIn(port, false)));
  return [...labelsIn(node, true), ...ofPorts].sort((a, b) => a.line - b.line || a.column - b.column);

  function labelsIn(holder: JsonNode, ofApp: boolean): readonly WrittenLabel[] {
    const labels = memberOf(holder, 'labels');
    const byName = new Map<string, WrittenLabel>();
    for (const [name, value, at] of labels === undefined ? [] : membersOf(labels)) {
      byName.set(name, { name, value: String(value.value), ofApp, ...source.placeAt(at) });
    }
    return [...byName.values()];
  }
}

/** The label that a diagnostic names; null when it is about the app as a whole. */
export function labelOf(
  labels: readonly WrittenLabel[],
  about: { readonly label: string | null; readonly value: string | null },
): WrittenLabel | null {
  const named = labels.filter(({ name }) => name === about.label || show(name) === about.label);
  return named.find(({ value }) => show(value) === about.value) ?? named[0] ?? null;
}
