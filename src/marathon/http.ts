/** Reads and changes with JSON answers, at one of several addresses: bounded in time and size, errors as a closed set. */
import { Agent, request } from 'undici';
import { z } from 'zod';
import type { Access } from './access.ts';
import type { Addresses, MarathonAddress } from './address.ts';
import { type Answer, dataOf, elementsOf, refusalOf } from './answer.ts';
import { errorOfTransport, MarathonError, neverArrived } from './errors.ts';
import { target } from './redirect.ts';

export interface HttpOptions {
  readonly addresses: Addresses;
  readonly access: Access;
  /** Bound on each request, in ms: connecting, waiting and reading together. */
  readonly timeoutMs: number;
  /** The largest answer that is read, in bytes. */
  readonly maxBytes: number;
  /** Called once per request to one address; `route` has no ids in it. */
  readonly onRequest: (route: string, outcome: string, durationMs: number) => void;
}

export interface Http {
  /**
   * Reads `path`, at the current address first, then at the others.
   * @throws MarathonError
   */
  get<S extends z.ZodType>(route: string, path: string, schema: S, signal: AbortSignal): Promise<z.output<S>>;
  /**
   * The same of a long list, the `key` of what is answered: its elements, each parsed when it is its turn.
   * @throws MarathonError, also `not-json` while going through them
   */
  list(route: string, path: string, key: string, signal: AbortSignal): Promise<Iterable<unknown>>;
  /**
   * Asks once for a change. Another address is tried only where the one before cannot have heard of it.
   * @throws MarathonError `uncertain` when it may have been done; every other code says that it was not
   */
  send<S extends z.ZodType>(
    route: string,
    change: Change,
    schema: S,
    signal: AbortSignal,
  ): Promise<z.output<S>>;
  close(): Promise<void>;
}

export interface Change {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body: unknown;
}

interface Question {
  readonly method: 'GET' | Change['method'];
  readonly path: string;
  /** JSON. */
  readonly body: string | null;
}

export function createHttp(options: HttpOptions): Http {
  const { addresses, access, timeoutMs, onRequest } = options;
  const { login } = access;
  const agent = new Agent({
    connect: access.connect,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });

  /** Asks, and once more with what is newer to log in with. */
  async function ask(address: MarathonAddress, question: Question, signal: AbortSignal): Promise<Answer> {
    const used = await login.header(address);
    const answer = await follow(address, question, used, signal);
    if (answer.status !== 401 || !(await login.renew(used, address))) return answer;
    return follow(address, question, await login.header(address), signal);
  }

  async function follow(
    address: MarathonAddress,
    question: Question,
    authorization: string | null,
    signal: AbortSignal,
  ): Promise<Answer> {
    let from = new URL(`${address.base}${question.path}`);
    for (let hops = 0; ; hops += 1) {
      const answer = await exchange(agent, from, question, authorization, signal, options);
      const { status, location } = answer;
      if (status < 300 || status >= 400 || location === null) return answer;
      const withCredentials = authorization !== null;
      from = target({ from, route: question.path, status, location, hops, withCredentials });
    }
  }

  /** Runs `asking` for no longer than a request may take, and makes one of ours of whatever it throws. */
  async function bounded<T>(
    { base }: MarathonAddress,
    signal: AbortSignal,
    asking: (either: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const bound = AbortSignal.timeout(timeoutMs);
    try {
      return await asking(AbortSignal.any([signal, bound]));
    } catch (error) {
      if (signal.aborted) throw new MarathonError('aborted', 'the request was cancelled', error);
      throw errorOfTransport(bound.aborted ? bound.reason : error, base);
    }
  }

  /** Asks one address after the other until `take` makes something of an answer. */
  async function read<T>(
    route: string,
    path: string,
    signal: AbortSignal,
    take: (answer: Answer, address: MarathonAddress) => T | Promise<T>,
  ): Promise<T> {
    const failures: MarathonError[] = [];
    for (const address of addresses.inOrder()) {
      const start = performance.now();
      try {
        const taken = await twiceIfCut(() =>
          bounded(address, signal, async (either) =>
            take(await ask(address, { method: 'GET', path, body: null }, either), address),
          ),
        );
        addresses.prefer(address);
        onRequest(route, 'ok', performance.now() - start);
        return taken;
      } catch (error) {
        const failure = errorOfTransport(error, address.base);
        onRequest(route, failure.code, performance.now() - start);
        if (failure.code === 'not-found' || failure.code === 'aborted') throw failure;
        failures.push(failure);
      }
    }
    throw combined(failures);
  }

  function parsed<S extends z.ZodType>(
    answer: Answer,
    address: MarathonAddress,
    path: string,
    schema: S,
  ): z.output<S> {
    const found = schema.safeParse(dataOf(answer, address.base, login.advice(address)));
    if (!found.success) throw unexpected(address.base, path, found.error);
    return found.data;
  }

  return {
    get: (route, path, schema, signal) =>
      read(route, path, signal, (answer, address) => parsed(answer, address, path, schema)),
    list: (route, path, key, signal) => {
      const schema = z.object({ [key]: z.array(z.unknown()) });
      return read(
        route,
        path,
        signal,
        async (answer, address) =>
          (await elementsOf(answer, address.base, key)) ?? parsed(answer, address, path, schema)[key] ?? [],
      );
    },
    send: async (route, { method, path, body }, schema, signal) => {
      const question = { method, path, body: body === null ? null : JSON.stringify(body) };
      const unheard: MarathonError[] = [];
      for (const address of addresses.inOrder()) {
        const start = performance.now();
        const tell = (outcome: string): void => onRequest(route, outcome, performance.now() - start);
        let refusal: MarathonError | null = null;
        try {
          const data = await bounded(address, signal, async (either) => {
            const answer = await ask(address, question, either);
            refusal = refusalOf(answer, address.base, login.advice(address));
            return parsed(answer, address, path, schema);
          });
          addresses.prefer(address);
          tell('ok');
          return data;
        } catch (error) {
          const failure = refusal ?? errorOfTransport(error, address.base);
          tell(failure.code);
          if (refusal !== null) throw failure;
          if (!neverArrived(failure)) throw uncertain(failure);
          unheard.push(failure);
        }
      }
      throw combined(unheard);
    },
    close: () => agent.destroy(),
  };
}

async function exchange(
  agent: Agent,
  url: URL,
  { method, body }: Question,
  authorization: string | null,
  signal: AbortSignal,
  { maxBytes }: HttpOptions,
): Promise<Answer> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (authorization !== null) headers['authorization'] = authorization;
  if (body !== null) headers['content-type'] = 'application/json';
  const answer = await request(url, { dispatcher: agent, method, body, headers, signal });
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
    body: Buffer.concat(parts),
  };
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

function uncertain(failure: MarathonError): MarathonError {
  return new MarathonError(
    'uncertain',
    `it is not known whether Marathon has done it: ${failure.message}`,
    failure,
  );
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
    // Whose turn it was first changes from time to time; what is wrong does not.
    [...new Set(failures.map(({ message }) => message))].toSorted().join('; '),
    new AggregateError(failures),
  );
}

function header(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
