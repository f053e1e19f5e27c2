/** The flags of a shadow, checked against each other: what it compares itself with, and how. */
import { durationMs } from '../model/duration.ts';
import { ConfigError } from './error.ts';

export interface ShadowConfig {
  readonly of:
    | { readonly kind: 'page'; readonly url: string; readonly login: string | null }
    | { readonly kind: 'socket'; readonly path: string };
  readonly intervalMs: number;
  readonly once: boolean;
  readonly json: boolean;
}

export interface ShadowFlags {
  readonly shadow?: boolean | undefined;
  readonly 'shadow-of'?: string | undefined;
  readonly 'shadow-interval': string;
  readonly once?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly 'dry-run'?: boolean | undefined;
}

/** What marathon-lb serves on its own agent. */
const marathonLbPage = 'http://127.0.0.1:9090/haproxy?stats';

/**
 * Null when Baton is to be no shadow.
 * @throws ConfigError for flags that need another one, and for what is no place of statistics
 */
export function shadowOf(flags: ShadowFlags): ShadowConfig | null {
  const { shadow = false, once = false, json = false } = flags;
  if (!shadow) {
    for (const flag of ['shadow-of', 'once'] as const)
      if (flags[flag] !== undefined && flags[flag] !== false)
        throw new ConfigError(`--${flag} needs --shadow`);
  }
  if (json && !once) throw new ConfigError('--json needs --shadow --once: what goes on is told by the log');
  if (!shadow) return null;
  if (flags['dry-run'] === true)
    throw new ConfigError('--shadow and --dry-run are two ways to change nothing; give one');
  return {
    of: placeOf(flags['shadow-of'] ?? marathonLbPage),
    intervalMs: intervalOf(flags['shadow-interval']),
    once,
    json,
  };
}

function intervalOf(text: string): number {
  const ms = durationMs(text);
  if (ms === null || ms < 100) {
    throw new ConfigError(
      `--shadow-interval is ${JSON.stringify(text)}; it should be a duration of at least 100 ms, e.g. 10s`,
    );
  }
  return ms;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ConfigError(
      '--shadow-of has a user or password in which % does not begin an encoded character',
    );
  }
}

/** The page or its CSV, a bare address for the page that marathon-lb has, or a socket. */
function placeOf(text: string): ShadowConfig['of'] {
  const path = text.startsWith('/') ? text : /^unix:(?:\/\/)?(\/.*)$/.exec(text)?.[1];
  if (path !== undefined) return { kind: 'socket', path };
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    // What was written may hold a password.
    throw new ConfigError(
      `--shadow-of should be the URL of HAProxy's statistics, e.g. ${marathonLbPage}, or unix:PATH of its stats socket`,
    );
  }
  const login = [url.username, url.password].map(decoded).join(':');
  const page = `${url.pathname}${url.search}`;
  const wanted = page === '/' ? '/haproxy?stats' : page.replaceAll(/;(?:up|csv)(?=;|$)/g, '');
  return { kind: 'page', url: `${url.origin}${wanted};csv`, login: login === ':' ? null : login };
}
