/** The pace of the loop: which turns are about everything, and how long it rests between turns. */
import type { Millis } from '../model/ids.ts';

/** How often all of the data plane is asked although nothing woke the loop: it marks dead servers down by itself. */
export const restMs = 1000;
/** With many services that takes a while; then it is done more rarely, to leave time for what has changed. */
const rest = { timesAsLong: 40, mostMs: 10_000 };
/** The same while a check or a drain is awaited; at least as long as a turn takes, so that half of a core stays free. */
const watchMs = 50;
const backoffMs = { first: 100, most: 5000 };

export interface Pace {
  /** The next turn is to be about everything, also when one is under way. */
  askWhole(): void;
  /** Whether the turn that begins now is about everything. What was asked for until now is granted by that. */
  isWhole(now: Millis): boolean;
  /** A turn about everything has ended, for which it took `lookMs` to look around. */
  wholeDone(now: Millis, lookMs: number): void;
  /**
   * How long to rest after a turn.
   * @param turnMs how long the turn took
   * @param wakeAts when something is due
   */
  pauseMs(now: Millis, turnMs: number, isAwaiting: boolean, wakeAts: readonly Millis[]): number;
}

export function createPace(): Pace {
  let isAsked = true;
  let wholeAt = 0;
  return {
    askWhole() {
      isAsked = true;
    },
    isWhole(now) {
      const isDue = isAsked || now >= wholeAt;
      isAsked = false;
      return isDue;
    },
    wholeDone(now, lookMs) {
      wholeAt = now + Math.min(rest.mostMs, Math.max(restMs, lookMs * rest.timesAsLong));
    },
    pauseMs(now, turnMs, isAwaiting, wakeAts) {
      if (isAsked) return 0;
      const next = isAwaiting ? Math.max(watchMs, turnMs) : restMs;
      return Math.max(0, Math.min(restMs, next, wholeAt - now, ...wakeAts.map((at) => at - now)));
    },
  };
}

/** The wait, ms, after so many failures in a row, of which there is at least one. */
export function backoffAfter(failures: number): number {
  return Math.min(backoffMs.most, backoffMs.first * 2 ** (failures - 1));
}
