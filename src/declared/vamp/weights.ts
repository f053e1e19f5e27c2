/** How Vamp fills in the weights that are not written. */

/**
 * What the written weights leave is split evenly over the others in whole percent; the last of them gets what does not
 * divide. Null when the written ones leave less than nothing.
 */
export function filledWeights(weights: readonly (number | null)[]): readonly number[] | null {
  const missing = weights.filter((weight) => weight === null).length;
  const rest = 100 - weights.reduce<number>((sum, weight) => sum + (weight ?? 0), 0);
  if (missing === 0) return weights.map((weight) => weight ?? 0);
  if (rest < 0) return null;
  const each = Math.floor(rest / missing);
  let left = missing;
  return weights.map((weight) => {
    if (weight !== null) return weight;
    left -= 1;
    return left === 0 ? rest - each * (missing - 1) : each;
  });
}
