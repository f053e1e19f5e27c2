/** Compiles conditions for a frontend: an ACL for each thing that is asked, a variable for each `and` and `or`. */
import type { Condition } from '../../declared/vamp/condition.ts';
import { conditionKey, digestOf, type Leaf } from './condition.ts';
import { mapPath } from './layout.ts';
import { quoted } from './match.ts';

/** The conditions that a service is asked about, in order of choice. */
export interface Conditioned {
  readonly service: string;
  readonly conditions: readonly Condition[];
}

/**
 * Multiplied by this and taken modulo 100, a counter visits every step once in 100 requests. It counts those who meet
 * one condition, and is none of the split's.
 */
const drawStride = 61;

/** HAProxy takes 64 words in a line. */
const termsInLine = 16;

/** The table of the counters that strengths are kept to by: one for each condition. */
export const drawsTable = ':draws';

/**
 * The rules of a frontend. A service's own are passed by with two comparisons each by the requests of others. `and` and
 * `or` are computed into variables, because HAProxy's `if` knows no parentheses: the rules grow as the text does.
 */
export function conditionRules(all: readonly Conditioned[]): string {
  if (all.length === 0) return '';
  const acls = new Map<string, string>();
  const rules: string[] = [];
  for (const [at, { service, conditions }] of all.entries()) {
    const mine = `asks-${at}`;
    acls.set(mine, `var(txn.service) -m str -- ${service}`);
    const write = createWriter(mine, acls, rules);
    for (const condition of conditions) {
      const key = conditionKey(service, condition);
      const met = write(condition);
      rules.push(
        `set-var(txn.met) str(${key}) if ${mine} !chosen !met ${met} { str(${key}),map_str(${mapPath('conditions')}) -m found }`,
      );
    }
  }
  rules.push(
    `track-sc2 var(txn.met) table ${drawsTable} if met`,
    `set-var(txn.draw) sc2_inc_gpc0,mul(${drawStride}),mod(100) if met`,
    `set-var(txn.condition) var(txn.met),map_str(${mapPath('conditions')}) if met`,
    'set-var(txn.slot) var(txn.condition),field(2,:) if met { var(txn.condition),field(1,:),sub(txn.draw) gt 0 }',
  );
  return [
    '  acl met var(txn.met) -m found\n',
    ...[...acls].map(([name, what]) => `  acl ${name} ${what}\n`),
    ...rules.map((rule) => `  http-request ${rule}\n`),
  ].join('');
}

/** What a rule says after `if`: the name of an ACL, or of the opposite. */
type Term = string;

/** Writes what a condition needs, and returns the term for it. */
function createWriter(
  mine: string,
  acls: Map<string, string>,
  rules: string[],
): (condition: Condition) => Term {
  let variables = 0;

  /** A variable that is true if the term in each line says so, for one of the lines. */
  function variable(lines: readonly string[]): Term {
    const name = `c${variables++}`;
    for (const line of lines) rules.push(`set-var(txn.${name}) bool(true) if ${line}`);
    acls.set(`true-${name}`, `var(txn.${name}) -m bool`);
    return `true-${name}`;
  }

  function every(terms: readonly Term[]): Term {
    if (terms.length === 1) return terms[0] ?? '';
    if (terms.length <= termsInLine) return variable([`${mine} !chosen ${terms.join(' ')}`]);
    return every(inGroups(terms).map(every));
  }

  function some(terms: readonly Term[]): Term {
    if (terms.length === 1) return terms[0] ?? '';
    return variable(terms.map((term) => `${mine} !chosen ${term}`));
  }

  function write(condition: Condition): Term {
    if (condition.kind === 'not') return opposite(write(condition.operand));
    if ('operands' in condition) {
      const terms = condition.operands.map(write);
      return condition.kind === 'and' ? every(terms) : some(terms);
    }
    const name = `is-${digestOf(condition)}`;
    acls.set(name, aclOf(condition));
    return name;
  }
  return write;
}

function inGroups(terms: readonly Term[]): readonly (readonly Term[])[] {
  return Array.from({ length: Math.ceil(terms.length / termsInLine) }, (_, at) =>
    terms.slice(at * termsInLine, (at + 1) * termsInLine),
  );
}

function opposite(term: Term): Term {
  return term.startsWith('!') ? term.slice(1) : `!${term}`;
}

/** Vamp compares with `contains` wherever it compares, but for the host: without its port, in whatever case. */
function aclOf(leaf: Leaf): string {
  switch (leaf.kind) {
    case 'host':
      return `req.hdr(host),host_only -m str -i -- ${literal(leaf.value)}`;
    case 'user-agent':
      return `req.fhdr(User-Agent) -m sub -- ${literal(leaf.value)}`;
    case 'has-header':
      return `req.fhdr(${quoted(leaf.name)}) -m found`;
    case 'has-cookie':
      return `req.cook(${quoted(leaf.name)}) -m found`;
    case 'header':
      return `req.fhdr(${quoted(leaf.name)}) -m sub -- ${literal(leaf.value)}`;
    case 'cookie':
      return `req.cook(${quoted(leaf.name)}) -m sub -- ${literal(leaf.value)}`;
    case 'raw':
      return leaf.acl;
  }
}

/** One word of a line: whatever might mean something to HAProxy is written by its number. */
function literal(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[\w-]/.test(character) ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}
