/** From the bytes of a request to an app definition of the right shape, or Marathon's "Invalid JSON". */
import { z } from 'zod';
import { ApiError, type ErrorDetail, invalidJson, notValid, wrongShape } from './api-error.ts';
import { type AppInput, appInputOf } from './app-schema.ts';
import type { Dialect } from './dialect.ts';
import { outOfRange } from './ranges.ts';

type Shapes = Pick<Dialect, 'wrongShape' | 'unknownWord'>;
type AppShapes = Shapes & Pick<Dialect, 'readsAnyCase'>;

/** @throws ApiError 400 */
export function parseJson(text: string): unknown {
  if (text.trim() === '') {
    // Jackson has nothing to map, which is no error of JSON to Marathon.
    const details = 'No content to map due to end-of-input';
    throw new ApiError('no-json', 400, { message: 'Please specify data in JSON format', details });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidJson(error instanceof Error ? error.message : 'not JSON');
  }
}

/** @throws ApiError 400 or 422 with a path and Play's error code for each value of the wrong type or size */
export function parseApp(json: unknown, dialect: AppShapes): AppInput {
  const app = parseAs(appInputOf(dialect), withoutNulls(json), dialect);
  checkRanges([app], dialect, () => '');
  return app;
}

/** The list of apps in the body of a bulk update. @throws ApiError 400, 422 */
export function parseApps(json: unknown, dialect: AppShapes): readonly AppInput[] {
  const apps = parseAs(z.array(appInputOf(dialect)), withoutNulls(json), dialect);
  checkRanges(apps, dialect, (index) => `(${index})`);
  return apps;
}

/** `dialect` null: what Marathon does not have. @throws ApiError 400, or what the version answers */
export function parseAs<T>(schema: z.ZodType<T>, json: unknown, dialect: Shapes | null = null): T {
  const parsed = schema.safeParse(json, { reportInput: true });
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  if (dialect !== null) {
    const details = issues.map((issue) => detailOf(issue, dialect.unknownWord));
    throw wrongShape(dialect.wrongShape, details);
  }
  // Whoever orders a bad day wants to know what would be right, which Play's codes do not tell.
  const said = issues.map(({ path, message }) => ({ path: playPath(path), errors: [message] }));
  throw wrongShape(400, said);
}

/** Before 1.5 ranges are no matter of types but of rules. @throws ApiError 422 */
export function checkRanges(
  apps: readonly AppInput[],
  { wrongShape: status }: Pick<Dialect, 'wrongShape'>,
  pathOf: (index: number) => string,
): void {
  const said = status === 422 ? 'codes' : 'sentences';
  const details = apps.flatMap((app, index) =>
    outOfRange(app, said).map(({ path, errors }) => ({ path: `${pathOf(index)}${path}`, errors })),
  );
  if (details.length > 0) throw said === 'codes' ? wrongShape(422, details) : notValid(details);
}

function detailOf(issue: z.core.$ZodIssue, unknownWord: string): ErrorDetail {
  return { path: playPath(issue.path), errors: [playCode(issue, unknownWord)] };
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

function playCode(issue: z.core.$ZodIssue, unknownWord: string): string {
  if ('input' in issue && issue.input === undefined) return 'error.path.missing';
  if (issue.code === 'invalid_type') return playTypes[issue.expected] ?? 'error.invalid';
  if (issue.code === 'invalid_value') return unknownWord;
  if (issue.code === 'invalid_union') return 'error.expected.jsstring';
  if (issue.code === 'too_small') return issue.origin === 'string' ? 'error.minLength' : 'error.min';
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
