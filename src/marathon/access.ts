/** How Baton gets in: what it logs in with, and which certificates it trusts and shows. */
import type { buildConnector } from 'undici';
import { addressLogin, basicLogin, type Login, tokenLogin } from './login.ts';
import { serviceAccountLogin } from './service-account.ts';
import { connector, type MarathonTls } from './tls.ts';

export interface MarathonAccess {
  readonly login:
    | { readonly kind: 'address' }
    | { readonly kind: 'basic'; readonly user: string; readonly passwordFile: string }
    | { readonly kind: 'token'; readonly file: string; readonly scheme: 'bearer' | 'token' }
    | { readonly kind: 'service-account'; readonly file: string };
  readonly tls: MarathonTls;
}

export interface Access {
  readonly login: Login;
  readonly connect: buildConnector.connector;
}

/** User and password in the address if there are any, and the certificate authorities that Node knows. */
export const openAccess: MarathonAccess = {
  login: { kind: 'address' },
  tls: { caFile: null, certFile: null, keyFile: null },
};

/**
 * @param timeoutMs bound on a login; connecting has 5 s at most
 * @param signal ends a login that is under way
 */
export function createAccess({ login, tls }: MarathonAccess, timeoutMs: number, signal: AbortSignal): Access {
  const connect = connector(tls, Math.min(timeoutMs, 5000));
  switch (login.kind) {
    case 'address':
      return { login: addressLogin, connect };
    case 'basic':
      return { login: basicLogin(login.user, login.passwordFile), connect };
    case 'token':
      return { login: tokenLogin(login.file, login.scheme), connect };
    case 'service-account':
      return { login: serviceAccountLogin({ file: login.file, connect, timeoutMs, signal }), connect };
  }
}
