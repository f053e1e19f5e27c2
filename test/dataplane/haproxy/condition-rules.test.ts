/** Conditions in the configuration: what they grow to, and what they share. */
import { expect, test } from 'vitest';
import { conditionRules } from '../../../src/dataplane/haproxy/condition-rules.ts';
import { addConditions, conditionService, digestOf } from '../../../src/dataplane/haproxy/condition.ts';
import type { Condition } from '../../../src/declared/vamp/condition.ts';
import type { SlotName } from '../../../src/model/ids.ts';

const has = (name: string): Condition => ({ kind: 'has-header', name });
const rulesOf = (condition: Condition) =>
  conditionRules([{ service: 'app', conditions: [condition] }]).split('\n');

/** Alternating `and` and `or` of two, with a `not` at each level: what a form without parentheses doubles at each. */
function nested(depth: number): Condition {
  return Array.from({ length: depth }).reduce<Condition>(
    (inner, _, at) => ({
      kind: 'not',
      operand: { kind: at % 2 === 0 ? 'and' : 'or', operands: [inner, has(`n${at}`)] },
    }),
    has('innermost'),
  );
}

test('what is nested grows by a few lines a level, and what is long by one a word', () => {
  const [one, two, four] = [16, 32, 64].map((depth) => rulesOf(nested(depth)).length) as [
    number,
    number,
    number,
  ];
  expect(four - two).toBe(2 * (two - one));
  expect((two - one) / 16).toBeLessThan(5);
  for (const kind of ['and', 'or'] as const) {
    const operands = Array.from({ length: 64 }, (_, at) => has(`n${at}`));
    const rules = rulesOf({ kind, operands });
    expect(rules.length).toBeLessThan(3 * operands.length);
    // HAProxy takes 64 words in a line.
    for (const rule of rules) expect(rule.split(' ').length).toBeLessThan(50);
  }
});

test('what is asked twice is one ACL, whoever asks it', () => {
  const conditions: Condition[] = [
    { kind: 'and', operands: [has('a'), has('b')] },
    { kind: 'or', operands: [has('b'), { kind: 'not', operand: has('a') }] },
  ];
  const text = conditionRules([
    { service: 'one', conditions },
    { service: 'two', conditions: conditions.slice(1) },
  ]);
  expect(text.match(/acl is-/g)).toHaveLength(2);
  expect(text.match(/set-var\(txn\.met\) /g)).toHaveLength(3);
  expect(conditionRules([])).toBe('');
});

test('a name is the same however the condition was written down', () => {
  const one: Condition = { kind: 'header', name: 'x', value: 'y' };
  expect(digestOf({ value: 'y', name: 'x', kind: 'header' })).toBe(digestOf(one));
  const others: Condition[] = [
    { kind: 'cookie', name: 'x', value: 'y' },
    { kind: 'header', name: 'y', value: 'x' },
    { kind: 'not', operand: one },
    { kind: 'and', operands: [one] },
    { kind: 'or', operands: [one] },
    { kind: 'raw', acl: 'y' },
    { kind: 'host', value: 'y' },
  ];
  expect(new Set([one, ...others].map(digestOf)).size).toBe(others.length + 1);
});

test('of two that ask the same, the first that leads somewhere has the row', () => {
  const rows = new Map<string, string>();
  const led = (slot: string | null, strength: number) => ({
    slot: slot as SlotName | null,
    condition: has('a'),
    strength,
  });
  addConditions('one', [led(null, 1)], rows);
  expect([...rows]).toEqual([]);
  addConditions('one', [led(null, 1), led('b', 2), led('a', 3)], rows);
  expect([...rows.values()]).toEqual(['2:b']);
  expect([...rows.keys()].map(conditionService)).toEqual(['one']);
});
