/** From the bytes of a request to an app definition of the right shape, or Marathon's "Invalid JSON". */
import { z } from 'zod';
import { type ErrorDetail, invalidJson } from './api-error.ts';
import { type AppInput, appInput } from './app-schema.ts';

/** @throws ApiError 400 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidJson(error instanceof Error ? error.message : 'not JSON');
  }
}

/** @throws ApiError 400 with a path and Play's error code for each value of the wrong type */
export function parseApp(json: unknown): AppInput {
  return parseAs(appInput, withoutNulls(json));
}

/** The list of apps in the body of a bulk update. @throws ApiError 400 */
export function parseApps(json: unknown): readonly AppInput[] {
  return parseAs(z.array(appInput), withoutNulls(json));
}

/** @throws ApiError 400 */
export function parseAs<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw invalidJson(parsed.error.issues.map(detailOf));
}

function detailOf(issue: z.core.$ZodIssue): ErrorDetail {
  return { path: playPath(issue.path), errors: [playCode(issue)] };
}

/** Play's `JsPath`: `/healthChecks(0)/path`. */
function playPath(path: readonly PropertyKey[]): string {
  return path.map((part) => (typeof part === 'number' ? `(${part})` : `/${String(part)}`)).join('');
}

const playTypes: Readonly<Record<string, string>> = {
  string: 'error.expected.jsstring',
  number: 'error.expected.jsnumber',
  int: 'error.expected.int',
  boolean: 'error.expected.jsboolean',
  array: 'error.expected.jsarray',
  object: 'error.expected.jsobject',
  record: 'error.expected.jsobject',
};

function playCode(issue: z.core.$ZodIssue): string {
  if ('input' in issue && issue.input === undefined) return 'error.path.missing';
  if (issue.code === 'invalid_type') return playTypes[issue.expected] ?? 'error.invalid';
  if (issue.code === 'invalid_value') return 'error.unknown.enum.literal';
  if (issue.code === 'invalid_union') return 'error.expected.jsstring';
  return 'error.invalid';
}

/** Optional fields may be written as null; inside labels and env null is a value of the wrong type. */
export function withoutNulls(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withoutNulls);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => [key, key === 'labels' || key === 'env' ? value : withoutNulls(value)]),
  );
}
