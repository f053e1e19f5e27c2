/** Reads files of Vamp's gateways, in YAML or JSON, several documents in one if need be. */
import { hostName } from '../names.ts';
import { show } from '../show.ts';
import type { ConditionOptions } from './condition-parse.ts';
import { fileOf, isNothing, kindOf, membersOf, textIn, type VampFile } from './file.ts';
import { gatewayTable } from './gateway-keys.ts';
import { nameIn, type Port, portIn } from './gateway-values.ts';
import type { Gateway } from './gateway.ts';
import { selectorIn } from './route-parse.ts';
import { routesIn } from './routes-parse.ts';
import { type Flaw, readYaml, type YamlNode } from './yaml-tree.ts';

export type GatewaysResult =
  /** Notes: what the file says and Baton does otherwise. */
  | { readonly ok: true; readonly gateways: readonly Gateway[]; readonly notes: readonly Flaw[] }
  /** In the order of the file's checks; never empty. */
  | { readonly ok: false; readonly flaws: readonly Flaw[] };

/** A gateway, and where its parts stand, for checks across gateways. */
interface Placed {
  readonly gateway: Gateway;
  readonly nameAt: number;
  readonly portAt: number;
}

/** Reads a file of gateways: all of them are good, or none is taken. Never throws. */
export function parseGateways(text: string, options: ConditionOptions): GatewaysResult {
  const source = readYaml(text);
  const file = fileOf(source, options);
  const nodes = source.documents.flatMap((document) =>
    document.kind === 'list' ? document.items : [document],
  );
  if (nodes.length === 0 && file.flaws.length === 0)
    file.say('empty', 0, 'The file holds nothing.', 'Write a gateway: name, port and routes.');
  const placed = nodes.flatMap((node) => readGateway(file, node) ?? []);
  sayTwice(file, placed);
  if (file.flaws.length > 0) return { ok: false, flaws: file.flaws };
  return { ok: true, gateways: placed.map(({ gateway }) => gateway), notes: file.notes };
}

/** One gateway; null, and reported, when it is not good. */
export function readGateway(file: VampFile, node: YamlNode): Placed | null {
  const before = file.flaws.length;
  if (node.kind !== 'map') {
    file.say('gateway', node.at, `A gateway is ${kindOf(node)}.`, 'Write name, port and routes.');
    return null;
  }
  const members = membersOf(file, node, gatewayTable, '');
  const kind = members.get('kind');
  if (!isNothing(kind) && !(kind.kind === 'scalar' && /^gateways?$/i.test(kind.text))) {
    file.say('kind', kind.at, `This is no gateway but ${kindOf(kind)}.`, 'Give gateways alone.');
    return null;
  }
  const selector = selectorIn(file, members.get('selector'), 'gateway');
  const name = members.get('name');
  if (isNothing(name))
    file.say('name', node.at, "Can't find any value for path: /name.", 'Give the gateway a name.');
  const named = isNothing(name) ? null : nameIn(file, name);
  const port = portIn(file, members.get('port'));
  const service = serviceIn(file, members.get('service'));
  const sticky = stickyIn(file, members.get('sticky'), port);
  const virtualHosts = virtualHostsIn(file, members.get('virtual_hosts'), port);
  const routes = routesIn(file, members.get('routes'), node.at, port, selector !== null);
  if (named === null || port === null || file.flaws.length > before) return null;
  const gateway: Gateway = {
    name: named,
    ...port,
    sticky,
    virtualHosts,
    ...(selector !== null && { selector }),
    ...(service !== null && { service }),
    routes,
    ramp: null,
    immediate: false,
  };
  return { gateway, nameAt: name?.at ?? node.at, portAt: members.get('port')?.at ?? node.at };
}

export function stickyIn(file: VampFile, node: YamlNode | undefined, port: Port | null): Gateway['sticky'] {
  if (isNothing(node)) return null;
  const text = textIn(file, node, 'sticky', 'sticky')?.toLowerCase() ?? 'none';
  if (text === 'none') return null;
  const sticky = (['route', 'instance'] as const).find((each) => each === text) ?? null;
  if (sticky === null)
    file.say(
      'sticky',
      node.at,
      `Illegal gateway sticky value: ${kindOf(node)}.`,
      'Write route, instance or none.',
    );
  else if (port?.mode === 'tcp')
    file.say(
      'sticky',
      node.at,
      `Sticky sessions are not allowed for TCP port: '${port.port}'.`,
      'Remove sticky, or write /http behind the port.',
    );
  return sticky;
}

export function virtualHostsIn(
  file: VampFile,
  node: YamlNode | undefined,
  port: Port | null,
): readonly string[] {
  if (isNothing(node)) return [];
  const hosts = (node.kind === 'list' ? node.items : [node]).flatMap((item) => {
    const host = item.kind === 'scalar' && typeof item.value === 'string' ? hostName(item.text.trim()) : null;
    if (host !== null) return [host];
    file.say(
      'virtual-hosts',
      item.at,
      `The virtual host is ${kindOf(item)}.`,
      'Write a host name, for example shop.example.com.',
    );
    return [];
  });
  if (port?.mode === 'tcp' && hosts.length > 0)
    file.say(
      'virtual-hosts',
      node.at,
      'Virtual hosts are not allowed for TCP ports.',
      'Remove them, or write /http behind the port.',
    );
  return [...new Set(hosts)];
}

/** The address is kept and told again; who stands there has to lead to the gateway's port. */
function serviceIn(file: VampFile, node: YamlNode | undefined): NonNullable<Gateway['service']> | null {
  if (isNothing(node)) return null;
  if (node.kind !== 'map') {
    file.say(
      'service',
      node.at,
      `The service is ${kindOf(node)}.`,
      'Write {host: HOST, port: PORT}, or leave it out.',
    );
    return null;
  }
  const members = membersOf(file, node, gatewayTable, 'service');
  const [host, port] = [members.get('host'), members.get('port')];
  for (const [key, value] of [
    ['host', host],
    ['port', port],
  ] as const)
    if (isNothing(value))
      file.say(
        'service',
        node.at,
        `Can't find any value for path: /service/${key}.`,
        'Write it, or leave service out.',
      );
  const number = portIn(file, port);
  const name = isNothing(host) ? null : textIn(file, host, 'service', 'host');
  if (number === null || name === null) return null;
  file.note(
    'service',
    node.at,
    `Baton tells that address, ${show(name)}:${number.port}, and does not listen on it.`,
    "Let whatever stands there lead to the gateway's port, or let clients use that.",
  );
  return { host: name, ...number };
}

/** Two gateways of one file may have neither one name nor one port. */
function sayTwice(file: VampFile, placed: readonly Placed[]): void {
  const names = new Map<string, string>();
  const ports = new Map<number, string>();
  for (const { gateway, nameAt, portAt } of placed) {
    const { name, port } = gateway;
    if (names.has(name))
      file.say('name', nameAt, `Two gateways are called ${name}.`, 'Give each a name of its own.');
    const other = ports.get(port);
    if (other !== undefined && other !== name)
      file.say(
        'port',
        portAt,
        `Duplicate gateway port: '${port}' is of ${other} and of ${name}.`,
        'Give each a port of its own.',
      );
    names.set(name, name);
    if (port !== 0) ports.set(port, other ?? name);
  }
}
