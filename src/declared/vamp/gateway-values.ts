/** The single values of Vamp's gateways: names, ports, percentages, addresses. */
import { hostName, ipAddress, isAnyAddress } from '../names.ts';
import type { Mode } from '../types.ts';
import { vipName } from '../vip-names.ts';
import { isNothing, kindOf, textIn, type VampFile } from './file.ts';
import type { RouteTarget } from './gateway.ts';
import type { YamlNode } from './yaml-tree.ts';

export interface Port {
  readonly port: number;
  readonly mode: Mode;
}

/** `8080`, `8080/http`, `8080/tcp`; null, and reported, when it is none. */
export function portIn(file: VampFile, node: YamlNode | undefined): Port | null {
  if (isNothing(node)) return { port: 0, mode: 'http' };
  const text = node.kind === 'scalar' ? node.text : '';
  const [, digits, type = 'http'] = /^\s*(\d{1,5})\s*(?:\/\s*([A-Za-z]+)\s*)?$/.exec(text.slice(0, 40)) ?? [];
  const mode = (['http', 'tcp'] as const).find((each) => each === type.toLowerCase());
  const port = digits === undefined ? 65_536 : Number(digits);
  if (port <= 65_535 && mode !== undefined) return { port, mode };
  file.say(
    'port',
    node.at,
    `The port is ${kindOf(node)}.`,
    'Write a port from 0 to 65535, alone or with /http or /tcp behind it, for example 8080/http.',
  );
  return null;
}

/** The whole percentage, 0 to 100; null, and reported where it is not one. */
export function percentIn(file: VampFile, node: YamlNode | undefined, what: string): number | null {
  if (isNothing(node)) return null;
  const text = node.kind === 'scalar' ? node.text : '';
  const digits = /^\s*(\d{1,3})\s*%\s*$/.exec(text.slice(0, 40))?.[1];
  if (digits !== undefined && Number(digits) <= 100) return Number(digits);
  const isBare = /^\s*\d{1,3}\s*$/.test(text.slice(0, 40)) && Number(text) <= 100;
  file.say(
    what === 'weight' ? 'weight' : 'condition-strength',
    node.at,
    `The ${what} is ${kindOf(node)}.`,
    isBare ? `Write ${text.trim()}%.` : 'Write a whole percentage from 0% to 100%, for example 50%.',
  );
  return null;
}

/** One to four parts with slashes between them, without those at its ends. */
export function nameIn(file: VampFile, node: YamlNode): string | null {
  const text = textIn(file, node, 'name', 'name');
  if (text === null) return null;
  const segments = segmentsOf(text);
  const isLegal = segments.every(isNamePart);
  if (isLegal && segments.length >= 1 && segments.length <= 4) return segments.join('/');
  file.say(
    'name',
    node.at,
    isLegal ? `Unsupported gateway name: ${kindOf(node)}.` : `Illegal name: ${kindOf(node)}.`,
    'Write one to four parts without blanks and brackets, with "/" between them.',
  );
  return null;
}

/** As Vamp has it; nothing that cannot be seen. */
export function isNamePart(text: string): boolean {
  return /^[^\s/[\]\p{C}]{1,100}$/u.test(text);
}

/** Where a route leads by its path; null, and reported, when it is none. */
export function targetIn(file: VampFile, path: string, at: number): RouteTarget | null {
  const external = /^\[(.*)\]$/s.exec(path)?.[1];
  if (external !== undefined) {
    const target = addressOf(external);
    if (target !== null) return { kind: 'external', ...target };
    const remedy = 'Write "[host:port]", with quotes, for example "[10.0.0.1:8080]".';
    file.say('route-path', at, `The address of the route "${shortened(path)}" is no host and port.`, remedy);
    return null;
  }
  const segments = pathSegments(path);
  if (segments !== null) return { kind: 'path', segments };
  const remedy =
    'Write a gateway, an app id, deployment/cluster/service/port, or "[host:port]" with quotes around it.';
  file.say('route-path', at, `Unsupported route path: "${shortened(path)}".`, remedy);
  return null;
}

/** One to four parts of a path; null when it is none. */
export function pathSegments(path: string): readonly string[] | null {
  const segments = segmentsOf(path);
  const isPath = segments.length >= 1 && segments.length <= 4 && !/[\s[\]\p{Cc}]/u.test(path);
  return isPath ? segments : null;
}

function segmentsOf(text: string): readonly string[] {
  return text.length > 500 ? [] : text.split('/').filter((part) => part !== '');
}

/** An address of anybody; VIPs may have underscores. */
function addressOf(text: string): { readonly host: string; readonly port: number } | null {
  if (text.length > 300 || text.includes('/')) return null;
  const [, bracketed, rest] = /^\[([^\]]*)\](:\d+)$/.exec(text) ?? [];
  const vip = vipName(bracketed === undefined ? text : `${bracketed}${rest}`);
  if (vip === null) return null;
  const isHost = vip.kind === 'ip' ? ipAddress(vip.host) : hostName(vip.host.replaceAll('_', '-'));
  return isHost === null || isAnyAddress(vip.host) ? null : { host: vip.host, port: vip.port };
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
