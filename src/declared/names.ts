/** Grammars of what labels hold besides JSON: switches, host names, addresses. All strict, all linear in their input. */

/** `yes`, `true`, `1`, `on` and their opposites, in any case; null when it is neither. */
export function switchOf(text: string): boolean | null {
  const word = text.length > 20 ? '' : text.trim().toLowerCase();
  if (['yes', 'true', '1', 'on'].includes(word)) return true;
  if (['no', 'false', '0', 'off'].includes(word)) return false;
  return null;
}

const hostLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A host name in lower case, without the root's dot (RFC 1123, 2.1); null when the text is none. */
export function hostName(text: string): string | null {
  if (text.length > 254) return null;
  const name = text.toLowerCase().replace(/\.$/, '');
  const labels = name.split('.');
  if (name.length > 253 || !labels.every((label) => hostLabel.test(label))) return null;
  return /^\d+$/.test(labels.at(-1) ?? '') ? null : name;
}

/** An IPv4 or IPv6 address in lower case, no zone, no brackets; null when the text is none. */
export function ipAddress(text: string): string | null {
  if (text.length > 45) return null;
  const address = text.toLowerCase();
  return isIpv4(address) || isIpv6(address) ? address : null;
}

/** Whether the address stands for all of a machine's addresses. */
export function isAnyAddress(address: string): boolean {
  return address === '0.0.0.0' || /^[0:]+$/.test(address);
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return (
    parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
  );
}

function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const dotted = last.includes('.');
  if (dotted && (text.endsWith('::') || !isIpv4(last))) return false;
  const hex = dotted ? groups.slice(0, -1) : groups;
  if (!hex.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return false;
  const count = hex.length + (dotted ? 2 : 0);
  return halves.length === 2 ? count < 8 : count === 8;
}
