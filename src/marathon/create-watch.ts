/** The Marathon client as the controller sees it: the stream says when to look, REST says what is so. */
import { emptyCluster } from '../model/app.ts';
import type { Millis } from '../model/ids.ts';
import { createAccess, openAccess } from './access.ts';
import { rotation } from './address.ts';
import { type BackoffRange, backoffMs, pause } from './backoff.ts';
import type { MarathonError } from './errors.ts';
import { meaningOf } from './events.ts';
import { createHttp } from './http.ts';
import { createIntake } from './intake.ts';
import { createRest } from './rest.ts';
import { createSnapshot } from './snapshot.ts';
import { followStream } from './stream.ts';
import { createSync } from './sync.ts';
import { withdrawalOf } from './withdrawals.ts';
import type { MarathonStatus, MarathonWatch, MarathonWatchOptions } from './watch.ts';

/** What tests make small. */
export interface WatchTuning {
  /** Waits between attempts to open the stream, and after failed reads. */
  readonly backoff: BackoffRange;
  /** A stream that lived this long (ms) was a good one: the next attempt waits the shortest time again. */
  readonly goodAfterMs: number;
  /** Without a stream all apps are read again at least this often, in ms. */
  readonly deafMs: number;
  /** The largest answer that is read, in bytes. */
  readonly maxBytes: number;
  /** The largest event that is understood, in bytes; a larger one means a whole read. */
  readonly maxEventBytes: number;
}

const defaultTuning: WatchTuning = {
  backoff: { firstMs: 1000, maxMs: 30_000 },
  goodAfterMs: 10_000,
  deafMs: 10_000,
  maxBytes: 256 * 1024 * 1024,
  maxEventBytes: 16 * 1024 * 1024,
};

/**
 * A watch on the Marathon behind these addresses; it does nothing before `run`.
 * @throws MarathonError `bad-address` when no address was given, or one cannot be read
 */
export function createMarathonWatch(
  options: MarathonWatchOptions,
  tuning: WatchTuning = defaultTuning,
): MarathonWatch {
  const { clock, wake, notify } = options;
  const addresses = rotation(options.urls);
  const snapshot = createSnapshot();
  let connected = false;
  let syncedAt: Millis | null = null;
  let heardAt: Millis | null = null;
  let streamTrouble: string | null = 'the event stream of Marathon has not been opened yet';
  let readTrouble: string | null = null;
  let failingSince: Millis | null = null;
  let rereadList = (): void => {};
  let pending = (): number => 0;

  function heard(): void {
    heardAt = clock();
  }

  /** The stream's trouble first: when Marathon is away, both have the same. */
  function status(): MarathonStatus {
    const trouble = streamTrouble ?? readTrouble;
    return { connected, syncedAt, heardAt, failingSince, trouble, pending: pending() };
  }

  function change(update: () => void, isNews = false): void {
    const before = status();
    update();
    const after = status();
    if (isNews || before.connected !== after.connected || before.trouble !== after.trouble) wake();
  }

  /** The one thing that an event does by itself, because it can only make things safer. */
  function takeOut(type: string, data: string): void {
    const withdrawal = withdrawalOf(type, data, (id) => snapshot.app(id));
    if (withdrawal === null || !snapshot.withdraw(withdrawal.app, withdrawal.tasks)) return;
    options.withdraw?.(withdrawal.app, withdrawal.tasks);
    wake();
  }

  async function run(signal: AbortSignal): Promise<void> {
    const access = createAccess(options.access ?? openAccess, options.requestTimeoutMs, signal);
    const http = createHttp({
      addresses,
      access,
      timeoutMs: options.requestTimeoutMs,
      maxBytes: tuning.maxBytes,
      onRequest: (route, outcome, durationMs) => {
        // What a proxy says in Marathon's place is no sign of its life.
        if (outcome === 'ok' || outcome === 'not-found') heard();
        notify({ kind: 'request', route, outcome, durationMs });
      },
    });
    const rest = createRest(http);
    const intake = createIntake({
      rest,
      previous: (id) => snapshot.app(id),
      clock,
      timeoutMs: options.requestTimeoutMs,
      onRejected: (app, problem) => notify({ kind: 'rejected', app, problem }),
    });
    const sync = createSync({
      rest,
      intake,
      snapshot,
      resyncMs: () => (connected ? options.resyncMs : Math.min(options.resyncMs, tuning.deafMs)),
      backoff: tuning.backoff,
      notify,
      onRead: (failure, whole, changed) => {
        if (whole) syncedAt = clock();
        change(() => {
          // A good read of one app does not make up for a list that failed.
          if (whole) readTrouble = failingSince = null;
          if (failure === null) return;
          readTrouble = failure.message;
          failingSince ??= clock();
        }, changed);
      },
    });

    rereadList = () => sync.requestList('doubt');
    pending = () => sync.pending();
    let opened = 0;
    let attempt = 0;
    let tried = 0;
    while (!signal.aborted) {
      const address = addresses.current();
      let since: number | null = null;
      const reason: MarathonError = await followStream(
        {
          address,
          access,
          idleMs: options.idleMs,
          timeoutMs: options.requestTimeoutMs,
          onOpen: () => {
            since = performance.now();
            heard();
            notify({ kind: 'connected', url: address.base });
            change(() => {
              connected = true;
              streamTrouble = null;
            });
            // Subscribe first, then list: what happens in between is in the list or among the events.
            sync.requestList(opened === 0 ? 'start' : 'reconnect');
            opened += 1;
          },
          onBytes: heard,
          onEvent: (type, data) => {
            notify({ kind: 'event', eventType: type });
            takeOut(type, data);
            sync.follow(meaningOf(type, data));
          },
          maxEventBytes: tuning.maxEventBytes,
          onOversize: () => sync.requestList('event'),
        },
        signal,
      );
      if (signal.aborted) break;
      const lived = since === null ? 0 : performance.now() - since;
      notify({ kind: 'disconnected', url: address.base, reason: reason.message });
      change(() => {
        connected = false;
        streamTrouble = reason.message;
      });
      // Where only the stream is refused, lists alone have to do.
      if (syncedAt === null) sync.requestList('start');
      else sync.hurry();
      addresses.giveUp(address);
      if (lived >= tuning.goodAfterMs) attempt = 0;
      tried = since === null ? tried + 1 : 0;
      // The other addresses are tried at once; only then is there something to wait for.
      if (tried % addresses.count !== 0) continue;
      await pause(backoffMs(attempt, tuning.backoff), signal);
      attempt += 1;
    }
    connected = false;
    await sync.stop();
    await http.close();
  }

  return {
    snapshot: () => (syncedAt === null ? emptyCluster : snapshot.cluster()),
    status,
    reread: () => rereadList(),
    run,
  };
}
