/** Grammars of what marathon-lb's labels hold. All strict, all linear in their input; null for what is in none. */
import { ipAddress } from '../names.ts';

/** Words that Python's `string_to_bool` of marathon-lb takes for true; everything else is false there. */
const yes: ReadonlySet<string> = new Set(['true', 't', 'yes', 'y']);
const no: ReadonlySet<string> = new Set(['false', 'f', 'no', 'n', 'off', '0']);

/** Null for a text that counts as false although it says no such thing. */
export function yesOrNo(text: string): boolean | null {
  const word = text.toLowerCase();
  return yes.has(word) ? true : no.has(word) ? false : null;
}

/** A whole number as Python's `int` reads it, as far as people write it: blanks around it, a sign, leading zeros. */
export function wholeNumber(text: string, least: number, most: number): number | null {
  if (text.length > 100 || !/^[+-]?\d{1,10}$/.test(text.trim())) return null;
  // `-0` is 0.
  const value = Number(text.trim()) + 0;
  return value >= least && value <= most ? value : null;
}

export function groupName(text: string): string | null {
  return /^[A-Za-z0-9._:/@+-]{1,255}$/.test(text) ? text : null;
}

const hostPart = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** A host name in lower case, or an IPv4 address: what a `Host` header holds. Underscores are common in practice. */
export function virtualHost(text: string): string | null {
  if (text.length > 254) return null;
  const name = text.toLowerCase().replace(/\.$/, '');
  const parts = name.split('.');
  if (name.length > 253 || !parts.every((part) => hostPart.test(part))) return null;
  return /^\d+$/.test(parts.at(-1) ?? '') ? ipAddress(name) : name;
}

/** What was most likely meant by a text that is no host: without protocol, port, path; commas for blanks. */
export function mendedHost(text: string): string | null {
  if (text.length > 1024) return null;
  const hosts = text
    .split(/[\s;]+/)
    .filter((part) => part !== '')
    .map((part) => virtualHost(part.replace(/^[a-z]+:\/\//i, '').replace(/(?::\d*)?(?:\/.*)?$/, '')));
  return hosts.length > 0 && hosts.every((host) => host !== null) ? hosts.join(',') : null;
}

/** The beginning of paths, as requests write them. */
export function pathPrefix(text: string): string | null {
  return text.length <= 1024 && /^\/(?:[A-Za-z0-9/._~@:+=-]|%[0-9A-Fa-f]{2})*$/.test(text) ? text : null;
}

/** A path that is written into a request or an answer, where `%` would mean something else. */
export function plainPath(text: string): string | null {
  const path = text.length > 1100 ? '' : text.trim();
  return path.includes('%') ? null : pathPrefix(path);
}

/** The absolute path of a file. */
export function absolutePath(text: string): string | null {
  const isPath = text.length <= 255 && /^(?:\/[A-Za-z0-9._@+-]+)+$/.test(text);
  return isPath && !text.split('/').some((part) => part === '..') ? text : null;
}

/** An address or a network: `10.0.0.0/8`. A mask of four numbers becomes its bits. */
export function network(text: string): string | null {
  const [start = '', bits, ...more] = text.length > 100 ? [] : text.split('/');
  const address = ipAddress(start);
  if (address === null || more.length > 0) return null;
  if (bits === undefined) return address;
  if (!address.includes(':') && bits.includes('.')) {
    const length = maskBits(bits);
    return length === null ? null : `${address}/${length}`;
  }
  const most = address.includes(':') ? 128 : 32;
  return /^(?:0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= most ? `${address}/${bits}` : null;
}

function maskBits(mask: string): number | null {
  if (ipAddress(mask) === null) return null;
  const bits = mask.split('.').map((part) => Number(part).toString(2).padStart(8, '0'));
  return /^1*0*$/.test(bits.join('')) ? bits.join('').replaceAll('0', '').length : null;
}

/** The name of a deployment group, or an app's id as zdd.py writes it. */
export function idPath(text: string): string | null {
  return text.length <= 255 && /^\/?[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/.test(text) ? text : null;
}
