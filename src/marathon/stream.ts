/** One connection to Marathon's event stream, from the request to its end. */
import { EventSource, type FetchLike, type FetchLikeResponse } from 'eventsource';
import { Agent, fetch, type Response } from 'undici';
import type { MarathonAddress } from './address.ts';
import { errorOfStatus, errorOfTransport, MarathonError } from './errors.ts';
import { eventTypes } from './events.ts';

/** From a standby to the leader, and once more when it has just changed. */
const maxHops = 2;
/** Longest line, in characters: 1.4 writes the whole root group into deployment events, twice. */
const maxLine = 64 * 1024 * 1024;

export interface StreamOptions {
  readonly address: MarathonAddress;
  /** Silence in ms, counted on raw bytes, after which the stream is dead. */
  readonly idleMs: number;
  /** Bound on connecting and on the head of the answer, in ms. */
  readonly timeoutMs: number;
  /** The stream is open. From now on nothing is missed. */
  readonly onOpen: () => void;
  /** Bytes have arrived, a heartbeat's too. */
  readonly onBytes: () => void;
  readonly onEvent: (type: string, data: string) => void;
}

/**
 * Follows the stream until it ends; resolves with the reason then, `aborted` when the signal did it. Never rejects.
 * Marathon numbers no events and replays none, so what comes after is another stream and a whole new read.
 */
export async function followStream(options: StreamOptions, signal: AbortSignal): Promise<MarathonError> {
  const { address } = options;
  const agent = new Agent({
    connect: { timeout: options.timeoutMs },
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.idleMs,
  });
  const cause: { error: MarathonError | null } = { error: null };
  const source = new EventSource(`${address.base}/v2/events?${query()}`, {
    fetch: fetchStream(options, agent, cause),
    maxBufferSize: maxLine,
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

/** The `fetch` under the event source: exact headers, redirects by hand, and the reason of a failure kept. */
function fetchStream(
  options: StreamOptions,
  agent: Agent,
  cause: { error: MarathonError | null },
): FetchLike {
  const { address } = options;
  // Marathon compares the Accept header as a whole. It has no use for compression on a stream.
  const headers: Record<string, string> = { accept: 'text/event-stream', 'accept-encoding': 'identity' };
  if (address.authorization !== null) headers['authorization'] = address.authorization;

  async function open(url: URL, hops: number, abort: AbortSignal): Promise<Response> {
    const response = await fetch(url, { dispatcher: agent, headers, redirect: 'manual', signal: abort });
    const type = response.headers.get('content-type') ?? '';
    if (response.status === 200 && type.startsWith('text/event-stream')) return response;
    await response.body?.cancel();
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null && hops < maxHops) {
      const target = leader(location, url);
      if (target !== null) return open(target, hops + 1, abort);
    }
    if (response.status === 200) {
      throw new MarathonError(
        'unexpected',
        `${address.base} answered ${type || 'no content type'} instead of events; is this Marathon's address?`,
      );
    }
    throw errorOfStatus(response.status, address.base, location === null ? null : redact(location));
  }

  return async (url, init): Promise<FetchLikeResponse> => {
    try {
      const response = await open(new URL(url), 0, init.signal as AbortSignal);
      const reader = response.body?.getReader();
      if (reader === undefined) throw closed(address, 'no body');
      const read = async () => {
        try {
          const part = await reader.read();
          if (!part.done) options.onBytes();
          return part;
        } catch (error) {
          cause.error = ofRead(error, options);
          throw error;
        }
      };
      return {
        body: { getReader: () => ({ read, cancel: () => reader.cancel() }) },
        url: response.url,
        status: response.status,
        redirected: false,
        headers: response.headers,
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

/** The leader's own address, with the credentials of none. Only http and https. */
function leader(location: string, from: URL): URL | null {
  if (!URL.canParse(location, from.href)) return null;
  const target = new URL(location, from.href);
  target.username = '';
  target.password = '';
  return target.protocol === 'http:' || target.protocol === 'https:' ? target : null;
}

function redact(location: string): string {
  return location.replace(/\/\/[^/@]*@/, '//');
}
