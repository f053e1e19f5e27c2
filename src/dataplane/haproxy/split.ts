/** The split: one map row per service says which slot each of the 10,000 steps of its counter belongs to. */
import type { SlotName } from '../../model/ids.ts';
import type { BasisPoints } from '../../model/weights.ts';
import type { Weighted } from './state.ts';

/**
 * Multiplied by this and taken modulo 10,000, a counter visits every step once in 10,000 requests and spreads any
 * prefix evenly (10,000 divided by the golden ratio, made coprime to 10,000).
 */
export const stride = 6_181;

/** `8000:a:10000:b`: the first 8,000 steps are a's, the rest b's. Empty when nobody has a share. */
export function splitRow(weights: readonly Pick<Weighted, 'slot' | 'weight'>[]): string {
  const parts: string[] = [];
  let sum = 0;
  for (const { slot, weight } of weights) {
    if (weight <= 0) continue;
    sum += weight;
    parts.push(`${sum}:${slot}`);
  }
  return parts.join(':');
}

/** The inverse of {@link splitRow}; anything else reads as nobody having a share. */
export function parseSplitRow(row: string): ReadonlyMap<SlotName, BasisPoints> {
  const weights = new Map<SlotName, BasisPoints>();
  const fields = row.split(':');
  let before = 0;
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const until = Number(fields[at]);
    weights.set(fields[at + 1] as SlotName, until - before);
    before = until;
  }
  return weights;
}

/** What a rule begins with that sets a variable. */
export type Action = 'http-request' | 'tcp-request content';

/** The rules that choose a slot by a row of up to `pools` entries; a row of one entry costs one comparison. */
export function splitRules(action: Action, pools: number): readonly string[] {
  const rules: string[] = [];
  for (let entry = 0; entry < pools; entry++) {
    const undecided = entry === 0 ? '' : ' !{ var(txn.slot) -m found }';
    rules.push(
      `${action} set-var(txn.slot) var(txn.row),field(${2 * entry + 2},:) if${undecided} { var(txn.row),field(${2 * entry + 1},:),sub(txn.step) gt 0 }`,
    );
  }
  return rules;
}
