/** Reads the parts of a file of Vamp: collects what is wrong, by rule and place. */
import { nearest } from '../../model/nearest.ts';
import { keysIn } from '../labels.ts';
import type { LabelRow } from '../label-row.ts';
import { describe, show } from '../show.ts';
import type { ConditionOptions } from './condition-parse.ts';
import type { Flaw, YamlMap, YamlNode, YamlScalar, YamlSource } from './yaml-tree.ts';

/** One file while it is read. */
export interface VampFile {
  readonly flaws: Flaw[];
  /** What is as it should be, and yet not as the file says. */
  readonly notes: Flaw[];
  readonly options: ConditionOptions;
  say(rule: string, at: number, problem: string, remedy: string): void;
  note(rule: string, at: number, problem: string, remedy: string): void;
}

export function fileOf(source: YamlSource, options: ConditionOptions): VampFile {
  const flaws: Flaw[] = [...source.flaws];
  const notes: Flaw[] = [];
  return {
    flaws,
    notes,
    options,
    say: (rule, at, problem, remedy) => flaws.push({ ...source.placeAt(at), rule, problem, remedy }),
    note: (rule, at, problem, remedy) => notes.push({ ...source.placeAt(at), rule, problem, remedy }),
  };
}

/** `gateway.yaml:3:9: [total-weight] What is wrong. What would be right.` */
export function flawText(name: string, { line, column, rule, problem, remedy }: Flaw): string {
  return `${name}:${line}:${column}: [${rule}] ${problem} ${remedy}`;
}

/** The values of a map by key; a key that the table does not know is reported, with the one that is meant. */
export function membersOf(
  file: VampFile,
  map: YamlMap,
  table: readonly LabelRow[],
  path: string,
): ReadonlyMap<string, YamlNode> {
  const known = keysIn(table, path);
  const members = new Map<string, YamlNode>();
  for (const { key, at, value } of map.members) {
    if (known.includes(key)) {
      members.set(key, value);
      continue;
    }
    const near = nearest(key, known);
    const remedy = near === null ? `Write one of ${known.join(', ')}.` : `Did you mean ${near}?`;
    file.say('unknown-key', at, `Baton does not know the key ${describe(key)} here.`, remedy);
  }
  return members;
}

/** A text, or a number as it was written; null, and reported, when the node is neither. */
export function textIn(file: VampFile, node: YamlNode, rule: string, what: string): string | null {
  if (node.kind === 'scalar' && (typeof node.value === 'string' || typeof node.value === 'number'))
    return node.text;
  file.say(rule, node.at, `${what} is ${kindOf(node)}.`, `Write ${what} as a text.`);
  return null;
}

interface EmptyScalar extends YamlScalar {
  readonly value: null;
}

export function isNothing(node: YamlNode | undefined): node is undefined | EmptyScalar {
  return node === undefined || (node.kind === 'scalar' && node.value === null);
}

/** `a list`, `a map`, `"50"`. */
export function kindOf(node: YamlNode): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a map';
  return node.value === null ? 'empty' : `"${show(node.text, 60)}"`;
}
