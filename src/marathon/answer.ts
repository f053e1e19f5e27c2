/** What an answer of Marathon, or of what stands in front of it, means: data, or an error of the closed set. */
import { cutList, type Slice, textOf } from './cut-list.ts';
import { errorOfStatus, MarathonError } from './errors.ts';
import { type WireRefusal, wireRefusal } from './schema.ts';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly location: string | null;
  readonly body: Buffer;
}

/**
 * The JSON of an answer that has data. Proxies and Jetty answer in HTML, so the type is looked at before anything is
 * parsed.
 * @param base the address that answered, as people may see it
 * @param advice what to check when it does not let Baton in
 * @throws MarathonError
 */
export function dataOf(answer: Answer, base: string, advice: string): unknown {
  const json = jsonOf(answer);
  if (answer.status === 200 || answer.status === 201) {
    if (json !== undefined) return json;
    const got = answer.body.length === 0 ? 'an empty body' : answer.contentType || 'no content type';
    throw new MarathonError(
      'not-json',
      `${base} answered without JSON (${got}); is this Marathon's address?`,
    );
  }
  const refusal = wireRefusal.safeParse(json).data ?? null;
  const message = refusal?.message ?? null;
  // A proxy's own 404 must never be read as "this app is gone": Marathon's says so.
  if (answer.status === 404 && message !== null && /does not exist/.test(message)) {
    throw new MarathonError('not-found', `${base}: ${message}`);
  }
  throw errorOfStatus(answer.status, base, message, advice);
}

/**
 * The elements of the list that is the `key` of an answer, each parsed when it is its turn; null where that is not what came:
 * {@link dataOf} tells then what did.
 * @throws MarathonError `not-json`, while going through them, at one that is no JSON
 */
export async function elementsOf(
  answer: Answer,
  base: string,
  key: string,
): Promise<Iterable<unknown> | null> {
  if (answer.status !== 200 || !isJson(answer)) return null;
  const slices = await cutList(answer.body, key);
  return slices === null ? null : parsedIn(answer.body, slices, base);
}

function* parsedIn(body: Buffer, slices: readonly Slice[], base: string): Generator {
  for (const slice of slices) {
    let element: unknown;
    try {
      element = JSON.parse(textOf(body, slice));
    } catch (error) {
      throw new MarathonError('not-json', `${base} answered with a list that is not all JSON`, error);
    }
    yield element;
  }
}

/**
 * Why a change was not made, where the status says so for certain; null where the answer leaves it open, as every 5xx
 * does: before 1.6 Marathon answered 503 when it took long, and did it all the same.
 */
export function refusalOf(answer: Answer, base: string, advice: string): MarathonError | null {
  if (answer.status < 400 || answer.status >= 500) return null;
  const refusal = wireRefusal.safeParse(jsonOf(answer)).data ?? null;
  const message = refusal?.message ?? '';
  if (answer.status === 409) {
    if (/already exists/.test(message)) return new MarathonError('exists', `${base}: ${message}`);
    const held = refusal?.deployments.map(({ id }) => id) ?? [];
    const by =
      held.length === 0 ? 'a deployment that Marathon does not name' : `deployment ${held.join(', ')}`;
    return new MarathonError('locked', `${base} answered 409: the app is locked by ${by}`);
  }
  // Since 1.6, `--max_running_deployments`: nothing that a login could mend.
  if (answer.status === 403 && /\bmax\b.*\bdeployments\b/i.test(message)) {
    return new MarathonError('too-many-deployments', `${base} answered 403: ${message.slice(0, 200)}`);
  }
  if (answer.status === 401 || answer.status === 403) {
    const check = answer.status === 403 ? `may this user change the app? Else ${advice}` : advice;
    return errorOfStatus(answer.status, base, message === '' ? null : message, check);
  }
  if (answer.status === 404 && /does not exist/.test(message)) {
    return new MarathonError('not-found', `${base}: ${message}`);
  }
  const said = saidIn(refusal);
  const why =
    said === null ? '; does a proxy let changes through, is the path before /v2 right?' : ` (${said})`;
  return new MarathonError('refused', `${base} answered ${answer.status}${why}`);
}

function saidIn(refusal: WireRefusal | null): string | null {
  if (refusal === null) return null;
  const details = refusal.details.map(({ path, errors }) => `${path} ${errors.join(', ')}`);
  return [refusal.message, ...details].join(': ').slice(0, 300);
}

/** @returns undefined where it is none, or another type is said */
function jsonOf(answer: Answer): unknown {
  if (!isJson(answer)) return undefined;
  try {
    return JSON.parse(answer.body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function isJson({ contentType }: Answer): boolean {
  return /^application\/(?:[\w.+-]+\+)?json\b/i.test(contentType);
}
