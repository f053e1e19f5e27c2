/**
 * Fulfilment: carries out what the planner wishes of Marathon. It is told all wishes in force again and again; what is
 * under way or done is not asked for twice, and what is no longer wished for is let go.
 */
import { backoffMs } from '../marathon/backoff.ts';
import { MarathonError } from '../marathon/errors.ts';
import type { MarathonWriter } from '../marathon/writer.ts';
import { type AppId, type Millis, millis, type ServiceId } from '../model/ids.ts';
import type { Observer } from '../observe/facts.ts';
import type { Wish, WishState } from '../plan/wishes.ts';
import type { Clock } from './clock.ts';

export interface Wished {
  readonly service: ServiceId;
  readonly wish: Wish;
}

export interface Fulfilment {
  /** @param wishes all that are in force; of several about the same app the first counts */
  want(wishes: readonly Wished[]): void;
  /**
   * Of the wishes in force. While what has failed is tried again its state stays `failed`, since the first failure;
   * while what was done is looked after it stays `done`.
   */
  states(): ReadonlyMap<AppId, WishState>;
  /** Cancels what is under way and resolves when nothing is any more. The writer is the caller's to close. */
  close(): Promise<void>;
}

export interface FulfilmentDependencies {
  readonly writer: Pick<MarathonWriter, 'scale' | 'kill' | 'delete'>;
  readonly clock: Clock;
  readonly publish: Observer;
  /** Called when a wish was fulfilled or has failed: the state is another one. */
  readonly wake: () => void;
}

/** Apps at a time. */
const atOnce = 8;
/** The deadline of one write, ms. */
const deadlineMs = 120_000;
/** The snapshot lags; what it does not show after so long, ms, is asked for again. The writer reads before it writes. */
const doneForMs = 30_000;
const backoff = { firstMs: 1000, maxMs: 30_000 };

/** Asking again is of no use for as long as it is the same wish. */
const final: ReadonlySet<string> = new Set(['unsafe', 'unproven', 'not-found', 'refused', 'exists']);

interface Entry {
  readonly service: ServiceId;
  readonly dropped: AbortController;
  wish: Wish;
  outcome: WishState['outcome'];
  since: Millis;
  problem: string | null;
  /** In a row. */
  failures: number;
  /** When to ask; null: not before something else is wished for. */
  dueAt: Millis | null;
}

export function createFulfilment({ writer, clock, publish, wake }: FulfilmentDependencies): Fulfilment {
  /** By app, in the order in which they were first wished for. */
  const wanted = new Map<AppId, Entry>();
  /** At most one write an app, also when that is for a wish that was dropped. */
  const writing = new Map<AppId, Promise<void>>();
  let isClosed = false;

  function want(wishes: readonly Wished[]): void {
    if (isClosed) return;
    const next = firstByApp(wishes);
    for (const [app, entry] of wanted) {
      const wished = next.get(app);
      if (wished !== undefined && isSame(wished.wish, entry.wish)) continue;
      entry.dropped.abort();
      wanted.delete(app);
    }
    for (const [app, { service, wish }] of next) {
      const known = wanted.get(app);
      if (known === undefined) wanted.set(app, fresh(service, wish, clock()));
      else known.wish = wish;
    }
    begin();
  }

  function begin(): void {
    const now = clock();
    for (const [app, entry] of wanted) {
      if (writing.size >= atOnce) return;
      if (writing.has(app) || entry.dueAt === null || entry.dueAt > now) continue;
      writing.set(app, write(app, entry));
    }
  }

  async function write(app: AppId, entry: Entry): Promise<void> {
    try {
      await asked(entry.wish, AbortSignal.any([entry.dropped.signal, AbortSignal.timeout(deadlineMs)]));
      succeeded(entry);
    } catch (error) {
      failed(entry, error);
    }
    writing.delete(app);
    if (isClosed) return;
    begin();
    wake();
  }

  async function asked(wish: Wish, signal: AbortSignal): Promise<void> {
    switch (wish.kind) {
      case 'scale':
        await writer.scale(wish.app, wish.instances, signal);
        break;
      case 'kill':
        await writer.kill(wish.app, wish.tasks, signal);
        break;
      case 'delete':
        await writer.delete(wish.app, signal);
        break;
    }
  }

  /** Also told of what is not wished for any more: it was changed all the same. */
  function succeeded(entry: Entry): void {
    if (entry.outcome !== 'done') {
      publish({ kind: 'wish-fulfilled', service: entry.service, wish: entry.wish });
      turnTo(entry, 'done');
    }
    entry.problem = null;
    entry.failures = 0;
    entry.dueAt = millis(clock() + doneForMs);
  }

  function failed(entry: Entry, error: unknown): void {
    const code = error instanceof MarathonError ? error.code : null;
    // What was let go was most likely not done; what may have been is told.
    if (entry.dropped.signal.aborted && code !== 'uncertain') return;
    const outcome = code !== null && final.has(code) ? 'refused' : 'failed';
    const problem = error instanceof Error ? error.message : String(error);
    if (outcome !== entry.outcome || problem !== entry.problem)
      publish({ kind: 'wish-failed', service: entry.service, wish: entry.wish, outcome, problem });
    turnTo(entry, outcome);
    entry.problem = problem;
    entry.dueAt = outcome === 'refused' ? null : millis(clock() + backoffMs(entry.failures, backoff));
    entry.failures += 1;
  }

  function turnTo(entry: Entry, outcome: WishState['outcome']): void {
    if (entry.outcome !== outcome) entry.since = clock();
    entry.outcome = outcome;
  }

  return {
    want,
    states: () =>
      new Map(
        [...wanted].map(([app, { wish, since, outcome, problem }]) => [
          app,
          { wish, since, outcome, problem },
        ]),
      ),
    async close() {
      isClosed = true;
      for (const { dropped } of wanted.values()) dropped.abort();
      await Promise.all(writing.values());
    },
  };
}

function fresh(service: ServiceId, wish: Wish, now: Millis): Entry {
  return {
    service,
    dropped: new AbortController(),
    wish,
    outcome: 'under-way',
    since: now,
    problem: null,
    failures: 0,
    dueAt: now,
  };
}

function firstByApp(wishes: readonly Wished[]): ReadonlyMap<AppId, Wished> {
  const first = new Map<AppId, Wished>();
  for (const wished of wishes) if (!first.has(wished.wish.app)) first.set(wished.wish.app, wished);
  return first;
}

/** Whether the same is to be done, whatever the reason. */
function isSame(a: Wish, b: Wish): boolean {
  return whatOf(a) === whatOf(b);
}

function whatOf(wish: Wish): string {
  const { because: _, ...what } = wish;
  return JSON.stringify(wish.kind === 'kill' ? { ...what, tasks: wish.tasks.toSorted() } : what);
}
