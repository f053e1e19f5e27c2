/** Which apps are to be read again: events coalesce here, and announced versions are waited for. */
import type { AppId } from '../model/ids.ts';
import { type Hint, laterVersion } from './events.ts';
import { isAtLeast } from './versions.ts';

/** Looks at an app until an announced version shows: after these waits (ms), in sum 6 s. Then the next list has to do. */
const patience = [50, 100, 200, 400, 800, 1500, 3000] as const;

interface Awaited {
  readonly version: string;
  readonly tries: number;
}

export interface Queue {
  /** Marks the apps of an event. */
  add(hints: readonly Hint[]): void;
  /** Marks an app. */
  mark(app: AppId): void;
  /** Marks every app whose announced version has not been seen, and looks for it anew. */
  markAwaited(): void;
  size(): number;
  /** How many looks at apps are still to come: marked ones, and those that wait for an announced version. */
  pending(): number;
  /** Takes the oldest marked app that `free` permits off the queue. */
  take(free: (app: AppId) => boolean): AppId | null;
  /** Takes all of them off the queue. */
  takeAll(): readonly AppId[];
  /** Notes which version a read showed (null: no such app); if it is not the one announced, the app comes back later. */
  seen(app: AppId, version: string | null): void;
  /** Drops everything. */
  close(): void;
}

/** @param onDue called when the queue has grown */
export function createQueue(onDue: () => void): Queue {
  const marked = new Set<AppId>();
  const awaited = new Map<AppId, Awaited>();
  const timers = new Map<AppId, NodeJS.Timeout>();

  function mark(app: AppId): void {
    marked.add(app);
    onDue();
  }

  function later(app: AppId, ms: number): void {
    const timer = setTimeout(() => {
      timers.delete(app);
      mark(app);
    }, ms);
    timers.set(app, timer);
  }

  return {
    add: (hints) => {
      for (const { app, version } of hints) {
        marked.add(app);
        const before = awaited.get(app)?.version ?? null;
        const awaitedVersion = laterVersion(before, version);
        if (awaitedVersion !== null && awaitedVersion !== before) {
          awaited.set(app, { version: awaitedVersion, tries: 0 });
        }
      }
      if (hints.length > 0) onDue();
    },
    mark,
    markAwaited: () => {
      for (const [app, { version }] of awaited) {
        awaited.set(app, { version, tries: 0 });
        marked.add(app);
      }
      if (awaited.size > 0) onDue();
    },
    size: () => marked.size,
    pending: () => marked.size + timers.size,
    take: (free) => {
      for (const app of marked) {
        if (!free(app)) continue;
        marked.delete(app);
        return app;
      }
      return null;
    },
    takeAll: () => {
      const all = [...marked];
      marked.clear();
      return all;
    },
    seen: (app, version) => {
      const wanted = awaited.get(app);
      // Reads that other events cause while one is waited for anyway use up no patience.
      if (wanted === undefined) return;
      if (version !== null && isAtLeast(version, wanted.version)) {
        awaited.delete(app);
        return;
      }
      if (timers.has(app)) return;
      const wait = patience[wanted.tries];
      // An app that is not there and does not come was announced and deleted.
      if (wait === undefined && version === null) awaited.delete(app);
      if (wait === undefined) return;
      awaited.set(app, { version: wanted.version, tries: wanted.tries + 1 });
      later(app, wait);
    },
    close: () => {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      marked.clear();
      awaited.clear();
    },
  };
}
