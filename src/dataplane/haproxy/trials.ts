/** Lets HAProxy try words in a configuration of its own, and remembers what came of it for as long as that holds. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DataPlaneError } from '../errors.ts';
import { validate } from './binary.ts';
import { remove, writeAtomically } from './files.ts';
import type { Layout } from './layout.ts';

/** The program, and the directory that it runs in; null as long as nothing runs. */
export type Where = () => { readonly binary: string; readonly layout: Layout } | null;

/** What came of one trial. */
export interface Tried {
  /** Null: HAProxy takes the words. */
  readonly why: string | null;
  /** Whether HAProxy said so; else it said nothing, for a reason that may pass. */
  readonly isItsWord: boolean;
}

export type Try = (configuration: string, signal: AbortSignal) => Promise<Tried>;

/** HAProxy is given so long. */
const patienceMs = 10_000;

/** @param name what the files are called, of which each trial has one */
export function createTrials(where: Where, name: string): Try {
  let files = 0;
  return async (configuration, signal) => {
    const place = where();
    if (place === null) return { why: 'HAProxy does not run', isItsWord: false };
    files += 1;
    const file = `${name}-${files}.check`;
    const path = join(place.layout.dir, file);
    await writeAtomically(path, configuration);
    const patience = AbortSignal.timeout(patienceMs);
    try {
      const limit = AbortSignal.any([signal, patience]);
      return { why: await validate(place.binary, place.layout.dir, [file], limit), isItsWord: true };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DataPlaneError)) throw error;
      const why = patience.aborted ? `no answer within ${patienceMs / 1000} s` : error.message;
      return { why, isItsWord: false };
    } finally {
      await remove(path);
    }
  };
}

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
