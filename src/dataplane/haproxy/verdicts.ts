/** Remembers what HAProxy said of words that it tried, for as long as that holds. */
import { createHash } from 'node:crypto';
import type { Tried } from './trial.ts';

export interface Verdicts {
  /** What HAProxy says against a text; null when it takes it, undefined when it was never tried. */
  of(text: string): string | null | undefined;
  /** Whether it is to be tried: it was not yet, or what kept HAProxy from an answer may have passed. */
  isDue(text: string): boolean;
  note(text: string, tried: Tried): void;
}

const mostRemembered = 10_000;
const firstPauseMs = 1_000;
const longestPauseMs = 600_000;

interface Verdict {
  readonly why: string | null;
  /** {@link Infinity} when HAProxy said so itself. */
  readonly holdsUntil: number;
  /** Trials in a row without its word. */
  readonly unanswered: number;
}

/** HAProxy's word holds; what it said nothing about is tried again, with growing pauses. */
export function createVerdicts(now: () => number): Verdicts {
  const verdicts = new Map<string, Verdict>();
  return {
    of: (text) => verdicts.get(hashOf(text))?.why,
    isDue: (text) => (verdicts.get(hashOf(text))?.holdsUntil ?? 0) <= now(),
    note(text, { why, isItsWord }) {
      const hash = hashOf(text);
      const unanswered = isItsWord ? 0 : (verdicts.get(hash)?.unanswered ?? 0) + 1;
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (unanswered - 1));
      if (verdicts.size >= mostRemembered && !verdicts.has(hash)) verdicts.clear();
      verdicts.set(hash, { why, holdsUntil: isItsWord ? Infinity : now() + pauseMs, unanswered });
    },
  };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
