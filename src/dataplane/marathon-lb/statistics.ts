/** Reads which servers another HAProxy has, from its statistics page or its stats socket. Only reads. */
import { whyUnreachable } from '../../model/unreachable.ts';
import type { SeenServer } from '../../plan/shadow/differences.ts';
import { DataPlaneError } from '../errors.ts';
import { detached, parseStatistics } from '../haproxy/parse.ts';
import { ask } from '../haproxy/socket.ts';

/** Where the statistics are. */
export type StatisticsPlace =
  | {
      readonly kind: 'page';
      /** Of the CSV, without user and password. */
      readonly url: string;
      /** `user:password` */
      readonly login: string | null;
    }
  | { readonly kind: 'socket'; readonly path: string };

const timeoutMs = 10_000;
/** 600 bytes a server: a hundred thousand of them. */
const mostBytes = 64 * 1024 * 1024;

/**
 * All servers of all backends.
 * @throws DataPlaneError `shadow-unreadable`, whose message names the place without its password
 */
export async function readServers(
  place: StatisticsPlace,
  signal: AbortSignal,
): Promise<readonly SeenServer[]> {
  const where = placeName(place);
  const text = place.kind === 'page' ? await fetched(place, signal) : await asked(place.path, signal);
  if (!text.startsWith('# pxname,svname,'))
    throw unreadable(where, 'answers something that is not the CSV of its statistics');
  return parseStatistics(text)
    .filter(({ type }) => type === '2')
    .map(({ pxname = '', svname = '', status = '' }) => ({
      backend: detached(pxname),
      server: detached(svname),
      status: detached(status),
    }));
}

/** For people, without a password. */
export function placeName(place: StatisticsPlace): string {
  return place.kind === 'page' ? place.url : `unix:${place.path}`;
}

async function asked(path: string, signal: AbortSignal): Promise<string> {
  try {
    return await ask(path, 'show stat', signal);
  } catch (error) {
    throw unreadable(`unix:${path}`, `does not answer: ${whyUnreachable(error, timeoutMs)}`, error);
  }
}

async function fetched(
  { url, login }: { readonly url: string; readonly login: string | null },
  signal: AbortSignal,
): Promise<string> {
  const headers: Record<string, string> =
    login === null ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
  let answer: Response;
  try {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    // The password is for this address alone, so a redirect is not followed.
    answer = await fetch(url, { headers, redirect: 'manual', signal: bounded });
    if (answer.status === 200) return await textOf(answer);
    await answer.body?.cancel();
  } catch (error) {
    throw unreadable(url, `does not answer: ${whyUnreachable(error, timeoutMs)}`, error);
  }
  if (answer.status !== 401) throw unreadable(url, `answers with status ${answer.status}`);
  throw unreadable(
    url,
    login === null
      ? 'asks for a user and a password (401): write them into the address, http://user:password@...'
      : 'does not take this user and password (401)',
  );
}

async function textOf(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.byteLength;
    if (size > mostBytes) throw new Error(`more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function unreadable(where: string, problem: string, cause?: unknown): DataPlaneError {
  return new DataPlaneError('shadow-unreadable', `${where} ${problem}`, { cause });
}
