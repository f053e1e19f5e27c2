/** The one order in which texts are sorted: by code unit, so that no locale changes an outcome. */

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
