/** The port to Marathon: a snapshot that is kept fresh, and a wake-up call when it changed. */
import type { Cluster } from '../model/app.ts';
import type { AppId, Millis, TaskId } from '../model/ids.ts';
import type { MarathonAccess } from './access.ts';

export type ResyncReason = 'start' | 'reconnect' | 'periodic' | 'event' | 'doubt';

export type MarathonNotice =
  | { readonly kind: 'connected'; readonly url: string }
  | { readonly kind: 'disconnected'; readonly url: string; readonly reason: string }
  | { readonly kind: 'event'; readonly eventType: string }
  | {
      readonly kind: 'synced';
      readonly reason: ResyncReason;
      readonly apps: number;
      readonly tasks: number;
      readonly durationMs: number;
    }
  | {
      readonly kind: 'sync-failed';
      readonly reason: ResyncReason;
      /** The app that could not be read; null: the whole list. */
      readonly app: AppId | null;
      readonly error: Error;
    }
  | {
      readonly kind: 'request';
      readonly route: string;
      readonly outcome: string;
      readonly durationMs: number;
    }
  | { readonly kind: 'rejected'; readonly app: AppId | null; readonly problem: string };

export interface MarathonStatus {
  /** Whether the event stream is open and was heard of within its idle limit. */
  readonly connected: boolean;
  /** When the last complete, good list was read; null before the first. */
  readonly syncedAt: Millis | null;
  /** When Marathon itself was last heard of in any way: bytes on the stream, an answer with data. */
  readonly heardAt: Millis | null;
  /** When the first read failed since the last complete, good list; null when none has. */
  readonly failingSince: Millis | null;
  /** Why it is not connected or not synced; null when all is well. */
  readonly trouble: string | null;
  /** Reads that are asked for or under way; 0 when everything that was heard of has been looked at. */
  readonly pending: number;
}

export interface MarathonWatch {
  /** The last good read; empty before the first sync. */
  snapshot(): Cluster;
  status(): MarathonStatus;
  /** Asks for the whole list once more, as soon as may be. */
  reread(): void;
  /** Follows Marathon until the signal aborts. Resolves then; never rejects for anything Marathon does. */
  run(signal: AbortSignal): Promise<void>;
}

export interface MarathonWatchOptions {
  readonly urls: readonly string[];
  /** What to log in with and whom to trust; without it, user and password in the address. */
  readonly access?: MarathonAccess;
  /** Silence on the event stream, in ms, after which it counts as dead. Marathon's heartbeat comes every 10 s. */
  readonly idleMs: number;
  /** How often the whole list is read again although nothing asks for it, in ms. */
  readonly resyncMs: number;
  /** Bound on each request, in ms. */
  readonly requestTimeoutMs: number;
  readonly clock: () => Millis;
  /** Called after the snapshot or the status changed; must not block. */
  readonly wake: () => void;
  /**
   * Called with the tasks that an event has just said to be killed, dead or unhealthy, before anything is read. The
   * snapshot has them `down` already, until a read that begins later says otherwise.
   */
  readonly withdraw?: (app: AppId, tasks: readonly TaskId[]) => void;
  readonly notify: (notice: MarathonNotice) => void;
}
