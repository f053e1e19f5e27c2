/** The steps of a transition, as they are to be gone. */
import type { Rollout, Step } from '../../declared/rollout.ts';
import { type BasisPoints, whole } from '../../model/weights.ts';

export interface PlannedStep extends Omit<Step, 'weight'> {
  readonly weight: BasisPoints;
}

/** A step without a weight keeps that of the step before; after the last one the new priority has everything. */
export function stepsOf({ steps }: Rollout): readonly PlannedStep[] {
  const planned: PlannedStep[] = [];
  for (const step of steps) {
    const weight = step.weight === null ? (planned.at(-1)?.weight ?? 0) : Math.round(step.weight * 100);
    planned.push({ ...step, weight });
  }
  if (planned.at(-1)?.weight !== whole) {
    planned.push({ weight: whole, holdMs: 0, pause: false, analysis: false });
  }
  return planned;
}

/** Whether the traffic moves at once, so that there is no way between before and after. */
export function isAtOnce(rollout: Rollout): boolean {
  return (
    rollout.strategy === 'switch' && rollout.capacity === 'fixed' && stepsOf(rollout).every(isPassedAtOnce)
  );
}

/** Whether nothing is to be waited for in this step. */
export function isPassedAtOnce({ holdMs, pause, analysis }: PlannedStep): boolean {
  return holdMs === 0 && !pause && !analysis;
}
