/** Reads `HOST:PORT`. */

/** No host, or `*`, is every address; null when it is neither. */
export function hostPort(text: string): { host: string; port: number } | null {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) return null;
  return { host: match[1] ?? (match[2] === '' || match[2] === '*' ? '0.0.0.0' : (match[2] ?? '')), port };
}
