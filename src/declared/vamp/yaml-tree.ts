/** YAML (and JSON, which is YAML) as a tree of which every part knows its place, with all that is wrong with the text. */
import { type Document, isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import { show } from '../show.ts';

/** Both from 1; columns count UTF-16 code units, as editors do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a file, and where. */
export interface Flaw extends Place {
  /** Stable, kebab-case. */
  readonly rule: string;
  /** What is wrong, one sentence. */
  readonly problem: string;
  /** What would be right, one sentence. */
  readonly remedy: string;
}

export interface YamlMap {
  readonly kind: 'map';
  readonly at: number;
  readonly members: readonly YamlMember[];
}

export interface YamlMember {
  readonly key: string;
  /** Where the key stands. */
  readonly at: number;
  readonly value: YamlNode;
}

export interface YamlList {
  readonly kind: 'list';
  readonly at: number;
  readonly items: readonly YamlNode[];
}

export interface YamlScalar {
  readonly kind: 'scalar';
  readonly at: number;
  /** The text, without quotes; empty where nothing stands. */
  readonly text: string;
  /** What YAML takes the text for: a text, a number, a boolean or null. */
  readonly value: unknown;
  /** Where the first character of the text stands, if the text stands there as it is. */
  readonly textAt: number | null;
}

export type YamlNode = YamlMap | YamlList | YamlScalar;

export interface YamlSource {
  /** Without those that hold nothing. */
  readonly documents: readonly YamlNode[];
  readonly flaws: readonly Flaw[];
  placeAt(offset: number): Place;
}

const longest = 1_048_576;
/** Counted with what aliases repeat, so that a few lines cannot become millions. */
const mostNodes = 20_000;
const deepest = 60;
const mostFlaws = 10;

/** Reads all documents of a text. Never throws; a text with a flaw has no documents. */
export function readYaml(text: string): YamlSource {
  const counter = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  if (text.length > longest) {
    const problem = `The file has ${text.length} characters; Baton reads up to ${longest}.`;
    const flaw = { line: 1, column: 1, rule: 'yaml-size', problem, remedy: 'Split it.' };
    return { documents: [], flaws: [flaw], placeAt };
  }
  const options = { lineCounter: counter, prettyErrors: false, logLevel: 'silent' } as const;
  const parsed = parseAllDocuments(text.replace(bareAddress, `$1${opening}$2${closing}`), options);
  const all: readonly Document.Parsed[] = 'empty' in parsed ? [] : parsed;
  const flaws = all.flatMap(({ errors, warnings }) =>
    [...errors, ...warnings].map(({ code, message, pos }): Flaw => {
      const isTwice = code === 'DUPLICATE_KEY';
      return {
        ...placeAt(pos[0]),
        rule: isTwice ? 'duplicate-key' : 'yaml-syntax',
        problem: isTwice
          ? `The key ${keyAt(text, pos[0])} is written twice; Vamp took the last one and said nothing.`
          : `This is not YAML: ${show(message, 200)}.`,
        remedy: isTwice ? 'Leave one of them.' : 'Correct it there, or just before.',
      };
    }),
  );
  if (flaws.length > 0) return { documents: [], flaws: flaws.slice(0, mostFlaws), placeAt };
  const reader = createReader(text);
  try {
    const documents = all.flatMap((document) => {
      const node = reader.read(document.contents, new Map(), 0);
      return node.kind === 'scalar' && node.value === null ? [] : [node];
    });
    return { documents, flaws: [], placeAt };
  } catch (error) {
    if (!(error instanceof TreeError)) throw error;
    return { documents: [], flaws: [{ ...placeAt(error.at), ...error.flaw }], placeAt };
  }
}

/**
 * `[10.0.0.1:80]:` without quotes, which people wrote and Vamp took for the text that it looks like. YAML takes it for a
 * list, and `yaml` stumbles over a second one (its issue 646); characters that nobody writes keep all offsets.
 */
const bareAddress = /^([ \t]*(?:- +)?)\[([^\s[\]{},"'#&*!|>%@\x60]+)\](?=[ \t]*:(?:\s|$))/gm;
const opening = '\ue000';
const closing = '\ue001';

function withBrackets(text: string): string {
  return text.replaceAll(opening, '[').replaceAll(closing, ']');
}

class TreeError extends Error {
  readonly at: number;
  readonly flaw: Omit<Flaw, keyof Place>;

  constructor(at: number, flaw: Omit<Flaw, keyof Place>) {
    super(flaw.problem);
    this.at = at;
    this.flaw = flaw;
  }
}

function createReader(text: string) {
  let count = 0;

  function read(node: unknown, anchors: Map<string, unknown>, depth: number, near = 0): YamlNode {
    const at = startOf(node) ?? near;
    count += 1;
    if (count > mostNodes || depth > deepest) {
      const problem = count > mostNodes ? 'The file holds too much.' : 'The file is nested too deep.';
      throw new TreeError(at, { rule: 'yaml-size', problem, remedy: 'Give the gateways alone.' });
    }
    if (isAlias(node)) {
      const meant = anchors.get(node.source);
      if (meant !== undefined) return read(meant, anchors, depth + 1, at);
      const problem = `There is no anchor &${show(node.source)} before.`;
      throw new TreeError(at, { rule: 'yaml-syntax', problem, remedy: 'Correct the name behind *.' });
    }
    if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined)
      anchors.set(node.anchor, node);
    if (isMap(node)) {
      const members = node.items.map((pair): YamlMember => {
        const key = isScalar(pair.key) ? textOf(pair.key) : null;
        const keyAt = startOf(pair.key) ?? at;
        if (key === null || !isPair(pair)) {
          const problem = 'A key is not a plain text.';
          throw new TreeError(keyAt, {
            rule: 'yaml-key',
            problem,
            remedy: 'Write keys as texts, in quotes if need be.',
          });
        }
        return { key, at: keyAt, value: read(pair.value, anchors, depth + 1, keyAt) };
      });
      return { kind: 'map', at, members };
    }
    if (isSeq(node))
      return { kind: 'list', at, items: node.items.map((item) => read(item, anchors, depth + 1, at)) };
    if (!isScalar(node)) return { kind: 'scalar', at, text: '', value: null, textAt: null };
    const own = textOf(node);
    const textAt = [at, at + 1].find((start) => own !== '' && text.startsWith(own, start)) ?? null;
    return { kind: 'scalar', at, text: own, value: node.value ?? null, textAt };
  }

  return { read };
}

/** As it was written: `1.0` stays so, and is not the number 1. */
function textOf({ value, source }: { readonly value: unknown; readonly source?: string }): string {
  return withBrackets(typeof value === 'string' ? value : (source ?? ''));
}

function startOf(node: unknown): number | null {
  if (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) return node.range?.[0] ?? null;
  return null;
}

function keyAt(text: string, offset: number): string {
  const key = /^"[^"\n]*"|^'[^'\n]*'|^[^\n]*?(?=:(?:\s|$))/.exec(text.slice(offset, offset + 300))?.[0] ?? '';
  return show(key);
}
