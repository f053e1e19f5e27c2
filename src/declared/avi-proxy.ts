/** Reads `avi_proxy`: a virtual service and its pool in the words of the Avi API. */
import { z } from 'zod';
import { check, type UnknownKey, unknownKeys } from './check.ts';
import { parseJson } from './json.ts';
import { aviProxyTable, keysIn, labelRow } from './labels.ts';
import { hostName, ipAddress } from './names.ts';
import { nearest, plain } from '../model/nearest.ts';
import { type Report, say, sayWrong } from './report.ts';
import { describe, listed, show, showAround } from './show.ts';
import type { Balance } from './types.ts';

export interface AviProxy {
  /** Null when there is no `virtualservice`. */
  readonly virtualService: {
    readonly ports: readonly number[];
    readonly address: string | null;
    readonly fqdn: string | null;
  } | null;
  readonly balance: Balance;
}

export const noAviProxy: AviProxy = { virtualService: null, balance: 'leastconn' };

const label = 'avi_proxy';

const schema = z.strictObject({
  virtualservice: z
    .strictObject({
      services: z.array(z.strictObject({ port: z.int().min(1).max(65_535) })).optional(),
      ip_address: z
        .strictObject({
          addr: z.string().refine((text) => ipAddress(text) !== null),
          type: z.string().optional(),
        })
        .optional(),
      fqdn: z
        .string()
        .refine((text) => hostName(text) !== null)
        .optional(),
    })
    .optional(),
  pool: z.strictObject({ lb_algorithm: z.string().optional() }).optional(),
});

/** The algorithms of the Avi API's `Pool` object that have a like in HAProxy, and the next best of the others. */
const exactly: ReadonlyMap<string, Balance> = new Map([
  ['LB_ALGORITHM_ROUND_ROBIN', 'roundrobin'],
  ['LB_ALGORITHM_LEAST_CONNECTIONS', 'leastconn'],
  ['LB_ALGORITHM_CONSISTENT_HASH', 'source'],
]);
const nearly: ReadonlyMap<string, Balance> = new Map([
  ['LB_ALGORITHM_RANDOM', 'roundrobin'],
  ['LB_ALGORITHM_CORE_AFFINITY', 'source'],
]);

/** The label's content; null, and said, when it is not in its grammar. */
export function readAviProxy(text: string, report: Report): AviProxy | null {
  const json = parseLabel(text, label, report);
  if (json === null) return null;
  const { value, unknown, wrong } = check(schema, json.value);
  sayUnknown(text, unknown, report);
  if (value === null) {
    sayWrong(report, label, text, aviProxyTable, wrong);
    return null;
  }
  const service = value.virtualservice;
  const balance = balanceOf(value.pool?.lb_algorithm ?? 'LB_ALGORITHM_LEAST_CONNECTIONS', text, report);
  if (service === undefined) return { virtualService: null, balance };
  return {
    virtualService: {
      ports: (service.services ?? []).map((each) => each.port),
      address: service.ip_address === undefined ? null : ipAddress(service.ip_address.addr),
      fqdn: service.fqdn === undefined ? null : hostName(service.fqdn),
    },
    balance,
  };
}

/** Parses a label's JSON; null, and said, when it is none. */
export function parseLabel(
  text: string,
  name: 'avi_proxy' | 'ab_config',
  report: Report,
): { readonly value: unknown } | null {
  const json = parseJson(text);
  if (json.ok) return json;
  const { offset, line, column, what } = json.flaw;
  say(report, 'invalid-json', name, showAround(text, offset), {
    line: String(line),
    column: String(column),
    what,
    label: name,
    example: labelRow(name).example,
  });
  return null;
}

/** Unknown fields are Avi's own (named once, not fatal), or slips of the pen. */
function sayUnknown(text: string, unknown: readonly UnknownKey[], report: Report): void {
  const slips = unknown.filter(({ parent, key }) => nearest(key, keysIn(aviProxyTable, parent), 1) !== null);
  if (slips.length > 0) say(report, 'unknown-key', label, text, { keys: unknownKeys(slips, aviProxyTable) });
  const fields = unknown
    .filter((each) => !slips.includes(each))
    .map(
      ({ parent, key }) => `${parent === '' ? '' : `${parent.replace(/\[\d+\]/g, '[]')}.`}${show(key, 60)}`,
    );
  if (fields.length > 0) {
    say(report, 'avi-proxy-ignored', label, text, { fields: listed([...new Set(fields)], 40) });
  }
}

function balanceOf(algorithm: string, text: string, report: Report): Balance {
  const exact = exactly.get(algorithm);
  if (exact !== undefined) return exact;
  const balance = nearly.get(algorithm) ?? meantBy(algorithm) ?? 'leastconn';
  const known = [...exactly.keys()].join(', ');
  say(report, 'balance-approximated', label, text, { wanted: describe(algorithm), balance, known });
  return balance;
}

/** `round_robin` and `RoundRobin` lack the prefix, and mean the same. */
function meantBy(algorithm: string): Balance | undefined {
  const wanted = plain(algorithm.slice(0, 100));
  if (wanted === '') return undefined;
  return [...exactly].find(([name]) => plain(name) === wanted || plain(name) === `lbalgorithm${wanted}`)?.[1];
}
