/** Whose declaration counts, where several pools of one priority take over together. */
import type { AssessedPool } from '../assess.ts';
import { stepsOf } from './steps.ts';

/** The pool whose declaration says how the new ones take over: the one that asks for the most steps. */
export function leadOf(fresh: readonly AssessedPool[]): AssessedPool | undefined {
  const care = ({ pool: { rollout } }: AssessedPool) =>
    stepsOf(rollout).length + (rollout.strategy === 'rolling' || rollout.capacity === 'match' ? 1000 : 0);
  return [...fresh].sort((a, b) => care(b) - care(a) || (a.pool.app < b.pool.app ? -1 : 1))[0];
}
