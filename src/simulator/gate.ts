/** Who is let in: nobody is asked, or Marathon wants a password, or an Admin Router before it wants a token. */
import type { KeyObject } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { type Answer, type Exchange, jettyPage, readBody, sendText } from './http-answer.ts';
import { parseAs, parseJson } from './parse.ts';
import { createTokens, provesKey } from './tokens.ts';

export type SimulatorAuth =
  /** Marathon's `--http_credentials`. */
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  /** One token that is always good, as `Bearer` or as `token=`. */
  | { readonly kind: 'token'; readonly token: string }
  /** The login of DC/OS, for service accounts with their public keys and for users with their passwords. */
  | {
      readonly kind: 'dcos';
      readonly accounts?: Readonly<Record<string, KeyObject>>;
      readonly users?: Readonly<Record<string, string>>;
      /** How long a token is good, in ms, rounded up to a whole second; five days. */
      readonly tokenLifeMs?: number;
    };

export interface Gate {
  /** Answers 401 to who may not read this. @returns whether it has answered */
  refuses(exchange: Exchange): boolean;
  /** The login, which `segments` after /acs name. @returns null when there is no such route @throws ApiError 400 */
  login(exchange: Exchange, segments: readonly string[]): Promise<Answer | null>;
  /** No token that a login gave is good any more. */
  revoke(): void;
}

/** Neither the login nor what no Marathon has asks who is there. Jetty's constraint on Marathon is on all paths. */
const open: ReadonlySet<string> = new Set(['acs', '_sim']);
const fiveDays = 5 * 24 * 3_600_000;
const credentials = z.object({
  uid: z.string(),
  password: z.string().optional(),
  token: z.string().optional(),
});

/** `now` in ms, by the server's clock. */
export function createGate(auth: SimulatorAuth | undefined, now: () => number): Gate {
  const tokens = createTokens(auth?.kind === 'dcos' ? (auth.tokenLifeMs ?? fiveDays) : 0);

  function admits(header: string): boolean {
    if (auth === undefined) return true;
    if (auth.kind === 'basic') return header === basicHeader(auth.user, auth.password);
    const token = /^(?:token=|Bearer )(.+)$/i.exec(header)?.[1] ?? '';
    return auth.kind === 'token' ? token === auth.token : tokens.isGood(token, now());
  }

  return {
    refuses({ request, response, segments }) {
      if (open.has(segments[0] ?? '') || admits(request.headers.authorization ?? '')) return false;
      refuse(response, auth?.kind === 'basic');
      return true;
    },
    async login(exchange, segments) {
      if (auth?.kind !== 'dcos' || segments.join('/') !== 'api/v1/auth/login') return null;
      if (exchange.method !== 'POST') return null;
      const given = parseAs(credentials, parseJson(await readBody(exchange.request)));
      const { uid, password, token } = given;
      const key = auth.accounts?.[uid];
      const proven = key !== undefined && token !== undefined && provesKey(token, uid, key, now());
      const known = password !== undefined && auth.users?.[uid] === password;
      if (!proven && !known) return wrongCredentials;
      return { status: 200, body: { token: tokens.give(uid, now()) } };
    },
    revoke: () => tokens.revoke(),
  };
}

/** What the Identity and Access Management of DC/OS says. */
const wrongCredentials: Answer = {
  status: 401,
  body: { title: 'Unauthorized', description: 'Invalid credentials.', code: 'ERR_INVALID_CREDENTIALS' },
};

function basicHeader(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}

/** Marathon's own Jetty names its realm; the Admin Router of DC/OS has a scheme and a page of its own. */
function refuse(response: ServerResponse, byMarathon: boolean): void {
  response.setHeader('WWW-Authenticate', byMarathon ? 'Basic realm="Mesosphere"' : 'acsjwt');
  if (byMarathon)
    return sendText(response, 401, 'text/html;charset=iso-8859-1', jettyPage(401, 'Unauthorized'));
  response.removeHeader('X-Marathon-Leader');
  sendText(response, 401, 'text/html; charset=UTF-8', adminRouterPage);
}

const adminRouterPage =
  '<!DOCTYPE html>\n<html>\n<head><title>Not authenticated</title></head>\n<body><h1>Not authenticated</h1></body>\n</html>\n';
