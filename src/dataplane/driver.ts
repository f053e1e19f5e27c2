/** The port to a data plane: observe it, apply a target, verify that it took. */
import type { Diagnostic } from '../declared/types.ts';
import type { ServerName, ServiceId } from '../model/ids.ts';
import type { Observed } from '../plan/observed.ts';
import type { ServiceTarget } from '../plan/target.ts';

/** Which services a call is about: all that there are, or some. The others are neither asked for nor touched. */
export type Scope = 'all' | ReadonlySet<ServiceId>;

/** What `apply` did, for facts and metrics. */
export interface Applied {
  /** Configurations loaded because the target needed what cannot be changed at run time; 0 for any move of traffic. */
  readonly reloads: number;
  /** Runtime changes made: servers added, removed, put in or out of rotation, rows written. */
  readonly changes: number;
  /** The services that they were made for. */
  readonly changed: ReadonlySet<ServiceId>;
  /** What cannot be carried out (a port that is taken, a host name that does not resolve), of all services. The rest is. */
  readonly diagnostics: readonly Diagnostic[];
}

/** `unknown`: the data plane could not be asked. */
export type Verified =
  | { readonly outcome: 'yes' }
  | { readonly outcome: 'no'; readonly differences: readonly string[] }
  | { readonly outcome: 'unknown'; readonly reason: string };

/** Counters of one service's slot since Baton first saw them; they survive reloads and never decrease. */
export interface SlotStatistics {
  readonly service: ServiceId;
  readonly slot: string;
  readonly requests: number;
  readonly sessions: number;
  /** Answers by class: `1xx` … `5xx`. */
  readonly responses: Readonly<Record<string, number>>;
  readonly connectionErrors: number;
  readonly retries: number;
  readonly redispatches: number;
}

export type DriverNotice =
  | { readonly kind: 'adopted'; readonly pid: number }
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'died'; readonly pid: number }
  | { readonly kind: 'reloaded'; readonly because: string }
  | { readonly kind: 'reload-failed'; readonly because: string; readonly detail: string };

export interface Driver {
  readonly name: string;
  /**
   * Brings the data plane up: adopts a running one, or starts it from what was last on disk, so that traffic goes on
   * as it last was before Marathon has been asked.
   * @throws DataPlaneError when it can be neither adopted nor started
   */
  start(signal: AbortSignal): Promise<void>;
  /** What runs now; it may say more than was asked for. @throws DataPlaneError when the data plane does not answer */
  observe(signal: AbortSignal, scope?: Scope): Promise<Observed>;
  /**
   * Makes it so. Idempotent; services in scope that the target does not name are removed once they have drained.
   * @param scope holds all services of the target; all there are, unless it is given
   * @throws DataPlaneError when the data plane does not answer; what was done until then stays done
   */
  apply(target: readonly ServiceTarget[], signal: AbortSignal, scope?: Scope): Promise<Applied>;
  /**
   * Takes endpoints out of rotation at once, whatever services they serve; those it does not know are left alone. They
   * come back only by `apply`. Resolves to how many were taken out.
   * @param scope the services that they may serve
   * @throws DataPlaneError when the data plane does not answer
   */
  withdraw(servers: ReadonlySet<ServerName>, signal: AbortSignal, scope?: Scope): Promise<number>;
  /**
   * Reads back whether the running state is the target's: listeners, weights, endpoints in rotation. What `apply` named
   * as impossible in its diagnostics is no difference.
   */
  verify(target: readonly ServiceTarget[], signal: AbortSignal, scope?: Scope): Promise<Verified>;
  /** What the data plane was last told to run, for people to read; empty where there is nothing like it. No passwords. */
  configuration(): Promise<string>;
  statistics(signal: AbortSignal): Promise<readonly SlotStatistics[]>;
  /** Lets go: a detached data plane keeps running, a bound one is stopped softly. */
  stop(signal: AbortSignal): Promise<void>;
}

/** What every driver is given. */
export interface DriverContext {
  readonly notify: (notice: DriverNotice) => void;
}
