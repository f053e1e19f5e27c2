/** Why nobody answered, in words, from the error of a connection. */

const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOENT: 'there is no such socket',
  EACCES: 'this user may not open that socket',
  ENOTFOUND: 'that name does not resolve',
  ECONNRESET: 'the connection was cut',
};

/** @param limitMs how long was waited for an answer */
export function whyUnreachable(error: unknown, limitMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `nothing within ${limitMs / 1000} s`;
  const cause = error.cause instanceof Error ? error.cause : error;
  const code = 'code' in cause ? String(cause.code) : '';
  return causes[code] ?? (cause.message === '' ? code : cause.message);
}
