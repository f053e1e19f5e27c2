/** JSON Web Tokens (RFC 7519), as far as DC/OS's logins need them: signing with RS256, and reading when one expires. */
import { type KeyObject, sign } from 'node:crypto';
import { z } from 'zod';

const claims = z.object({ exp: z.number().positive() });

/** A token with these claims, signed with an RSA key. */
export function signedToken(payload: Readonly<Record<string, unknown>>, key: KeyObject): string {
  const head = encoded({ typ: 'JWT', alg: 'RS256' });
  const signed = `${head}.${encoded(payload)}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`;
}

/** When a token says that it expires, in ms since the epoch; null when it is no JWT or does not say. Unverified. */
export function expiryOf(token: string): number | null {
  const [, payload] = token.split('.');
  if (payload === undefined) return null;
  try {
    const parsed = claims.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
    return parsed.success ? parsed.data.exp * 1000 : null;
  } catch {
    return null;
  }
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
