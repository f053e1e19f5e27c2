/** Reads the parts of a blueprint, each with what is said when it is not right. */
import { nearest } from '../../model/nearest.ts';
import { describe } from '../show.ts';
import type { Front } from './blueprint.ts';
import { isNothing, kindOf, textIn, type VampFile } from './file.ts';
import { stickyIn, virtualHostsIn } from './gateway-parse.ts';
import type { Port } from './gateway-values.ts';
import type { YamlMap, YamlMember, YamlNode } from './yaml-tree.ts';

/** The map that should stand there; null, and reported, for anything else. */
export function mapIn(file: VampFile, node: YamlNode, what: string): YamlMap | null {
  if (node.kind === 'map') return node;
  file.say('map', node.at, `${what} should be a map, and is ${kindOf(node)}.`, 'Write keys and values.');
  return null;
}

/** The members by key, without those that are empty; a key that nobody knows is reported. */
export function fieldsIn(
  file: VampFile,
  map: YamlMap,
  known: readonly string[],
): ReadonlyMap<string, YamlMember> {
  const fields = new Map<string, YamlMember>();
  for (const member of map.members) {
    const { key, at, value } = member;
    if (known.includes(key)) {
      if (!isNothing(value)) fields.set(key, member);
      continue;
    }
    const near = nearest(key, known);
    const remedy = near === null ? `Write one of ${known.join(', ')}.` : `Did you mean ${near}?`;
    file.say('unknown-key', at, `Nobody knows the key ${describe(key)} here.`, remedy);
  }
  return fields;
}

/** Its items; of a map or text that stands there alone, that one. */
export function listIn(node: YamlNode | undefined): readonly YamlNode[] {
  if (node === undefined || isNothing(node)) return [];
  return node.kind === 'list' ? node.items : [node];
}

/** A number in bounds; null, and reported, for anything else. */
export function numberIn(
  file: VampFile,
  node: YamlNode,
  what: string,
  { least, most = Number.MAX_SAFE_INTEGER, whole }: { least: number; most?: number; whole: boolean },
): number | null {
  const text = node.kind === 'scalar' ? node.text.trim() : '';
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  const shape = `a ${whole ? 'whole ' : ''}number, ${least} or more`;
  file.say('number', node.at, `${what} is ${kindOf(node)}.`, `Write ${shape}.`);
  return null;
}

/** Seconds of `30`, `10s`, `5 minutes` or `500ms`; what is left of a second counts as one. */
export function secondsIn(file: VampFile, node: YamlNode, what: string): number | null {
  const text = textIn(file, node, 'duration', what);
  if (text === null) return null;
  const match = /^\s*(\d{1,7})\s*([a-z]*)\s*$/i.exec(text);
  const unit = seconds[match?.[2]?.toLowerCase() ?? '?'];
  if (match !== null && unit !== undefined) return Math.ceil(Number(match[1]) * unit);
  file.say('duration', node.at, `${what} is ${describe(text)}.`, 'Write a time such as 10s or 2m.');
  return null;
}

const units: readonly (readonly [readonly string[], number])[] = [
  [['ms', 'millis', 'milli', 'millisecond', 'milliseconds'], 0.001],
  [['', 's', 'sec', 'secs', 'second', 'seconds'], 1],
  [['m', 'min', 'mins', 'minute', 'minutes'], 60],
  [['h', 'hour', 'hours'], 3600],
];
const seconds: Readonly<Record<string, number>> = Object.fromEntries(
  units.flatMap(([names, value]) => names.map((name) => [name, value])),
);

/** What YAML says, as JSON would hold it. */
export function plainOf(node: YamlNode): unknown {
  if (node.kind === 'list') return node.items.map(plainOf);
  if (node.kind === 'scalar') return node.value ?? null;
  return Object.fromEntries(node.members.map(({ key, value }) => [key, plainOf(value)]));
}

/** How clients stay, and by which host names they come. */
export function frontIn(file: VampFile, members: ReadonlyMap<string, YamlNode>, port: Port | null): Front {
  return {
    sticky: stickyIn(file, members.get('sticky'), port),
    virtualHosts: virtualHostsIn(file, members.get('virtual_hosts'), port),
  };
}
