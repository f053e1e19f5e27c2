/** Reads the algorithm by which requests are spread: HAProxy's, of which Baton has those whose weights it can change. */
import { say } from '../report.ts';
import type { Balance } from '../types.ts';
import { nameIn, read, type Scope, textOf } from './fields.ts';
import { portLabels } from './port-labels.ts';

const exact: readonly Balance[] = ['roundrobin', 'leastconn', 'source'];

/** What comes nearest to those that Baton has not: a hash of anything keeps clients where they are, as `source` does. */
const near: readonly (readonly [RegExp, Balance])[] = [
  [/^(?:static-rr|first|random(?:\(\d{1,4}\))?)$/, 'roundrobin'],
  [/^(?:uri|url_param|hdr\([A-Za-z0-9-]+\)|rdp-cookie(?:\([A-Za-z0-9_-]+\))?)(?: [a-z0-9_ -]+)?$/i, 'source'],
];

export function readBalance(scope: Scope): Balance {
  const row = portLabels.BALANCE;
  const balance = read(scope, row, balanceOf) ?? 'roundrobin';
  const text = textOf(scope, row);
  if (text !== null && isNear(text)) {
    const details = { wanted: text.trim(), balance, known: exact.join(', ') };
    say(scope.report, 'balance-approximated', nameIn(scope, row), text, details);
  }
  return balance;
}

/** The algorithm of that name, or what comes nearest; null when HAProxy has none such. */
export function balanceOf(text: string): Balance | null {
  const word = text.length > 200 ? '' : text.trim();
  const same = exact.find((each) => each === word);
  return same ?? near.find(([pattern]) => pattern.test(word))?.[1] ?? null;
}

function isNear(text: string): boolean {
  return text.length <= 200 && near.some(([pattern]) => pattern.test(text.trim()));
}
