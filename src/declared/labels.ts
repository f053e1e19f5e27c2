/** The labels that Baton reads: the table behind the parser's hints and the documentation. */
import type { LabelRow } from './label-row.ts';

export type LabelName = 'FE-Proxy' | 'FE-Proxy-VIP' | 'avi_proxy' | 'proxy_listener' | 'ab_config';

export const labelTable: readonly (LabelRow & { readonly name: LabelName })[] = [
  {
    name: 'FE-Proxy',
    meaning: 'Makes the app the listener of a service named after it.',
    default: 'no',
    grammar: 'yes or no',
    example: 'yes',
    status: 'carried out',
  },
  {
    name: 'FE-Proxy-VIP',
    meaning:
      'The address of the service, where this machine has it; `avi_proxy` may say it as well, and then wins.',
    default: 'the address that Baton binds to',
    grammar: 'an IPv4 or IPv6 address',
    example: '10.0.0.1',
    status: 'carried out',
  },
  {
    name: 'avi_proxy',
    meaning:
      'The service and its pool in the words of the Avi API; a `virtualservice` makes the app a listener.',
    default: 'none',
    grammar: 'a JSON object',
    example:
      '{"virtualservice": {"services": [{"port": 80}]}, "pool": {"lb_algorithm": "LB_ALGORITHM_ROUND_ROBIN"}}',
    status: 'carried out',
  },
  {
    name: 'proxy_listener',
    meaning: 'With `no` the app is a pool only, whatever `FE-Proxy` and `avi_proxy` say.',
    default: 'yes',
    grammar: 'yes or no',
    example: 'no',
    status: 'carried out',
  },
  {
    name: 'ab_config',
    meaning: 'Makes the app a pool of one service, or with a list of several, with a priority.',
    default: 'none; a listener app is a pool of its own service with priority 0',
    grammar: 'a JSON object, or a list of them',
    example: '{"service": "app1", "priority": 10}',
    status: 'carried out',
  },
];

/** The fields of `avi_proxy` that Baton reads; all others are named once and ignored. */
export const aviProxyTable: readonly LabelRow[] = [
  {
    name: 'virtualservice',
    meaning: 'Makes the app the listener of a service named after it.',
    default: 'none',
    grammar: 'a JSON object',
    example: '{"services": [{"port": 80}]}',
    status: 'carried out',
  },
  {
    name: 'virtualservice.services',
    meaning: 'The ports of the service.',
    default: "the app's service ports",
    grammar: 'a list of objects, each with a port',
    example: '[{"port": 80}]',
    status: 'carried out',
  },
  {
    name: 'virtualservice.services[].port',
    meaning: 'One port of the service.',
    default: 'none',
    grammar: 'a whole number from 1 to 65535, without quotes',
    example: '80',
    status: 'carried out',
  },
  {
    name: 'virtualservice.ip_address',
    meaning: 'The address of the service.',
    default: '`FE-Proxy-VIP`',
    grammar: 'an object with addr',
    example: '{"addr": "10.0.0.1", "type": "V4"}',
    status: 'carried out',
  },
  {
    name: 'virtualservice.ip_address.addr',
    meaning: 'The address itself, used where this machine has it.',
    default: '`FE-Proxy-VIP`',
    grammar: 'an IPv4 or IPv6 address in quotes',
    example: '"10.0.0.1"',
    status: 'carried out',
  },
  {
    name: 'virtualservice.ip_address.type',
    meaning: 'The kind of address; `addr` already shows it.',
    default: 'none',
    grammar: '"V4" or "V6"',
    example: '"V4"',
    status: 'carried out',
  },
  {
    name: 'virtualservice.fqdn',
    meaning: 'The host name of the service: with one each, services can share an address and port.',
    default: 'all requests that come to the address and port',
    grammar: 'a host name in quotes: letters, digits and hyphens between dots',
    example: '"app1.example.com"',
    status: 'carried out',
  },
  {
    name: 'pool',
    meaning: "What holds for the app's pool.",
    default: 'none',
    grammar: 'a JSON object',
    example: '{"lb_algorithm": "LB_ALGORITHM_ROUND_ROBIN"}',
    status: 'carried out',
  },
  {
    name: 'pool.lb_algorithm',
    meaning: "How requests are spread over the pool's endpoints.",
    default: '"LB_ALGORITHM_LEAST_CONNECTIONS"',
    grammar:
      '"LB_ALGORITHM_ROUND_ROBIN", "LB_ALGORITHM_LEAST_CONNECTIONS" or "LB_ALGORITHM_CONSISTENT_HASH" (by client address)',
    example: '"LB_ALGORITHM_ROUND_ROBIN"',
    status: 'carried out',
  },
];

/** The row of a label; the table has one for each name. */
export function labelRow(name: LabelName): LabelRow {
  const row = labelTable.find((each) => each.name === name);
  if (row === undefined) throw new Error(`no row for label ${name}`);
  return row;
}

/** The row of a key, or of the innermost key around it that has one. Indices do not count: `steps[3].weight`. */
export function keyRow(table: readonly LabelRow[], path: string): LabelRow | null {
  let wanted = path.replace(/\[\d+\]/g, '[]');
  for (;;) {
    const row = table.find((each) => each.name === wanted);
    if (row !== undefined) return row;
    const cut = Math.max(wanted.lastIndexOf('.'), wanted.endsWith('[]') ? wanted.length - 2 : -1);
    if (cut <= 0) return null;
    wanted = wanted.slice(0, cut);
  }
}

/** The names of the keys that may stand directly in the object at a path; the whole value's path is empty. */
export function keysIn(table: readonly LabelRow[], path: string): readonly string[] {
  const prefix = path === '' ? '' : `${path.replace(/\[\d+\]/g, '[]')}.`;
  return table
    .filter((row) => row.name.startsWith(prefix) && !/[.[]/.test(row.name.slice(prefix.length)))
    .map((row) => row.name.slice(prefix.length));
}
