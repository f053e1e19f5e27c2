/** Matches: requests with a header or cookie that reach a slot whatever the shares. */
import type { MatchRule } from '../../declared/rollout.ts';
import type { MatchTarget } from '../../plan/target.ts';
import { isToken } from './grammar.ts';
import { mapPath } from './layout.ts';

const longestValue = 1_024;

/** As labels write them: the name is a token (RFC 9110, 5.6.2), the value a line. */
export function isMatchRule({ name, value }: MatchRule): boolean {
  return isToken(name) && value.length > 0 && value.length <= longestValue && value.isWellFormed();
}

/** `h:x-version`, `c:beta`. Names of headers are the same in upper and lower case. */
export function matchName({ kind, name }: MatchRule): string {
  return kind === 'header' ? `h:${name.toLowerCase()}` : `c:${name}`;
}

/**
 * The rows of a service. Whatever stands in the value is written in hexadecimal on both sides; blanks around a header's
 * are not part of it. Of two that match, the first in the order of choice has the lower rank.
 */
export function addMatches(
  service: string,
  matches: readonly MatchTarget[],
  rows: Map<string, string>,
): void {
  for (const [rank, { slot, rule }] of matches.entries()) {
    if (slot === null) continue;
    const value = rule.kind === 'header' ? rule.value.trim() : rule.value;
    const key = `${hex(value)}${keyEnd(matchName(rule))}${service}`;
    if (!rows.has(key)) rows.set(key, `${rank}:${slot}`);
  }
}

/** Whose row that is. */
export function matchService(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

function keyEnd(name: string): string {
  return `/${name.slice(0, 1)}/${hex(name.slice(2))}/`;
}

/** As HAProxy's converter of the same name. */
function hex(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex').toUpperCase();
}

/** The rules of a frontend; a listener of one app is not left. */
export function matchRules(names: readonly string[]): string {
  if (names.length === 0) return '';
  const lines = ['set-var(txn.rank) int(1000000) if !pinned'];
  const better = '{ var(txn.match) -m found } { var(txn.match),field(1,:),sub(txn.rank) lt 0 }';
  for (const name of names) {
    const fetch = `req.${name.startsWith('h:') ? 'fhdr' : 'cook'}(${quoted(name.slice(2))})`;
    lines.push(
      `set-var(txn.match) ${fetch},hex,concat(${keyEnd(name)},txn.service),map_str(${mapPath('match')}) if !pinned`,
      `set-var(txn.matched) var(txn.match),field(2,:) if ${better}`,
      `set-var(txn.rank) var(txn.match),field(1,:),add(0) if ${better}`,
    );
  }
  lines.push('set-var(txn.slot) var(txn.matched) if { var(txn.matched) -m found }');
  return lines.map((line) => `  http-request ${line}\n`).join('');
}

/** HAProxy reads an argument twice, as a word of a line and then by itself; a token may hold quotes, `#` and `$`. */
export function quoted(name: string): string {
  return `"${name}"`.replace(/[^\w-]/g, (character) => `\\x${Buffer.from(character).toString('hex')}`);
}
