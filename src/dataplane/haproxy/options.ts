/** How Baton is told to run HAProxy. */

/** Resolves a host name to one address; `dns.promises.lookup` by default. */
export type Resolve = (host: string) => Promise<{ readonly address: string }>;

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
  readonly resolve?: Resolve;
}
