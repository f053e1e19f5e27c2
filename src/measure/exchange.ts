/** One request to somebody who is named in a flag or a label: bounded in time and size, no redirects followed. */
import { type Agent, request } from 'undici';
import { whyUnreachable } from '../model/unreachable.ts';

export interface Asker {
  readonly agent: Agent;
  readonly timeoutMs: number;
  /** Ends all that is under way. */
  readonly signal: AbortSignal;
}

export interface Question {
  readonly url: URL;
  /** JSON to be posted; null for a GET. */
  readonly post: string | null;
  /** No more bytes than this are read of the answer. */
  readonly maxBytes: number;
}

export type Heard =
  | {
      readonly status: number;
      /** As much of it as may be read, and as has come in time. */
      readonly text: string;
      /** False when there was more. */
      readonly isWhole: boolean;
    }
  /** Nobody answered; why, in words. */
  | { readonly status: null; readonly why: string };

export async function exchange(
  { agent, timeoutMs, signal }: Asker,
  { url, post, maxBytes }: Question,
): Promise<Heard> {
  const bound = AbortSignal.timeout(timeoutMs);
  const headers: Record<string, string> = { accept: 'application/json' };
  if (post !== null) headers['content-type'] = 'application/json';
  const authorization = authorizationOf(url);
  if (authorization !== null) headers['authorization'] = authorization;
  const parts: Buffer[] = [];
  let status: number | null = null;
  let size = 0;
  let isWhole = false;
  try {
    const answer = await request(url, {
      dispatcher: agent,
      method: post === null ? 'GET' : 'POST',
      body: post,
      headers,
      headersTimeout: timeoutMs,
      signal: AbortSignal.any([signal, bound]),
    });
    status = answer.statusCode;
    for await (const part of answer.body as AsyncIterable<Buffer>) {
      size += part.length;
      parts.push(part);
      // Leaving the loop destroys the body, and so the connection.
      if (size > maxBytes) break;
    }
    isWhole = size <= maxBytes;
  } catch (error) {
    if (status === null) {
      const why = signal.aborted
        ? 'the request was cancelled'
        : whyUnreachable(bound.aborted ? bound.reason : error, timeoutMs);
      return { status, why };
    }
  }
  return { status, text: Buffer.concat(parts).subarray(0, maxBytes).toString('utf8'), isWhole };
}

/** What may be shown of an address: a user, a password or a token may stand in all the rest. */
export function shownUrl({ origin, pathname }: URL): string {
  return `${origin}${pathname === '/' ? '' : pathname}`;
}

/** HTTP Basic, from the user name and password in the address; null without any. */
function authorizationOf({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  return `Basic ${Buffer.from(`${decode(username)}:${decode(password)}`, 'utf8').toString('base64')}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
