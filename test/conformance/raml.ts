/** RAML 1.0 data types (libraries with `uses`) as JSON Schemas, as far as Marathon's own description of its API goes. */
import { dirname, join, normalize } from 'node:path';
import { parse } from 'yaml';

type Schema = Readonly<Record<string, unknown>>;
type Node = Readonly<Record<string, unknown>>;

interface Library {
  readonly path: string;
  readonly uses: Readonly<Record<string, string>>;
  readonly types: Readonly<Record<string, unknown>>;
}

const builtIn: Readonly<Record<string, Schema>> = {
  any: {},
  object: { type: 'object' },
  array: { type: 'array' },
  string: { type: 'string' },
  number: { type: 'number' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  nil: { type: 'null' },
  // Marathon writes an instant where RAML says datetime.
  datetime: { type: 'string', format: 'date-time' },
};

/** Facets that both languages have, under the same name and with the same meaning. */
const facets = [
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'uniqueItems',
] as const;

/**
 * The schema of one type. Objects are closed (an undescribed key is an error) unless they describe patterns of keys.
 * @param read gives the text of a library by its path
 * @param name a type's name in the library at `path`
 * @throws Error when something is named that is not there
 */
export function schemaOf(read: (path: string) => string, path: string, name: string): Schema {
  const libraries = new Map<string, Library>();
  const definitions: Record<string, Schema> = {};

  function library(at: string): Library {
    const known = libraries.get(at);
    if (known !== undefined) return known;
    const parsed = parse(read(at)) as Partial<Library>;
    const loaded = { path: at, uses: parsed.uses ?? {}, types: parsed.types ?? {} };
    libraries.set(at, loaded);
    return loaded;
  }

  /** A type expression: `A`, `lib.A`, `A[]`, `(A | B)`, `string?`. */
  function expression(text: string, from: Library): Schema {
    const trimmed = text.trim();
    if (trimmed.startsWith('(') && trimmed.endsWith(')')) return expression(trimmed.slice(1, -1), from);
    if (trimmed.endsWith('[]')) return { type: 'array', items: expression(trimmed.slice(0, -2), from) };
    if (trimmed.includes('|')) return { anyOf: trimmed.split('|').map((part) => expression(part, from)) };
    if (trimmed.endsWith('?')) return { anyOf: [expression(trimmed.slice(0, -1), from), { type: 'null' }] };
    return builtIn[trimmed] ?? reference(trimmed, from);
  }

  function reference(text: string, from: Library): Schema {
    const { key } = locate(text, from);
    return { $ref: `#/definitions/${key}` };
  }

  /** Finds a named type, and defines it when it is met for the first time. */
  function locate(text: string, from: Library): { readonly key: string; readonly node: Node; home: Library } {
    const [first = '', second] = text.split('.');
    const used = second === undefined ? undefined : from.uses[first];
    const home = used === undefined ? from : library(normalize(join(dirname(from.path), used)));
    const local = second ?? first;
    const raw = home.types[local];
    if (raw === undefined) throw new Error(`${from.path} names ${text}, which is not there`);
    const node: Node = typeof raw === 'string' ? { type: raw } : (raw as Node);
    const key = `${home.path.replaceAll(/[^a-zA-Z0-9]/g, '_')}_${local}`;
    if (!(key in definitions)) {
      definitions[key] = {};
      definitions[key] = declaration(node, home);
    }
    return { key, node, home };
  }

  function declaration(raw: unknown, from: Library): Schema {
    if (typeof raw === 'string') return expression(raw, from);
    const node = (raw ?? { type: 'string' }) as Node;
    const own = Object.fromEntries(
      facets.flatMap((facet) => (node[facet] === undefined ? [] : [[facet, node[facet]]])),
    );
    const properties = allProperties(node, from);
    if (properties !== null) return { ...own, ...closed(properties) };
    const base = typeof node['type'] === 'string' ? expression(node['type'], from) : { type: 'string' };
    const items = node['items'] === undefined ? {} : { items: declaration(node['items'], from) };
    return '$ref' in base ? { allOf: [base, own] } : { ...base, ...items, ...own };
  }

  /** An object's properties with those that it inherits; null when it is no object with properties. */
  function allProperties(node: Node, from: Library): ReadonlyMap<string, [unknown, Library]> | null {
    const inherited =
      typeof node['type'] === 'string' && /^[\w.]+$/.test(node['type']) && !(node['type'] in builtIn)
        ? locate(node['type'], from)
        : null;
    const above = inherited === null ? null : allProperties(inherited.node, inherited.home);
    const own = node['properties'] as Node | undefined;
    if (own === undefined) return above;
    const mine = Object.entries(own).map(([key, value]) => [key, [value, from]] as const);
    return new Map<string, [unknown, Library]>([
      ...(above ?? []),
      ...mine.map(([k, [v, l]]) => [k, [v, l]] as [string, [unknown, Library]]),
    ]);
  }

  function closed(all: ReadonlyMap<string, [unknown, Library]>): Schema {
    const properties: Record<string, Schema> = {};
    const patternProperties: Record<string, Schema> = {};
    const required: string[] = [];
    for (const [key, [value, from]] of all) {
      const pattern = /^\/(.*)\/$/.exec(key)?.[1];
      const optional = key.endsWith('?');
      const name = optional ? key.slice(0, -1) : key;
      if (pattern !== undefined) patternProperties[pattern] = declaration(value, from);
      else properties[name] = declaration(value, from);
      const flag = typeof value === 'object' && value !== null && 'required' in value ? value.required : true;
      if (pattern === undefined && !optional && flag === true) required.push(name);
    }
    return { type: 'object', properties, patternProperties, required, additionalProperties: false };
  }

  const { key } = locate(name, library(path));
  return { $ref: `#/definitions/${key}`, definitions };
}
