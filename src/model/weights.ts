/** Shares of traffic: integers in basis points, so that they sum to a whole without rounding drift. */
import type { Millis } from './ids.ts';

/** A share of a service's traffic, 0 to 10,000; 10,000 is all of it, 1 is 0.01 %. */
export type BasisPoints = number;

export const whole: BasisPoints = 10_000;

/**
 * Splits `total` in proportion to the weights by largest remainder: the parts are integers and sum to `total`
 * exactly. Ties go to the earlier entry. With all weights 0 everybody gets an equal part; no entry, no part.
 */
export function shares(weights: readonly number[], total: BasisPoints = whole): readonly BasisPoints[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  if (weights.length === 0) return [];
  if (sum <= 0)
    return shares(
      weights.map(() => 1),
      total,
    );
  const exact = weights.map((weight) => (weight / sum) * total);
  const parts = exact.map((value) => Math.floor(value + 1e-9));
  let rest = total - parts.reduce((a, b) => a + b, 0);
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value - (parts[index] ?? 0) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of byRemainder) {
    if (rest <= 0) break;
    parts[index] = (parts[index] ?? 0) + 1;
    rest -= 1;
  }
  return parts;
}

/** A share as people read it: `100 %`, `33.33 %`, `0.01 %`. */
export function percent(share: BasisPoints): string {
  return `${Number((share / 100).toFixed(2))} %`;
}

/** The earlier of two instants, where null is never. */
export function earlier(a: Millis | null, b: Millis | null): Millis | null {
  if (a === null) return b;
  if (b === null) return a;
  return a < b ? a : b;
}
