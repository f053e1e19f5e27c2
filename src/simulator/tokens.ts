/** The tokens of the simulated DC/OS login (RFC 7519): proofs of a private key are verified, tokens of its own are given. */
import { createHmac, type KeyObject, randomBytes, timingSafeEqual, verify } from 'node:crypto';
import { z } from 'zod';

const claims = z.object({ uid: z.string(), exp: z.number() });
const head = z.object({ alg: z.string() });

/** Whether a token names this user, is signed by RS256 with this user's key, and has not expired (`now` in ms). */
export function provesKey(token: string, uid: string, key: KeyObject, now: number): boolean {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const said = claims.safeParse(decoded(payload));
  if (head.safeParse(decoded(header)).data?.alg !== 'RS256' || !said.success) return false;
  const signed = Buffer.from(`${header}.${payload}`);
  return (
    said.data.uid === uid &&
    said.data.exp * 1000 > now &&
    verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url'))
  );
}

export interface Tokens {
  /** A new token for this user. `now` in ms. */
  give(uid: string, now: number): string;
  /** Whether it is one of these tokens, has not expired and was not revoked. */
  isGood(token: string, now: number): boolean;
  /** From now on no token given so far is good. */
  revoke(): void;
}

/** Tokens that live for `lifeMs`, rounded up to a whole second. */
export function createTokens(lifeMs: number): Tokens {
  let secret = randomBytes(32);

  function signatureOf(signed: string): Buffer {
    return createHmac('sha256', secret).update(signed).digest();
  }

  return {
    give(uid, now) {
      const exp = Math.ceil((now + lifeMs) / 1000);
      const jti = randomBytes(8).toString('hex');
      const signed = `${encoded({ typ: 'JWT', alg: 'HS256' })}.${encoded({ uid, exp, jti })}`;
      return `${signed}.${signatureOf(signed).toString('base64url')}`;
    },
    isGood(token, now) {
      const [header = '', payload = '', signature = ''] = token.split('.');
      const mine = signatureOf(`${header}.${payload}`);
      const given = Buffer.from(signature, 'base64url');
      if (given.length !== mine.length || !timingSafeEqual(given, mine)) return false;
      return claims.parse(decoded(payload)).exp * 1000 > now;
    },
    revoke() {
      secret = randomBytes(32);
    },
  };
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
