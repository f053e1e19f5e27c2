/** The bad days that are on: set, listed and cleared; each ends by itself when it says how long it lasts. */
import { notFound } from './api-error.ts';
import { type Fault, type FaultKind, type FaultOf, type FaultOrder, parseFault } from './faults-schema.ts';
import { randomFrom } from './random.ts';
import type { Timers } from './timers.ts';

/** A fault that is on, as the control API shows it. */
export type ListedFault = Fault & { readonly id: string; readonly seed: number; readonly endsInMs?: number };

export interface Faults {
  /** Sets a fault; one of the same name ends. @returns its name @throws ApiError 400 for what makes no sense */
  set(order: FaultOrder): string;
  /** Ends the fault of this name, or all of them. @throws ApiError 404 when there is none of this name */
  clear(id?: string): void;
  list(): readonly ListedFault[];
}

export interface ActiveFault<K extends FaultKind = FaultKind> {
  readonly fault: FaultOf<K>;
  readonly seed: number;
  /** Its next chance, from 0 up to 1. */
  readonly random: () => number;
}

export interface FaultRegistry extends Faults {
  /** The faults of a kind that are on, oldest first. */
  active<K extends FaultKind>(kind: K): readonly ActiveFault<K>[];
  /** Calls `on` when a fault begins, and what that returns when it ends. */
  when<K extends FaultKind>(kind: K, on: (fault: FaultOf<K>) => () => void): void;
}

interface Entry extends ActiveFault {
  readonly endsAt: number | null;
  readonly end: () => void;
}

/** `seed` is for faults that name none of their own. */
export function createFaults(options: { readonly seed: number; readonly timers: Timers }): FaultRegistry {
  const entries = new Map<string, Entry>();
  const watchers = new Map<FaultKind, ((fault: Fault) => () => void)[]>();

  function end(id: string): void {
    const entry = entries.get(id);
    if (entry === undefined) return;
    entries.delete(id);
    entry.end();
  }

  return {
    set(order) {
      const fault = parseFault(order);
      const id = fault.id ?? fault.kind;
      end(id);
      const seed = fault.seed ?? options.seed;
      const cancel = fault.forMs === undefined ? () => {} : options.timers.after(fault.forMs, () => end(id));
      const ends: (() => void)[] = [cancel];
      const endsAt = fault.forMs === undefined ? null : performance.now() + fault.forMs;
      entries.set(id, {
        fault,
        seed,
        random: randomFrom(seed),
        endsAt,
        end: () => ends.forEach((each) => each()),
      });
      for (const on of watchers.get(fault.kind) ?? []) ends.push(on(fault));
      return id;
    },
    clear(id) {
      if (id === undefined) {
        for (const each of entries.keys()) end(each);
        return;
      }
      if (!entries.has(id)) throw notFound(`Fault '${id}' is not set`);
      end(id);
    },
    list: () =>
      [...entries].map(([id, { fault, seed, endsAt }]) => ({
        ...fault,
        id,
        seed,
        ...(endsAt === null ? {} : { endsInMs: Math.max(0, Math.round(endsAt - performance.now())) }),
      })),
    active: <K extends FaultKind>(kind: K) =>
      [...entries.values()].filter((entry) => entry.fault.kind === kind) as unknown as ActiveFault<K>[],
    when: <K extends FaultKind>(kind: K, on: (fault: FaultOf<K>) => () => void) => {
      watchers.set(kind, [...(watchers.get(kind) ?? []), on as unknown as (fault: Fault) => () => void]);
    },
  };
}

/** Runs `deed` now and, when it is to be repeated, every so often (ms). @returns what ends that */
export function repeat(timers: Timers, everyMs: number | undefined, deed: () => void): () => void {
  let cancel = (): void => {};
  function turn(): void {
    // The next turn first: a deed that fails must not end the row.
    if (everyMs !== undefined) cancel = timers.after(everyMs, turn);
    deed();
  }
  turn();
  return () => cancel();
}
