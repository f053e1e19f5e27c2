/** GET with JSON answers from one of several addresses: bounded in time and size, errors as a closed set. */
import { Agent, request } from 'undici';
import type { z } from 'zod';
import type { Access } from './access.ts';
import type { Addresses, MarathonAddress } from './address.ts';
import { errorOfStatus, errorOfTransport, MarathonError } from './errors.ts';
import { target } from './redirect.ts';
import { wireMessage } from './schema.ts';

export interface HttpOptions {
  readonly addresses: Addresses;
  readonly access: Access;
  /** Bound on each request, in ms: connecting, waiting and reading together. */
  readonly timeoutMs: number;
  /** The largest answer that is read, in bytes. */
  readonly maxBytes: number;
  /** Called when an answer has arrived, whatever it says. */
  readonly onHeard: () => void;
  /** Called once per request to one address; `route` has no ids in it. */
  readonly onRequest: (route: string, outcome: string, durationMs: number) => void;
}

export interface Http {
  /**
   * Reads `path`, at the current address first, then at the others.
   * @throws MarathonError
   */
  get<S extends z.ZodType>(route: string, path: string, schema: S, signal: AbortSignal): Promise<z.output<S>>;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly location: string | null;
  readonly text: string;
}

export function createHttp(options: HttpOptions): Http {
  const { addresses, access, timeoutMs, onRequest } = options;
  const { login } = access;
  const agent = new Agent({
    connect: access.connect,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });

  async function once(address: MarathonAddress, path: string, signal: AbortSignal): Promise<unknown> {
    const bound = AbortSignal.timeout(timeoutMs);
    const either = AbortSignal.any([signal, bound]);
    try {
      const used = await login.header(address);
      let answer = await follow(address, path, used, either);
      if (answer.status === 401 && (await login.renew(used, address))) {
        answer = await follow(address, path, await login.header(address), either);
      }
      return parse(answer, address.base, login.advice(address));
    } catch (error) {
      if (signal.aborted) throw new MarathonError('aborted', 'the request was cancelled', error);
      throw errorOfTransport(bound.aborted ? bound.reason : error, address.base);
    }
  }

  async function follow(
    address: MarathonAddress,
    path: string,
    authorization: string | null,
    signal: AbortSignal,
  ): Promise<Answer> {
    let from = new URL(`${address.base}${path}`);
    for (let hops = 0; ; hops += 1) {
      const answer = await ask(agent, from, authorization, signal, options);
      const { status, location } = answer;
      if (status < 300 || status >= 400 || location === null) return answer;
      const withCredentials = authorization !== null;
      from = target({ from, route: path, status, location, hops, withCredentials });
    }
  }

  return {
    get: async (route, path, schema, signal) => {
      const failures: MarathonError[] = [];
      for (const address of addresses.inOrder()) {
        const start = performance.now();
        try {
          const json = await twiceIfCut(() => once(address, path, signal));
          const parsed = schema.safeParse(json);
          if (!parsed.success) throw unexpected(address.base, path, parsed.error);
          addresses.prefer(address);
          onRequest(route, 'ok', performance.now() - start);
          return parsed.data;
        } catch (error) {
          const failure = errorOfTransport(error, address.base);
          onRequest(route, failure.code, performance.now() - start);
          if (failure.code === 'not-found' || failure.code === 'aborted') throw failure;
          failures.push(failure);
        }
      }
      throw combined(failures);
    },
    close: () => agent.destroy(),
  };
}

async function ask(
  agent: Agent,
  url: URL,
  authorization: string | null,
  signal: AbortSignal,
  { maxBytes, onHeard }: HttpOptions,
): Promise<Answer> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (authorization !== null) headers['authorization'] = authorization;
  const answer = await request(url, { dispatcher: agent, headers, signal });
  onHeard();
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer.body as AsyncIterable<Buffer>) {
    size += part.length;
    // Leaving the loop destroys the body, and so the connection.
    if (size > maxBytes) {
      throw new MarathonError(
        'too-large',
        `the answer of ${url.origin}${url.pathname} has more than ${maxBytes} bytes`,
      );
    }
    parts.push(part);
  }
  return {
    status: answer.statusCode,
    contentType: header(answer.headers['content-type']) ?? '',
    location: header(answer.headers['location']),
    text: Buffer.concat(parts).toString('utf8'),
  };
}

/** Proxies and Jetty answer in HTML, so the type is looked at before anything is parsed. */
function parse(answer: Answer, base: string, advice: string): unknown {
  const json = /^application\/(?:[\w.+-]+\+)?json\b/i.test(answer.contentType)
    ? tryJson(answer.text)
    : undefined;
  if (answer.status === 200) {
    if (json !== undefined) return json;
    const got = answer.text === '' ? 'an empty body' : answer.contentType || 'no content type';
    throw new MarathonError(
      'not-json',
      `${base} answered without JSON (${got}); is this Marathon's address?`,
    );
  }
  const message = wireMessage.safeParse(json).data?.message ?? null;
  // A proxy's own 404 must never be read as "this app is gone": Marathon's says so.
  if (answer.status === 404 && message !== null && /does not exist/.test(message)) {
    throw new MarathonError('not-found', `${base}: ${message}`);
  }
  throw errorOfStatus(answer.status, base, message, advice);
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A kept-alive connection may be closed by the other side just when it is used again: that says nothing yet. */
async function twiceIfCut<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    const cut =
      error instanceof MarathonError && error.code === 'unreachable' && /was cut/.test(error.message);
    if (!cut) throw error;
    return attempt();
  }
}

function unexpected(base: string, path: string, error: z.ZodError): MarathonError {
  const issue = error.issues[0];
  const where = issue === undefined ? '' : `: ${issue.path.join('.') || 'the whole'}: ${issue.message}`;
  return new MarathonError('unexpected', `${base}${path} answered JSON that is not Marathon's${where}`);
}

function combined(failures: readonly MarathonError[]): MarathonError {
  const [first, ...others] = failures;
  if (first === undefined) return new MarathonError('bad-address', 'no address of a Marathon was given');
  if (others.length === 0) return first;
  return new MarathonError(
    first.code,
    [...new Set(failures.map(({ message }) => message))].join('; '),
    new AggregateError(failures),
  );
}

function header(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
