/** What of the template of a server line has a place: a PROXY header, beside the words that marathon-lb has there anyway. */
import type { SendProxy } from '../types.ts';

const usual: ReadonlySet<string> = new Set([
  'server',
  '{serverName}',
  '{host_ipv4}:{port}',
  '{cookieOptions}',
  '{healthCheckOptions}',
  '{otherOptions}',
  'check-send-proxy',
]);
const headers: ReadonlyMap<string, SendProxy> = new Map([
  ['send-proxy', 'v1'],
  ['send-proxy-v2', 'v2'],
]);

/** The version of the header that is asked for; null when the text asks for none, or for anything else besides. */
export function sendProxyIn(text: string): SendProxy | null {
  // Placeholders bring their own blanks, and may stand together.
  const words = text.length > 500 ? [] : text.replace(/\}(?=[^:\s])/g, '} ').split(/\s+/);
  const found = new Set(words.filter((word) => word !== '' && !usual.has(word)));
  const [only, ...more] = found;
  return more.length > 0 || only === undefined ? null : (headers.get(only) ?? null);
}
