/** Lets HAProxy say what it has against a configuration that is not to run. */
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

/** What takes HAProxy longer than that is not waited for. */
const patienceMs = 10_000;

let files = 0;

/** Tries one configuration, as HAProxy does before it loads one. */
export async function tryOut(where: Where, configuration: string, signal: AbortSignal): Promise<Tried> {
  const place = where();
  if (place === null) return { why: 'HAProxy does not run', isItsWord: false };
  files += 1;
  const file = `trial-${files}.check`;
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
}

/** Of each complaint the line of the configuration that it is about, from 1; null when it names none. */
export function complaintsIn(
  why: string,
): readonly { readonly line: number | null; readonly words: string }[] {
  return why
    .split('\n')
    .map((words) => ({ words, line: Number(/^parsing \[[^\]]*:(\d+)\]/.exec(words)?.[1] ?? 0) || null }));
}
