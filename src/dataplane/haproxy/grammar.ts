/** The grammars that every name must pass before it may stand in a configuration, a map or a runtime command. */
import { isIP } from 'node:net';

/** HAProxy's own alphabet for names, without the colon that Baton's internal names begin with. */
export function isName(text: string): boolean {
  return /^[A-Za-z0-9._-]{1,200}$/.test(text);
}

/** What may stand as a name of a header or cookie. */
export function isToken(text: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,255}$/.test(text);
}

export function isSlot(text: string): boolean {
  return /^[a-z]{1,3}$/.test(text);
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

/** RFC 1123 host names, lower or upper case. */
export function isHostName(text: string): boolean {
  return (
    text.length <= 253 &&
    /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$/.test(
      text,
    )
  );
}

/** An address to bind: an IP without a zone, or `*`. */
export function isBindAddress(text: string): boolean {
  return text === '*' || (isIP(text) !== 0 && !text.includes('%'));
}

/** `host:port` as HAProxy reads it in `bind`, `server` and `add server`. */
export function endpointText(address: string, port: number): string {
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

const longestPath = 2_000;

/**
 * A check path as a map value: what a URL may not hold literally, and what the runtime socket reads as its own
 * (`;`, `\`), is percent-encoded. Null when it holds white space or control characters or is far too long.
 */
export function checkPath(path: string): string | null {
  if (path.length > longestPath || /[\s\p{Cc}]/u.test(path)) return null;
  const absolute = path.startsWith('/') ? path : `/${path}`;
  return absolute
    .toWellFormed()
    .replace(/[^A-Za-z0-9\-._~!$&'()*+,:@/?=%]/gu, (character) => encodeURIComponent(character));
}
