/** Conditions: what may stand in one, and the rows that say which slot those who meet it are led to. */
import { createHash } from 'node:crypto';
import type { Condition } from '../../declared/vamp/condition.ts';
import type { ConditionTarget } from '../../plan/target.ts';
import { isToken } from './grammar.ts';

const longestValue = 1_024;
const mostNodes = 1_000;
const deepest = 100;

/**
 * Whether it can be put to HAProxy: of a size that a request can bear, and with nothing in it that no header holds.
 * @param takes whether HAProxy takes what is written in its own words
 */
export function isCondition(condition: Condition, takes: (acl: string) => boolean): boolean {
  return nodesIn(condition, takes, deepest) <= mostNodes;
}

/** Infinite when one of them is not well. */
function nodesIn(condition: Condition, takes: (acl: string) => boolean, depth: number): number {
  if (depth === 0) return Number.POSITIVE_INFINITY;
  if (condition.kind === 'not') return 1 + nodesIn(condition.operand, takes, depth - 1);
  if (!('operands' in condition)) return isLeaf(condition, takes) ? 1 : Number.POSITIVE_INFINITY;
  let nodes = condition.operands.length === 0 ? Number.POSITIVE_INFINITY : 1;
  for (const operand of condition.operands) {
    if (nodes <= mostNodes) nodes += nodesIn(operand, takes, depth - 1);
  }
  return nodes;
}

/** A condition that asks one thing. */
export type Leaf = Exclude<Condition, { readonly kind: 'and' | 'or' | 'not' }>;

function isLeaf(leaf: Leaf, takes: (acl: string) => boolean): boolean {
  if (leaf.kind === 'raw') return takes(leaf.acl);
  if ('name' in leaf && !isToken(leaf.name)) return false;
  return !('value' in leaf) || isText(leaf.value);
}

function isText(value: string): boolean {
  return value.length > 0 && value.length <= longestValue && value.isWellFormed() && !/\p{Cc}/u.test(value);
}

/** Short, and the same on every machine: what is equal has one name, whatever services ask it. */
export function digestOf(condition: Condition): string {
  return createHash('sha256')
    .update(JSON.stringify(canonical(condition)))
    .digest('hex')
    .slice(0, 16);
}

/** Without what the order of an object's keys says. */
function canonical(condition: Condition): readonly unknown[] {
  if (condition.kind === 'not') return ['not', canonical(condition.operand)];
  if ('operands' in condition) return [condition.kind, ...condition.operands.map(canonical)];
  return [
    condition.kind,
    'name' in condition ? condition.name : '',
    'value' in condition ? condition.value : 'acl' in condition ? condition.acl : '',
  ];
}

/** `app1/0123456789abcdef`. */
export function conditionKey(service: string, condition: Condition): string {
  return `${service}/${digestOf(condition)}`;
}

/** `50:b`: of a hundred who meet it, fifty are led to b. Without a row nobody is. */
export function addConditions(
  service: string,
  conditions: readonly ConditionTarget[],
  rows: Map<string, string>,
): void {
  for (const { slot, condition, strength } of conditions) {
    const key = conditionKey(service, condition);
    if (slot !== null && !rows.has(key)) rows.set(key, `${strength}:${slot}`);
  }
}

/** Whether two services are asked about the same, in the same order; where that leads is not looked at. */
export function sameConditions(
  a: { readonly conditions: readonly ConditionTarget[] } | undefined,
  b: { readonly conditions: readonly ConditionTarget[] } | undefined,
): boolean {
  const asked = (each: typeof a) => each?.conditions.map(({ condition }) => digestOf(condition)).join() ?? '';
  return asked(a) === asked(b);
}

/** Whose row that is. */
export function conditionService(key: string): string {
  return key.slice(0, key.lastIndexOf('/'));
}
