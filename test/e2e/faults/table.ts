/** The cases of the table, all of them or a sample, and lanes that play them. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Lane, openLane } from './lane.ts';
import { type FaultName, faultNames, type PhaseName, phaseNames } from './outcomes.ts';
import { play } from './play.ts';

export interface Named {
  readonly phase: PhaseName;
  readonly fault: FaultName;
}

export const allCases: readonly Named[] = phaseNames.flatMap((phase) =>
  faultNames.map((fault) => ({ phase, fault })),
);

export function shuffled<T>(items: readonly T[], chance: () => number): readonly T[] {
  return items
    .map((item) => ({ item, at: chance() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** So many cases, of which no two have the same phase or the same fault. */
export function sampleOf(count: number, chance: () => number): readonly Named[] {
  const faults = shuffled(faultNames, chance);
  return shuffled(phaseNames, chance)
    .slice(0, count)
    .flatMap((phase, index) => {
      const fault = faults[index];
      return fault === undefined ? [] : [{ phase, fault }];
    });
}

export interface Playing {
  readonly lanes: number;
  readonly awayMs: number;
  readonly tell: (line: string) => void;
}

/** @returns what went wrong, case by case */
export async function playAll(
  cases: readonly Named[],
  { lanes, awayMs, tell }: Playing,
): Promise<readonly string[]> {
  const failed: string[] = [];
  const waiting = cases.map((each, index) => ({ ...each, name: `c${index + 1}`, awayMs }));

  async function runLane(): Promise<void> {
    let lane: Lane | null = null;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const begun = performance.now();
      const title = `${next.phase} / ${next.fault}`;
      let outcome = 'well';
      try {
        lane ??= await openLane();
        await play(lane, next);
      } catch (error) {
        outcome = `NOT WELL: ${error instanceof Error ? error.message : String(error)}`;
        failed.push(`${title}: ${outcome}`);
        // The next case begins on a stage that this one has not left half-way.
        await lane?.stage.baton().end();
        lane = null;
      }
      tell(`${title}: ${outcome}, ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    }
  }

  await Promise.all(
    Array.from({ length: lanes }, async (_, index) => {
      // One after the other, so that they do not all begin on a busy machine.
      await pause(index * 1000);
      await runLane();
    }),
  );
  return failed;
}
