/** Keeps the snapshot fresh: whole lists and reads of single apps, never more of them than needed. */
import type { AppId } from '../model/ids.ts';
import { isHidden } from './app-path.ts';
import { type BackoffRange, backoffMs } from './backoff.ts';
import { errorOfTransport, MarathonError } from './errors.ts';
import type { EventMeaning } from './events.ts';
import type { Intake } from './intake.ts';
import { createQueue } from './queue.ts';
import type { Rest } from './rest.ts';
import type { Snapshot } from './snapshot.ts';
import type { MarathonNotice, ResyncReason } from './watch.ts';

/** More marked apps than this are read as one list, and of many apps more than this share: a list costs what there is. */
const many = { apps: 20, share: 1 / 8 };
/** Single apps read at a time. */
const parallel = 6;

export interface SyncOptions {
  readonly rest: Rest;
  readonly intake: Intake;
  readonly snapshot: Snapshot;
  /** How long a list is good, in ms; asked after each. */
  readonly resyncMs: () => number;
  /** Waits after failed reads. */
  readonly backoff: BackoffRange;
  readonly notify: (notice: MarathonNotice) => void;
  /** Called after each read: with what it failed, or null; and whether the snapshot changed, or was complete for the first time. */
  readonly onRead: (failure: MarathonError | null, whole: boolean, changed: boolean) => void;
}

export interface Sync {
  /** Reads the whole list as soon as no other list is being read. */
  requestList(reason: ResyncReason): void;
  /** Lists are good for less long than when the last one came: the next one comes accordingly soon. */
  hurry(): void;
  /** Reads what an event is about. */
  follow(meaning: EventMeaning): void;
  /** Reads that are asked for or in flight; 0 when everything that was heard of has been looked at. */
  pending(): number;
  /** Stops reading; resolves when nothing is in flight. */
  stop(): Promise<void>;
}

export function createSync(options: SyncOptions): Sync {
  const { rest, intake, snapshot, notify, onRead } = options;
  const stopping = new AbortController();
  const queue = createQueue(pumpSoon);
  const inFlight = new Map<AppId, Promise<void>>();
  let listInFlight: Promise<void> | null = null;
  let wanted: ResyncReason | null = null;
  let listedOnce = false;
  let failures = 0;
  let listTimer: NodeJS.Timeout | null = null;
  let repairTimer: NodeJS.Timeout | null = null;
  let held = false;
  let pumping = false;

  /** Work starts after the events of one chunk have all been looked at. */
  function pumpSoon(): void {
    if (pumping || stopping.signal.aborted) return;
    pumping = true;
    setImmediate(() => {
      pumping = false;
      pump();
    });
  }

  function pump(): void {
    if (stopping.signal.aborted) return;
    if (queue.size() > Math.max(many.apps, snapshot.size() * many.share)) wanted ??= 'event';
    if (wanted !== null && listInFlight === null && !held) {
      const reason = wanted;
      wanted = null;
      listInFlight = readList(reason).finally(() => {
        listInFlight = null;
        pumpSoon();
      });
    }
    // Before the first list a single app would look like the whole of Marathon.
    if (!listedOnce || wanted !== null) return;
    while (inFlight.size < parallel) {
      const app = queue.take((each) => !inFlight.has(each));
      if (app === null) return;
      const reading = readApp(app).finally(() => {
        inFlight.delete(app);
        pumpSoon();
      });
      inFlight.set(app, reading);
    }
  }

  async function readList(reason: ResyncReason): Promise<void> {
    if (listTimer !== null) clearTimeout(listTimer);
    const start = performance.now();
    // What was marked so far is in the list, which begins later.
    const covered = queue.takeAll();
    const read = snapshot.begin();
    try {
      const taken = await intake.takeList(await rest.apps(stopping.signal), stopping.signal);
      const before = snapshot.cluster().apps;
      const changed = taken.whole
        ? snapshot.replace(taken.apps, taken.unreadable, read)
        : snapshot.put(taken.apps, read);
      const after = snapshot.cluster().apps;
      // Also what this list still had and a later read has found gone.
      for (const id of [...before.keys(), ...taken.apps.keys()]) if (!after.has(id)) intake.forget(id);
      for (const id of covered) queue.seen(id, after.get(id)?.version ?? null);
      failures = 0;
      const first = !listedOnce;
      listedOnce = true;
      let tasks = 0;
      for (const app of after.values()) tasks += app.tasks.length;
      notify({ kind: 'synced', reason, apps: after.size, tasks, durationMs: performance.now() - start });
      onRead(null, true, changed || first);
      listWhenOld();
    } catch (error) {
      if (stopping.signal.aborted) return;
      for (const id of covered) queue.mark(id);
      fail(reason, null, error);
      const wait = Math.min(backoffMs(failures, options.backoff), options.resyncMs());
      failures += 1;
      listLater(reason, wait, true);
    }
  }

  function listWhenOld(): void {
    listLater('periodic', options.resyncMs() * (0.9 + 0.2 * Math.random()), false);
  }

  function listLater(reason: ResyncReason, ms: number, hold: boolean): void {
    if (stopping.signal.aborted) return;
    if (listTimer !== null) clearTimeout(listTimer);
    held = hold;
    listTimer = setTimeout(() => {
      held = false;
      requestList(reason);
    }, ms);
  }

  function requestList(reason: ResyncReason): void {
    // A periodic read adds nothing to one that is wanted anyway; a reconnection releases a list that waits.
    if (wanted === null || wanted === 'periodic' || wanted === 'event') wanted = reason;
    if (reason === 'reconnect' || reason === 'start') held = false;
    pumpSoon();
  }

  async function readApp(id: AppId): Promise<void> {
    const read = snapshot.begin();
    try {
      const app = await intake.takeOne(id, await rest.app(id, stopping.signal), stopping.signal);
      queue.seen(id, app.version);
      const changed = snapshot.put(new Map([[id, app]]), read);
      // A list that began later may have found it gone.
      if (snapshot.app(id) === null) intake.forget(id);
      onRead(null, false, changed);
    } catch (error) {
      if (stopping.signal.aborted) return;
      if (error instanceof MarathonError && error.code === 'not-found') {
        const changed = snapshot.put(new Map([[id, null]]), read);
        if (snapshot.app(id) === null) intake.forget(id);
        queue.seen(id, null);
        onRead(null, false, changed);
        return;
      }
      // A list is asked for instead: it backs off by itself, and covers whatever else fails meanwhile.
      fail('event', id, error);
      listAfterFailure();
    }
  }

  function listAfterFailure(): void {
    if (repairTimer !== null || stopping.signal.aborted) return;
    repairTimer = setTimeout(
      () => {
        repairTimer = null;
        requestList('event');
      },
      backoffMs(0, options.backoff),
    );
  }

  function fail(reason: ResyncReason, app: AppId | null, error: unknown): void {
    const failure = errorOfTransport(error, 'Marathon');
    notify({ kind: 'sync-failed', reason, app, error: failure });
    onRead(failure, false, false);
  }

  return {
    requestList,
    hurry: () => {
      // What failed comes soon enough by itself, and so does what is being read.
      if (listedOnce && listInFlight === null && !held) listWhenOld();
    },
    follow: ({ hints, changed }) => {
      queue.add(hints.filter(({ app }) => !isHidden(app)));
      if (hints.some(({ app }) => isHidden(app))) requestList('event');
      if (changed) queue.markAwaited();
    },
    pending: () =>
      queue.pending() + inFlight.size + (listInFlight === null ? 0 : 1) + (wanted === null ? 0 : 1),
    stop: async () => {
      stopping.abort();
      if (listTimer !== null) clearTimeout(listTimer);
      if (repairTimer !== null) clearTimeout(repairTimer);
      queue.close();
      await Promise.all([listInFlight, ...inFlight.values()]);
    },
  };
}
