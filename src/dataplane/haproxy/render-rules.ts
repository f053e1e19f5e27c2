/** Renders a service's rules, for each of its backends: what happens to a request before it is handed on. */
import type { Mode } from '../../declared/types.ts';
import { renderAffinity } from './affinity.ts';
import type { Service, Slot } from './state.ts';
import { renderSticky } from './sticky.ts';

/** The longest that browsers keep to https after an answer over TLS, s: half a year. */
const hstsSeconds = 15_768_000;
/** HAProxy takes 64 words in a line. */
const networksInLine = 20;

/** A list of users for a service that asks for a password; empty for any other. */
export function renderUsers({ name, rules: { auth } }: Service): string {
  return auth === null ? '' : `userlist ${name}\n  user ${auth.user} password ${auth.password}\n\n`;
}

/** What has come here from a dead pool (`again`) has been through them. Without rules there is nothing to render. */
export function renderRules(service: Service, { mode, slot }: Slot): readonly string[] {
  const lines = [...renderNetworks(service, mode)];
  if (mode === 'http') lines.push(...renderHttpRules(service));
  if (mode === 'http' && service.rules.sticky) lines.push(...renderSticky(slot));
  if (mode === 'http' && service.cookie) lines.push(...renderAffinity(service.name));
  return lines.length === 0 ? [] : ['  acl again var(txn.hop) -m found', ...lines];
}

function renderNetworks({ rules: { allowedNetworks } }: Service, mode: Mode): readonly string[] {
  if (allowedNetworks === null) return [];
  const lines: string[] = [];
  for (let at = 0; at < allowedNetworks.length; at += networksInLine) {
    lines.push(`  acl allowed src ${allowedNetworks.slice(at, at + networksInLine).join(' ')}`);
  }
  if (lines.length === 0) lines.push('  acl allowed always_false');
  const refuse = mode === 'http' ? 'http-request deny deny_status 403' : 'tcp-request content reject';
  return [...lines, `  ${refuse} if !again !allowed`];
}

function renderHttpRules({ name, rules }: Service): readonly string[] {
  const lines: string[] = [];
  // Of those who come over TLS it says so always; of others a load balancer may that ends TLS before.
  if (rules.redirectToHttps || rules.useHsts) {
    lines.push('  http-request set-var(txn.secure) bool(true) if { req.hdr(X-Forwarded-Proto) -i https }');
  }
  if (rules.redirectToHttps) {
    lines.push(
      "  http-request redirect code 301 location 'https://%[var(txn.host)]%[pathq]' if !again !{ var(txn.secure) -m bool } { var(txn.named) -m bool }",
    );
  }
  if (rules.useHsts) {
    lines.push(
      `  http-after-response set-header Strict-Transport-Security max-age=${hstsSeconds} if { var(txn.secure) -m bool }`,
    );
  }
  if (rules.auth !== null) {
    lines.push(`  http-request auth realm ${rules.auth.realm} if !again !{ http_auth(${name}) }`);
  }
  if (rules.redirectPath !== null) {
    lines.push(`  http-request redirect code 301 location '${rules.redirectPath}' if !again { path / }`);
  }
  if (rules.proxyPassPath !== null) {
    const beginning = expression(withoutSlash(rules.proxyPassPath));
    lines.push(`  http-request replace-path '^${beginning}(/(.*))?$' '/\\2' if !again`);
  }
  if (rules.reverseProxyPath !== null) lines.push(...renderReverse(withoutSlash(rules.reverseProxyPath)));
  return lines;
}

/** Only what leads back here is changed: a path, or an address with the name that was asked for. */
function renderReverse(beginning: string): readonly string[] {
  return [
    '  http-response set-var(txn.to) res.fhdr(location),field(3,/),host_only,lower if !again',
    `  http-response replace-header Location '^(/([^/].*)?)$' '${beginning}\\1' if !again`,
    `  http-response replace-header Location '^[hH][tT][tT][pP][sS]?://[^/]*(/.*)?$' '${beginning}\\1' if !again { var(txn.to),strcmp(txn.host) eq 0 }`,
  ];
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, '');
}

/** Of the characters that a path may hold, these mean something in a regular expression. */
function expression(path: string): string {
  return path.replace(/[.+]/g, '[$&]');
}
