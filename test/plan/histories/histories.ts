/** Random histories of the planner: whatever happens, what must hold holds after every turn. */
import fc from 'fast-check';
import { checkAtRest } from './at-rest.ts';
import { happen, history, type History } from './happenings.ts';
import { checkServices } from './invariants.ts';
import { Stage, type Turned } from './stage.ts';
import { checkAlone, checkSettled } from './together.ts';

/** @returns how many turns there were */
export async function assertHistories(numRuns: number, seed: number): Promise<number> {
  let turns = 0;
  const watch = async (turned: Turned): Promise<void> => {
    turns += 1;
    checkServices(turned);
    checkSettled(turned);
    checkAtRest(turned);
    await checkAlone(turned);
  };
  await fc.assert(
    fc.asyncProperty(history, (one) => playHistory(one, watch)),
    { numRuns, seed },
  );
  return turns;
}

/** Throws at the first turn after which something does not hold. */
export async function playHistory(
  { settings, happenings }: History,
  watch: (turned: Turned) => Promise<void> | void,
): Promise<void> {
  const stage = new Stage(settings, watch);
  for (const { afterMs, happening } of happenings) {
    await stage.pass(afterMs);
    await happen(stage, happening);
  }
  await stage.pass(100_000);
}
