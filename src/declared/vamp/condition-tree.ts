/** Builds conditions in their one normal form: no list in a list of its kind, no list of one, nothing denied twice. */
import type { Condition } from './condition.ts';

/** @param operands at least one */
export function joined(kind: 'and' | 'or', operands: readonly Condition[]): Condition {
  const flat = operands.flatMap((operand) => (operand.kind === kind ? operand.operands : [operand]));
  const [only] = flat;
  return only !== undefined && flat.length === 1 ? only : { kind, operands: flat };
}

export function denied(condition: Condition): Condition {
  return condition.kind === 'not' ? condition.operand : { kind: 'not', operand: condition };
}
