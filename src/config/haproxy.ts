/** Reads what flags say about HAProxy. Null for what makes no sense. */
import { isIP } from 'node:net';
import { durationMs } from '../model/duration.ts';
import { hostPort } from './host-port.ts';

/** Paths without what parts words in HAProxy's files. */
export function certificateFiles(text: string | undefined): readonly string[] | null {
  const paths = (text ?? '').split(',').map((path) => path.trim());
  if (paths.length === 1 && paths[0] === '') return [];
  return paths.every((path) => /^[^\s"'\\#\p{Cc}]+$/u.test(path)) ? paths : null;
}

/** The place is null when there is to be none. */
export function bindPlace(
  text: string | undefined,
): { readonly place: { readonly host: string; readonly port: number } | null } | null {
  if (text === undefined) return { place: null };
  const place = hostPort(text);
  return place === null || place.port === 0 || isIP(place.host) === 0 ? null : { place };
}

export function isLogTarget(text: string): boolean {
  if (text === 'stdout') return true;
  if (text.startsWith('/')) return /^[A-Za-z0-9._/-]{1,100}$/.test(text);
  const place = hostPort(text);
  return place !== null && place.port > 0 && isIP(place.host) !== 0;
}

export const timeoutNames: readonly string[] = [
  'connect',
  'client',
  'server',
  'queue',
  'http-request',
  'http-keep-alive',
  'tunnel',
];

/** HAProxy's timeouts, ms, of `client=30s` and the like. */
export function timeoutsIn(list: readonly string[]): Readonly<Record<string, number>> | null {
  const timeouts: Record<string, number> = {};
  for (const entry of list) {
    const [name = '', text = '', ...more] = entry.split('=');
    const ms = durationMs(text);
    const isGood = timeoutNames.includes(name) && !(name in timeouts) && more.length === 0;
    // HAProxy counts 24 days at most.
    if (!isGood || ms === null || ms < 1 || ms > 2_000_000_000) return null;
    timeouts[name] = ms;
  }
  return timeouts;
}
