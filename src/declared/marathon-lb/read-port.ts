/** Reads the labels of one service port. */
import type { App, AppPort } from '../../model/app.ts';
import { say } from '../report.ts';
import { ipAddress } from '../names.ts';
import type { BasicAuth } from '../types.ts';
import { basicAuth } from './auth.ts';
import { readBalance } from './balance.ts';
import { bindOptions } from './bind-options.ts';
import { close, nameIn, read, readOrClose, readYesOrNo, type Scope, textOf } from './fields.ts';
import { readGroups, readHosts, readNetworks, readPaths } from './lists.ts';
import { checkOfPort, type Mode, modeOf } from './mode.ts';
import { type PortLabel, portLabels } from './port-labels.ts';
import { sendProxyIn } from './server-options.ts';
import type { MarathonLbPort } from './types.ts';
import { absolutePath, plainPath, wholeNumber, yesOrNo } from './values.ts';

/** What the port's labels say; null when one of them closes it. */
export function readPort(
  app: App,
  port: AppPort,
  appGroups: readonly string[],
  scope: Scope,
): MarathonLbPort | null {
  const sslCert = readOrClose(scope, portLabels.SSL_CERT, absolutePath);
  const healthCheckPortIndex =
    read(scope, portLabels.BACKEND_HEALTHCHECK_PORT_INDEX, (text) =>
      wholeNumber(text, 0, app.ports.length - 1),
    ) ?? port.index;
  const mode = readMode(app, port.index, healthCheckPortIndex, scope);
  const { paths, ignoresCase, lost } = readPaths(scope);
  const hosts = readHosts(scope);
  const redirectToHttps = readYesOrNo(scope, portLabels.REDIRECT_TO_HTTPS);
  const sticky = readYesOrNo(scope, portLabels.STICKY);
  const useHsts = readYesOrNo(scope, portLabels.USE_HSTS);
  const weight = read(scope, portLabels.BACKEND_WEIGHT, (text) => wholeNumber(text, -1_000_000, 1_000_000));
  const reading: MarathonLbPort = {
    index: port.index,
    port: readOrClose(scope, portLabels.PORT, portNumber) ?? servicePortOf(port),
    groups: readGroups(scope, 'port') ?? appGroups,
    enabled:
      read(scope, portLabels.ENABLED, yesOrNo, 'it counts as false, as with marathon-lb') ?? enabledBy(scope),
    mode,
    vhosts: mode === 'tcp' || lost ? [] : hosts,
    paths,
    pathIgnoresCase: ignoresCase,
    sticky,
    redirectToHttps,
    useHsts,
    sslCert,
    bindOptions: readBindOptions(scope, sslCert !== null),
    bindAddress: readBindAddress(scope),
    balance: readBalance(scope),
    backendWeight: weight ?? (paths.length > 0 ? 1 : 0),
    allowedNetworks: readNetworks(scope),
    healthCheckPortIndex,
    auth: readAuth(scope, mode),
    proxyPassPath: read(scope, portLabels.HTTP_BACKEND_PROXYPASS_PATH, plainPath),
    reverseProxyPath: read(scope, portLabels.HTTP_BACKEND_REVPROXY_PATH, plainPath),
    redirectPath: read(scope, portLabels.HTTP_BACKEND_REDIR, plainPath),
    sendProxy: sendProxyIn(scope.labels[`HAPROXY_${port.index}_BACKEND_SERVER_OPTIONS`] ?? ''),
  };
  sayWithoutEffect(scope, reading);
  return scope.closed ? null : reading;
}

function portNumber(text: string): number | null {
  return wholeNumber(text, 1, 65_535);
}

function servicePortOf({ servicePort }: AppPort): number | null {
  return servicePort !== null && servicePort >= 1 && servicePort <= 65_535 ? servicePort : null;
}

/** A label that says neither yes nor no counts as false; an absent one as nothing. */
function enabledBy(scope: Scope): boolean | null {
  return textOf(scope, portLabels.ENABLED) === null ? null : false;
}

function readMode(app: App, index: number, checkIndex: number, scope: Scope): Mode {
  const label = read(scope, portLabels.MODE, (text): Mode | null => {
    const word = text.length > 20 ? '' : text.trim().toLowerCase();
    return word === 'http' || word === 'tcp' ? word : null;
  });
  const mode = modeOf({
    label,
    hasHost: (textOf(scope, portLabels.VHOST) ?? '') !== '',
    check: checkOfPort(app, index),
    borrowed: checkIndex === index ? null : checkOfPort(app, checkIndex),
  });
  if (label === 'tcp' && mode === 'http') {
    const name = nameIn(scope, portLabels.MODE);
    const cause = nameIn(scope, portLabels.BACKEND_HEALTHCHECK_PORT_INDEX);
    say(scope.report, 'mode-forced', name, 'tcp', { label: name, index: String(index), cause });
  }
  return mode;
}

function readBindOptions(scope: Scope, hasCertificate: boolean): readonly string[] {
  const row = portLabels.BIND_OPTIONS;
  let wrong: string | null = null;
  const words = readOrClose(
    scope,
    row,
    (text) => {
      const found = bindOptions(text, hasCertificate);
      if (!('wrong' in found)) return found;
      wrong = found.wrong;
      return null;
    },
    () => wrong,
  );
  return words ?? [];
}

/** Null for all addresses that Baton binds to; a bad one must not open the port to everybody. */
function readBindAddress(scope: Scope): string | null {
  const address = readOrClose(scope, portLabels.BIND_ADDR, (text) => {
    const word = text.length > 100 ? '' : text.trim();
    return word === '*' ? word : ipAddress(word);
  });
  return address === '*' ? null : address;
}

/** Never without the password that was asked for; and the one that was written is never shown. */
function readAuth(scope: Scope, mode: Mode): BasicAuth | null {
  const row = portLabels.AUTH;
  const text = textOf(scope, row);
  if (text === null) return null;
  const auth = basicAuth(text);
  const label = nameIn(scope, row);
  if (auth === null) close(scope, row, 'is no realm, user and encrypted password', '(not shown)');
  else if (mode === 'tcp') {
    scope.closed = true;
    const details = { label, index: String(scope.index), mode: nameIn(scope, portLabels.MODE) };
    say(scope.report, 'auth-without-http', label, '(not shown)', details);
  }
  return auth;
}

/** Labels that are good, but have nothing to work on. */
function sayWithoutEffect(scope: Scope, reading: MarathonLbPort): void {
  const asked: readonly (readonly [PortLabel, boolean])[] = [
    ['VHOST', true],
    ['PATH', reading.paths.length > 0],
    ['REDIRECT_TO_HTTPS', reading.redirectToHttps],
    ['HTTP_BACKEND_REDIR', reading.redirectPath !== null],
    ['STICKY', reading.sticky],
    ['USE_HSTS', reading.useHsts],
    ['HTTP_BACKEND_PROXYPASS_PATH', reading.proxyPassPath !== null],
    ['HTTP_BACKEND_REVPROXY_PATH', reading.reverseProxyPath !== null],
  ];
  const byHost: readonly PortLabel[] = ['PATH', 'REDIRECT_TO_HTTPS', 'HTTP_BACKEND_REDIR'];
  const host = nameIn(scope, portLabels.VHOST);
  const hasHost = textOf(scope, portLabels.VHOST) !== null;
  for (const [name, isAsked] of asked) {
    const row = portLabels[name];
    const text = textOf(scope, row);
    if (text === null || !isAsked) continue;
    const label = nameIn(scope, row);
    if (reading.mode === 'tcp') {
      const hint = `Write ${nameIn(scope, portLabels.MODE)} as http`;
      say(scope.report, 'label-without-effect', label, text, { label, why: 'in mode tcp', hint });
    } else if (byHost.includes(name) && !hasHost) {
      const details = { label, why: `without ${host}`, hint: `Write ${host}` };
      say(scope.report, 'label-without-effect', label, text, details);
    }
  }
}
