/** DC/OS service accounts: a private key is exchanged for a token, which is renewed before it expires and when it is refused. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { Agent, type buildConnector, request } from 'undici';
import { z } from 'zod';
import type { MarathonAddress } from './address.ts';
import { errorOfTransport, MarathonError } from './errors.ts';
import { expiryOf, signedToken } from './jwt.ts';
import { contentOf, type Login } from './login.ts';

/** Where DC/OS's Identity and Access Management logs users in. */
const loginPath = '/acs/api/v1/auth/login';
/** How long the proof of the key is valid: long enough for clocks that differ a little. */
const proofSec = 300;
/** A token is renewed when a tenth of its life is left, or this. */
const marginMs = 5 * 60_000;
/** While a renewal fails and the old token is still good, the next one waits this long. */
const patienceMs = 10_000;
const maxAnswer = 1024 * 1024;

const account = z.object({
  uid: z.string().min(1),
  private_key: z.string().min(1),
  login_endpoint: z.url({ protocol: /^https?$/ }).optional(),
  scheme: z.literal('RS256').default('RS256'),
});
const loginAnswer = z.object({ token: z.string().regex(/^[\x21-\x7e]+$/) });

export interface ServiceAccountOptions {
  /** The JSON file that `dcos security secrets create-sa-secret` makes. */
  readonly file: string;
  readonly connect: buildConnector.connector;
  /** Bound on a login, in ms. */
  readonly timeoutMs: number;
  /** Ends a login that is under way. */
  readonly signal: AbortSignal;
}

interface Token {
  readonly header: string;
  /** When to renew and when it ends, by this machine's clock; infinite when the token does not say. */
  readonly renewAt: number;
  readonly endsAt: number;
}

/** Where its file names no `login_endpoint`, the login is expected at Marathon's own host: behind Admin Router it is. */
export function serviceAccountLogin(options: ServiceAccountOptions): Login {
  let token: Token | null = null;
  let uid: string | null = null;
  let pending: Promise<Token> | null = null;

  async function login(address: MarathonAddress): Promise<Token> {
    const given = await accountIn(options.file);
    uid = given.uid;
    const url = given.endpoint ?? new URL(loginPath, address.base).href;
    const proof = signedToken({ uid, exp: Math.floor(Date.now() / 1000) + proofSec }, given.key);
    return tokenOf(await exchange(url, { uid, token: proof }, options));
  }

  /** Several requests at once make one login. */
  function renewed(address: MarathonAddress): Promise<Token> {
    pending ??= login(address)
      .then((fresh) => (token = fresh))
      .finally(() => (pending = null));
    return pending;
  }

  return {
    header: async (address) => {
      if (token !== null && Date.now() < token.renewAt) return token.header;
      try {
        return (await renewed(address)).header;
      } catch (error) {
        if (token === null || Date.now() >= token.endsAt) throw error;
        token = { ...token, renewAt: Date.now() + patienceMs };
        return token.header;
      }
    },
    renew: async (used) => {
      if (token?.header === used) token = null;
      return true;
    },
    advice: () => `may the service account ${uid ?? 'in'} of ${options.file} see all apps?`,
  };
}

async function accountIn(file: string): Promise<{ uid: string; key: KeyObject; endpoint: string | null }> {
  const text = await contentOf(file);
  try {
    const { uid, private_key: key, login_endpoint: endpoint } = account.parse(JSON.parse(text));
    return { uid, key: rsaKey(key), endpoint: endpoint ?? null };
  } catch {
    throw new MarathonError(
      'credentials',
      `${file} is no DC/OS service account; it should be JSON with uid, private_key (an RSA key in PEM), login_endpoint and scheme RS256`,
    );
  }
}

function rsaKey(pem: string): KeyObject {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'rsa') throw new TypeError('not an RSA key');
  return key;
}

async function exchange(
  url: string,
  body: { readonly uid: string; readonly token: string },
  { connect, timeoutMs, signal, file }: ServiceAccountOptions,
): Promise<string> {
  const agent = new Agent({ connect, maxResponseSize: maxAnswer });
  const bound = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await request(url, {
      method: 'POST',
      dispatcher: agent,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, bound]),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw refusal(answer.statusCode, url, body.uid, file);
    return loginAnswer.parse(JSON.parse(text)).token;
  } catch (error) {
    if (signal.aborted) throw new MarathonError('aborted', 'the login was cancelled', error);
    if (error instanceof SyntaxError || error instanceof z.ZodError) {
      throw new MarathonError('not-json', `${url} answered without a token; is it the login of DC/OS?`);
    }
    throw errorOfTransport(bound.aborted ? bound.reason : error, url, 'login service');
  } finally {
    await agent.destroy();
  }
}

function refusal(status: number, url: string, uid: string, file: string): MarathonError {
  if (status === 401 || status === 403) {
    return new MarathonError(
      'unauthorized',
      `the login at ${url} answered ${status} to the service account ${uid}; is the private key in ${file} the one of its public key there, and is this machine's clock right?`,
    );
  }
  return new MarathonError(
    status >= 500 ? 'no-leader' : 'http',
    `the login at ${url} answered ${status}; is it the login of DC/OS, and does it work?`,
  );
}

function tokenOf(text: string): Token {
  const now = Date.now();
  const expiry = expiryOf(text);
  const header = `token=${text}`;
  // Expired as soon as it is given: this clock is wrong. Then it is used until it is refused.
  if (expiry === null || expiry <= now) return { header, renewAt: Infinity, endsAt: Infinity };
  return { header, renewAt: expiry - Math.min(marginMs, (expiry - now) / 10), endsAt: expiry };
}
