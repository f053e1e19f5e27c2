/** The arithmetic of ramps. */
import type { AppId } from '../../model/ids.ts';
import type { BasisPoints } from '../../model/weights.ts';

export type Shares = readonly { readonly app: AppId; readonly weight: BasisPoints }[];

export function same(a: Shares, b: Shares): boolean {
  const weights = new Map(a.map(({ app, weight }) => [app, weight]));
  return a.length === b.length && b.every(({ app, weight }) => weights.get(app) === weight);
}

/**
 * The shares one step on: the one that has the longest way moves by `step`, the others by as much of their way. All are
 * integers, sum to what they did, and none moves by more than `step`.
 */
export function toward(now: Shares, goal: Shares, step: BasisPoints): Shares {
  const wanted = new Map(goal.map(({ app, weight }) => [app, weight]));
  const had = new Map(now.map(({ app, weight }) => [app, weight]));
  const apps = [...new Set([...had.keys(), ...wanted.keys()])];
  const ways = apps.map((app) => (wanted.get(app) ?? 0) - (had.get(app) ?? 0));
  const longest = Math.max(...ways.map(Math.abs));
  if (longest <= step) return goal;
  const moves = ways.map((way) => Math.trunc((way * step) / longest));
  const rests = ways.map((way) => (way * step) % longest);
  let open = -moves.reduce((sum, move) => sum + move, 0);
  // What rounding leaves goes to those who were cut the most, in the direction in which it is missing.
  const order = rests
    .map((rest, index) => ({ index, cut: rest * Math.sign(open) }))
    .filter(({ cut }) => cut > 0)
    .sort((a, b) => b.cut - a.cut || a.index - b.index);
  for (const { index } of order) {
    if (open === 0) break;
    moves[index] = (moves[index] ?? 0) + Math.sign(open);
    open -= Math.sign(open);
  }
  return apps
    .map((app, index) => ({ app, weight: (had.get(app) ?? 0) + (moves[index] ?? 0) }))
    .filter(({ weight }) => weight > 0);
}
