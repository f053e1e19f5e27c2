/** One line of the log, before it has a time. */
import type { Because } from '../plan/because.ts';
import { percent } from '../model/weights.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error';

export interface Line {
  readonly level: Level;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function line(level: Level, message: string, fields: Readonly<Record<string, unknown>>): Line {
  return { level, message, fields };
}

/** A reason as two fields. */
export function why({ text, code }: Because): { readonly because: string; readonly code: string } {
  return { because: text, code };
}

/** Shares by app, as people read them. */
export function readable(weights: Readonly<Record<string, number>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(weights).map(([app, share]) => [app, percent(share)]));
}
