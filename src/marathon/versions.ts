/** Marathon's versions are ISO times; these compare them. */
import { type Millis, millis } from '../model/ids.ts';

/** Whether version `a` is `b` or a later one. Times are compared as times, whatever number of decimals they have. */
export function isAtLeast(a: string, b: string): boolean {
  const [left, right] = [Date.parse(a), Date.parse(b)];
  return Number.isNaN(left) || Number.isNaN(right) ? a >= b : left >= right;
}

/** An ISO time as ms since the epoch; null when there is none or it cannot be read. */
export function instant(iso: string | null): Millis | null {
  if (iso === null) return null;
  const parsed = Date.parse(iso);
  return Number.isNaN(parsed) ? null : millis(parsed);
}
