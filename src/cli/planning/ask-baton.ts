/** Asks a running Baton over its HTTP API. */
import { whyUnreachable } from '../../model/unreachable.ts';
import { z } from 'zod';
import { ConfigError } from '../../config/error.ts';
import { shownDiagnostic, type ShownService, shownService } from './shown.ts';

/** Where `baton run` listens by default. */
export const defaultBaton = 'http://127.0.0.1:8090';

const limitMs = 5_000;
/** An order is done when HAProxy has been seen to have done it. */
const orderLimitMs = 30_000;

/** No Baton answers there, or not as one does. */
export class BatonAwayError extends Error {
  readonly code = 'baton-away';
}

export interface Told<T> {
  readonly value: T;
  /** When it answered, by its own clock; null when it does not say. */
  readonly at: number | null;
}

const services = z.object({ services: z.array(shownService).readonly() });
const diagnostics = z.object({ diagnostics: z.array(shownDiagnostic).readonly() });
const obeyed = z.object({ done: z.string() });
const refused = z.object({ message: z.string() });
const history = z.object({
  service: z.string(),
  entries: z
    .array(
      z.object({
        at: z.string(),
        kind: z.string(),
        text: z.string(),
        facts: z.record(z.string(), z.unknown()),
      }),
    )
    .readonly(),
});
const status = z.looseObject({
  ready: z.boolean(),
  notReady: z.string().nullable(),
  marathon: z.looseObject({
    connected: z.boolean(),
    syncedAt: z.string().nullable(),
    heardAt: z.string().nullable(),
    trouble: z.string().nullable(),
  }),
});

/**
 * The address of a Baton, as given or by default.
 * @throws ConfigError for what is no address
 */
export function batonUrl(flag: string | undefined, variable: string | undefined): string {
  const text = flag ?? (variable === undefined || variable === '' ? defaultBaton : variable);
  const name = flag === undefined ? 'BATON_URL' : '--baton';
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new ConfigError(`${name} is ${JSON.stringify(text)}; it should be a URL, e.g. ${defaultBaton}`);
  return url.href.replace(/\/$/, '');
}

export async function askServices(url: string, signal: AbortSignal): Promise<Told<readonly ShownService[]>> {
  const { value, at } = await ask(url, '/v1/services', services, signal);
  return { value: value.services, at };
}

export async function askDiagnostics(url: string, signal: AbortSignal) {
  return (await ask(url, '/v1/diagnostics', diagnostics, signal)).value.diagnostics;
}

/** What has happened to a service, the newest last; null when Baton knows neither it nor anything of it. */
export async function askHistory(url: string, service: string, limit: number, signal: AbortSignal) {
  const path = `${servicePath(service)}/history?limit=${limit}`;
  const { answer, text, shown } = await reach(url, path, limitMs, signal, {});
  const parsed = history.safeParse(answer.ok ? parsedJson(text) : null);
  if (parsed.success) return parsed.data;
  if (answer.status === 404 && refused.safeParse(parsedJson(text)).success) return null;
  throw unexpected(answer, `${shown}${path}`);
}

export function askStatus(url: string, signal: AbortSignal) {
  return ask(url, '/v1/status', status, signal);
}

/**
 * Has Baton do what somebody orders.
 * @returns what was done, or why not
 * @throws BatonAwayError that says what to check
 */
export async function giveOrder(
  url: string,
  { service, verb }: { readonly service: string; readonly verb: string },
  body: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<{ readonly done: string } | { readonly message: string }> {
  const init = {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  };
  const path = `${servicePath(service)}/${verb}`;
  const { answer, text, shown } = await reach(url, path, orderLimitMs, signal, init);
  const parsed = (answer.ok ? obeyed : refused).safeParse(parsedJson(text));
  if (parsed.success && (answer.ok || answer.status < 500)) return parsed.data;
  throw unexpected(answer, `${shown}${path}`);
}

/** @throws BatonAwayError that says what to check */
async function ask<T>(
  url: string,
  path: string,
  schema: z.ZodType<T>,
  signal: AbortSignal,
): Promise<Told<T>> {
  const { answer, text, shown } = await reach(url, path, limitMs, signal, {});
  const parsed = schema.safeParse(answer.ok ? parsedJson(text) : null);
  if (!parsed.success) throw unexpected(answer, `${shown}${path}`);
  const at = Date.parse(answer.headers.get('date') ?? '');
  return { value: parsed.data, at: Number.isNaN(at) ? null : at };
}

function servicePath(service: string): string {
  return `/v1/services${service.split('/').map(encodeURIComponent).join('/')}`;
}

/** @throws BatonAwayError that says what to check */
export async function reach(
  url: string,
  path: string,
  limitMs: number,
  signal: AbortSignal,
  init: { readonly method?: string; readonly body?: string; readonly headers?: Record<string, string> },
): Promise<{ readonly answer: Response; readonly text: string; readonly shown: string }> {
  const { shown, headers } = takenApart(url);
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
    const answer = await fetch(`${shown}${path}`, {
      ...init,
      headers: { ...headers, ...init.headers },
      signal: limit,
    });
    return { answer, text: await answer.text(), shown };
  } catch (error) {
    const hint = 'does Baton run there, and is this the address of its --listen? Name it with --baton URL';
    throw new BatonAwayError(`no answer from ${shown}: ${whyUnreachable(error, limitMs)}; ${hint}`, {
      cause: error,
    });
  }
}

export function unexpected(answer: Response, shown: string): BatonAwayError {
  const said = answer.ok ? 'something that no Baton of this version says' : `status ${answer.status}`;
  return new BatonAwayError(`${shown} answers ${said}; is it the address of a Baton's --listen?`);
}

/** Baton asks for no password; a proxy before it may. `fetch` takes none in an address. */
function takenApart(url: string): { readonly shown: string; readonly headers: Record<string, string> } {
  const parsed = new URL(url);
  const pair = [parsed.username, parsed.password].map(decodeURIComponent).join(':');
  parsed.username = '';
  parsed.password = '';
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  return { shown: parsed.href.replace(/\/$/, ''), headers: pair === ':' ? {} : { authorization } };
}

export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
