/** Holds a parsed JSON value against a zod grammar: unknown keys are set aside, the rest must fit. */
import type { z } from 'zod';
import type { LabelRow } from './label-row.ts';
import { keysIn } from './labels.ts';
import { nearest } from '../model/nearest.ts';
import { describe, listed, show } from './show.ts';

/** A value that is not in the grammar. */
export interface Wrong {
  /** As people write it, `steps[0].weight`; empty for the whole. */
  readonly path: string;
  readonly found: string;
}

export interface Checked<T> {
  /** Null when something is wrong. */
  readonly value: T | null;
  readonly unknown: readonly UnknownKey[];
  readonly wrong: readonly Wrong[];
}

export interface UnknownKey {
  /** Where the object with the key stands. */
  readonly parent: string;
  readonly key: string;
}

/**
 * Checks a value fresh from the JSON parser, and removes unknown keys *from it*, so that a second look can see whether
 * the rest holds. Depth and size of what no grammar knows do not matter: it is never walked.
 */
export function check<T>(schema: z.ZodType<T>, input: unknown): Checked<T> {
  const first = schema.safeParse(input);
  if (first.success) return { value: first.data, unknown: [], wrong: [] };
  const unknown: UnknownKey[] = [];
  for (const issue of first.error.issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const holder = at(input, issue.path);
    for (const key of issue.keys) {
      unknown.push({ parent: pathOf(issue.path), key });
      if (typeof holder === 'object' && holder !== null) Reflect.deleteProperty(holder, key);
    }
  }
  const second = unknown.length === 0 ? first : schema.safeParse(input);
  if (second.success) return { value: second.data, unknown, wrong: [] };
  const wrong = second.error.issues.map((issue) => ({
    path: pathOf(issue.path),
    found: describe(at(input, issue.path)),
  }));
  return { value: null, unknown, wrong };
}

/** The known key that an unknown one resembles; null when there is none. */
export function resembles({ parent, key }: UnknownKey, table: readonly LabelRow[]): string | null {
  return nearest(key, keysIn(table, parent));
}

/** At most this many unknown keys are named, and looked up in the table. */
const named = 10;

/** The unknown keys with the known ones that they resemble: `wieght (did you mean weight?), foo and 3 more`. */
export function unknownKeys(unknown: readonly UnknownKey[], table: readonly LabelRow[]): string {
  const names = unknown.map(({ parent, key }, index) => {
    if (index >= named) return '';
    const path = `${parent === '' ? '' : `${parent}.`}${show(key, 40)}`;
    const meant = resembles({ parent, key }, table);
    return meant === null ? path : `${path} (did you mean ${meant}?)`;
  });
  return listed(names, named);
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<PropertyKey, unknown>>)[key];
  }
  return value;
}

function pathOf(path: readonly PropertyKey[]): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else text += text === '' ? String(key) : `.${String(key)}`;
  }
  return text;
}
