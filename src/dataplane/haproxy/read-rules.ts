/** Reads a service's rules: what is in no grammar is a diagnostic, and never lets in whom the label meant to keep out. */
import { basicAuth } from '../../declared/marathon-lb/auth.ts';
import { network, plainPath } from '../../declared/marathon-lb/values.ts';
import { type Diagnostic, plainRules, type Rules } from '../../declared/types.ts';
import type { AppId } from '../../model/ids.ts';
import { diagnostic } from '../diagnostics.ts';

/** With a password or list of networks that cannot be kept to, nobody may connect. */
export function readRules(rules: Rules, app: AppId, diagnostics: Diagnostic[]): Rules {
  const bad = (value: string): null => {
    diagnostics.push(diagnostic('rule-invalid', app, value));
    return null;
  };
  const path = (text: string | null): string | null =>
    text === null ? null : (plainPath(text) ?? bad(text));
  const { auth, allowedNetworks } = rules;
  const isAuth = auth === null || basicAuth(`${auth.realm}:${auth.user}:${auth.password}`) !== null;
  if (!isAuth) bad('auth');
  const networks = allowedNetworks?.flatMap((text) => network(text) ?? bad(text) ?? []) ?? null;
  const redirectPath = path(rules.redirectPath);
  return {
    redirectToHttps: rules.redirectToHttps,
    useHsts: rules.useHsts,
    auth: isAuth ? auth : null,
    allowedNetworks: isAuth ? networks : [],
    sticky: rules.sticky,
    proxyPassPath: path(rules.proxyPassPath),
    reverseProxyPath: path(rules.reverseProxyPath),
    // To itself it would go on for ever.
    redirectPath: redirectPath === '/' ? null : redirectPath,
  };
}

/** For the comparison of two: the same text for the same rules. */
export function rulesText(rules: Rules): string {
  const keys = Object.keys(plainRules) as readonly (keyof Rules)[];
  return JSON.stringify(keys.map((key) => rules[key]));
}
