/** The port for changes to Marathon: the four that Baton makes, and waiting for what they began. */
import type { AppId, TaskId } from '../model/ids.ts';
import type { MarathonAccess } from './access.ts';
import type { MarathonNotice } from './watch.ts';

export interface Written {
  readonly app: AppId;
  /** The deployment that brings about what was asked for; null when there was nothing left to do. */
  readonly deployment: string | null;
}

/**
 * Each change is decided from a fresh read, asked for with `force=false`, and proven by a dry run to restart nothing.
 * Locks, other deployments and a Marathon that is away are waited out for as long as `signal` allows: it is the deadline.
 * A change whose outcome is not known is looked at again before anything is asked for a second time.
 */
export interface MarathonWriter {
  /**
   * Sets the number of instances.
   * @throws MarathonError `not-found`, `unsafe`, `unproven`, `locked` and others, naming the app
   */
  scale(app: AppId, instances: number, signal: AbortSignal): Promise<Written>;
  /**
   * Kills these tasks, and scales the app down by as many; those that are gone or being killed already are left out.
   * @throws MarathonError as `scale`
   */
  kill(app: AppId, tasks: readonly TaskId[], signal: AbortSignal): Promise<Written>;
  /**
   * Deletes an app that is scaled to 0.
   * @throws MarathonError as `scale`; `unsafe` when it has instances
   */
  delete(app: AppId, signal: AbortSignal): Promise<Written>;
  /**
   * Creates an app from its definition.
   * @throws MarathonError `exists`, `refused` and others
   */
  create(definition: AppToCreate, signal: AbortSignal): Promise<Written>;
  /**
   * Resolves when the deployment has ended, well or not: the snapshot says how.
   * @throws MarathonError `unfinished` when the signal aborts before
   */
  ended(written: Written, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** A definition as Marathon's API takes it. */
export interface AppToCreate {
  readonly id: string;
  readonly [field: string]: unknown;
}

export interface MarathonWriterOptions {
  readonly urls: readonly string[];
  /** What to log in with and whom to trust; without it, user and password in the address. */
  readonly access?: MarathonAccess;
  /** Bound on each request, in ms. */
  readonly requestTimeoutMs: number;
  readonly notify: (notice: Extract<MarathonNotice, { kind: 'request' }>) => void;
}
