/** One connection to Marathon's event stream, from the request to its end. */
import { EventSource, type FetchLike, type FetchLikeResponse } from 'eventsource';
import { Agent, type Dispatcher, request } from 'undici';
import type { Access } from './access.ts';
import type { MarathonAddress } from './address.ts';
import { errorOfStatus, errorOfTransport, MarathonError } from './errors.ts';
import { eventTypes } from './events.ts';
import { lineCap } from './line-cap.ts';
import { target } from './redirect.ts';

export interface StreamOptions {
  readonly address: MarathonAddress;
  readonly access: Access;
  /** Silence in ms, counted on raw bytes, after which the stream is dead. */
  readonly idleMs: number;
  /** Bound on connecting and on the head of the answer, in ms. */
  readonly timeoutMs: number;
  /** The stream is open. From now on nothing is missed. */
  readonly onOpen: () => void;
  /** Bytes have arrived, a heartbeat's too. */
  readonly onBytes: () => void;
  readonly onEvent: (type: string, data: string) => void;
  /** The largest event, in bytes. What is larger comes as a part that is no JSON, after `onOversize`. */
  readonly maxEventBytes: number;
  readonly onOversize: () => void;
}

/**
 * Follows the stream until it ends; resolves with the reason then, `aborted` when the signal did it. Never rejects.
 * Marathon numbers no events and replays none, so what comes after is another stream and a whole new read.
 */
export async function followStream(options: StreamOptions, signal: AbortSignal): Promise<MarathonError> {
  const { address } = options;
  const agent = new Agent({
    connect: options.access.connect,
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.idleMs,
  });
  const cause: { error: MarathonError | null } = { error: null };
  const source = new EventSource(`${address.base}/v2/events?${query()}`, {
    fetch: fetchStream(options, agent, cause),
    // Of the parser, over all lines of an event; reaching it would end the stream.
    maxBufferSize: options.maxEventBytes * 2,
  });
  const ended = new Promise<MarathonError>((resolve) => {
    const abort = (): void => resolve(new MarathonError('aborted', 'the stream is not needed any more'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    source.addEventListener('open', options.onOpen);
    source.addEventListener('error', (event) => {
      signal.removeEventListener('abort', abort);
      resolve(cause.error ?? closed(address, event.message));
    });
  });
  for (const type of eventTypes) {
    source.addEventListener(type, (event) => options.onEvent(type, String(event.data)));
  }
  const reason = await ended;
  source.close();
  await agent.destroy();
  return reason;
}

function query(): string {
  return ['plan-format=light', ...eventTypes.map((type) => `event_type=${type}`)].join('&');
}

function closed(address: MarathonAddress, message: string | undefined): MarathonError {
  const detail = message === undefined ? '' : ` (${message})`;
  return new MarathonError(
    'closed',
    `Marathon at ${address.base} closed the event stream${detail}; it does so when its leader changes`,
  );
}

/**
 * The `fetch` under the event source: exact headers, redirects by hand, and the reason of a failure kept. It is not
 * built on the platform's own, which refuses ports that browsers block, 6000 and 10080 among them.
 */
function fetchStream(
  options: StreamOptions,
  agent: Agent,
  cause: { error: MarathonError | null },
): FetchLike {
  const { address } = options;
  const { login } = options.access;

  /** The answer after all redirects. */
  async function reach(
    url: URL,
    authorization: string | null,
    abort: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    // Marathon compares the Accept header as a whole. It has no use for compression on a stream.
    const headers: Record<string, string> = { accept: 'text/event-stream', 'accept-encoding': 'identity' };
    if (authorization !== null) headers['authorization'] = authorization;
    let from = url;
    for (let hops = 0; ; hops += 1) {
      const response = await request(from, { dispatcher: agent, headers, signal: abort });
      // What goes wrong with it is told to whoever reads it; let go unread, it would end the process.
      response.body.on('error', () => {});
      const { statusCode: status } = response;
      const location = headerOf(response, 'location');
      if (status < 300 || status >= 400 || location === null) return response;
      response.body.destroy();
      const withCredentials = authorization !== null;
      from = target({ from, route: '/v2/events', status, location, hops, withCredentials });
    }
  }

  async function open(url: URL, abort: AbortSignal): Promise<Dispatcher.ResponseData> {
    const used = await login.header(address);
    let response = await reach(url, used, abort);
    if (response.statusCode === 401 && (await login.renew(used, address))) {
      response.body.destroy();
      response = await reach(url, await login.header(address), abort);
    }
    const type = headerOf(response, 'content-type') ?? '';
    if (response.statusCode === 200 && type.startsWith('text/event-stream')) return response;
    response.body.destroy();
    if (response.statusCode === 200) {
      throw new MarathonError(
        'unexpected',
        `${address.base} answered ${type || 'no content type'} instead of events; is this Marathon's address?`,
      );
    }
    throw errorOfStatus(response.statusCode, address.base, null, login.advice(address));
  }

  return async (url, init): Promise<FetchLikeResponse> => {
    try {
      const response = await open(new URL(url), init.signal as AbortSignal);
      const parts = response.body[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
      const bounded = lineCap(options.maxEventBytes, options.onOversize);
      const read = async () => {
        try {
          const part = await parts.next();
          if (part.done === true) return { done: true as const, value: undefined };
          options.onBytes();
          return { done: false as const, value: bounded(part.value) };
        } catch (error) {
          cause.error = ofRead(error, options);
          throw error;
        }
      };
      return {
        body: { getReader: () => ({ read, cancel: async () => void (await parts.return?.()) }) },
        url: String(url),
        status: response.statusCode,
        redirected: false,
        headers: { get: (name) => headerOf(response, name) },
      };
    } catch (error) {
      cause.error = errorOfTransport(error, address.base);
      throw error;
    }
  };
}

function ofRead(error: unknown, { address, idleMs }: StreamOptions): MarathonError {
  const failure = errorOfTransport(error, address.base);
  if (failure.code !== 'timeout') return closed(address, 'the connection was cut');
  return new MarathonError(
    'silent',
    `nothing was heard on the event stream of ${address.base} for ${idleMs} ms, not even a heartbeat; is the network up, does a proxy buffer the stream?`,
    error,
  );
}

function headerOf({ headers }: Dispatcher.ResponseData, name: string): string | null {
  const value = headers[name.toLowerCase()];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
