/** How Baton is told to run HAProxy. */

/** Resolves a host name to one address; `dns.promises.lookup` by default. */
export type Resolve = (host: string) => Promise<{ readonly address: string }>;

/** An address of this machine, or `*`, and a port. */
export interface BindPlace {
  readonly host: string;
  readonly port: number;
}

/**
 * How long, ms, the parts of a request or connection may take, by HAProxy's names: marathon-lb's, but that a client may keep an
 * idle connection for longer than a second. One that sends at the very moment when it is closed would lose its request.
 */
export const defaultTimeouts = {
  connect: 3_000,
  client: 30_000,
  server: 30_000,
  queue: 30_000,
  'http-request': 15_000,
  'http-keep-alive': 10_000,
  tunnel: 3_600_000,
} as const satisfies Readonly<Record<string, number>>;

export type Timeouts = Readonly<Record<keyof typeof defaultTimeouts, number>>;

export interface HaproxyOptions {
  /** Where configuration, maps and sockets live, under `haproxy/`. Kept over restarts. */
  readonly stateDir: string;
  /** The address for listeners that name none; `*` is all of this machine's. */
  readonly bind: string;
  /** `detached` lives in a session of its own and survives Baton; `bound` ends with it. */
  readonly mode: 'detached' | 'bound';
  /** Idle pools rendered for each service beyond those in use, so that a new version needs no reload; default 2. */
  readonly spareSlots?: number;
  /** HAProxy's path; null: looked for in PATH, /usr/sbin and /usr/local/sbin. */
  readonly binary: string | null;
  /** How long connections of a worker that a reload replaced may go on. */
  readonly hardStopAfterMs: number;
  /** How long `stop` lets a bound HAProxy finish what it has before it kills it; default 30,000. */
  readonly stopTimeoutMs?: number;
  /** How long a port that could not be bound is left alone; default 10,000. */
  readonly portRetryMs?: number;
  /** Certificates with their keys, in PEM, for all listeners over TLS; the first is for clients that name no host. */
  readonly certificates?: readonly string[];
  /** Where the statistics are shown, and whether HAProxy is well is answered; nowhere without it. */
  readonly statistics?: BindPlace | null;
  /** Where Baton's API is bound, `127.0.0.1:8090`, for what the statistics' place has from there; null as long as it is not. */
  readonly api?: () => string | null;
  /** Where a request says by `X-Marathon-App-Id` whom it is for; nowhere without it. */
  readonly appIds?: BindPlace | null;
  /** Whether whoever connects to a listener says in a PROXY header who they are; default no. */
  readonly proxyProtocol?: boolean;
  /** Whether tasks are told of the client, by X-Forwarded-For, -Port and -Proto; default yes. */
  readonly forwardedHeaders?: boolean;
  /** Whether a request whose server cannot be connected to is tried on another one; default yes. */
  readonly redispatch?: boolean;
  /** Where each request is told of: `stdout` (only for a bound HAProxy), or a syslog server's address or socket. */
  readonly log?: string | null;
  /** Limits that are other than Baton's own, ms. */
  readonly timeouts?: Partial<Timeouts>;
  /** How many connections one listener has at once, at most; a quarter of all that HAProxy can have without it. */
  readonly listenerConnections?: number | null;
  readonly resolve?: Resolve;
}
