/** The places where a port wants to be reached by its labels of marathon-lb. */
import type { App } from '../../model/app.ts';
import { diagnose } from '../diagnostics.ts';
import type { MarathonLbPort } from '../marathon-lb/types.ts';
import { isAnyAddress } from '../names.ts';
import { type DeclareOptions, type Diagnostic, type PathPrefix, pathText } from '../types.ts';
import type { Claim } from './node.ts';

/** Its virtual hosts, then its service port, where it has one. */
export function claimsOf(
  app: App,
  port: MarathonLbPort,
  servicePort: number | null,
  options: DeclareOptions,
  diagnostics: Diagnostic[],
): readonly Claim[] {
  const own = servicePort === null ? null : portClaim(app, port, servicePort, options, diagnostics);
  return [...hostClaims(port, options), ...(own === null ? [] : [own])];
}

function hostClaims(port: MarathonLbPort, { bindHttpHttps }: DeclareOptions): readonly Claim[] {
  if (!bindHttpHttps) return [];
  const ignoresCase = port.pathIgnoresCase;
  const paths: readonly (PathPrefix | null)[] =
    port.paths.length === 0 ? [null] : port.paths.map((prefix) => ({ prefix, ignoresCase }));
  return port.vhosts.flatMap((host) =>
    paths.map((path) => ({
      key: `host ${host} ${path === null ? '' : pathText(path)}`,
      host,
      path,
      address: null,
      declaredPort: 80,
      rank: port.backendWeight,
      certificate: port.sslCert,
      bindOptions: [],
    })),
  );
}

/** The service port; null where it must not, or cannot, be bound. */
function portClaim(
  app: App,
  port: MarathonLbPort,
  servicePort: number,
  options: DeclareOptions,
  diagnostics: Diagnostic[],
): Claim | null {
  const { portRange, localAddresses, bindHttpHttps } = options;
  if (portRange !== null && (servicePort < portRange.first || servicePort > portRange.last)) return null;
  const address = port.bindAddress === null || isAnyAddress(port.bindAddress) ? null : port.bindAddress;
  if (address !== null && !localAddresses.has(address)) {
    // On another address it would be open to those that it was to be kept from.
    const label = `HAPROXY_${port.index}_BIND_ADDR`;
    const details = { address, port: String(servicePort) };
    diagnostics.push(diagnose('bind-address-not-here', { app: app.id, label, value: address }, details));
    return null;
  }
  const isHttps = port.sslCert !== null;
  const wanted = servicePort === 80 ? !isHttps : servicePort === 443 ? isHttps : true;
  if (bindHttpHttps && (servicePort === 80 || servicePort === 443) && (port.mode === 'tcp' || !wanted)) {
    const use = servicePort === 80 ? 'plain HTTP' : 'HTTPS';
    const about = { app: app.id, label: null, value: null };
    diagnostics.push(
      diagnose('port-of-hosts', about, { port: String(servicePort), index: String(port.index), use }),
    );
    return null;
  }
  return {
    key: `port ${address ?? '*'} ${servicePort}`,
    host: null,
    path: null,
    address,
    declaredPort: servicePort,
    rank: 0,
    certificate: port.sslCert,
    bindOptions: port.bindOptions,
  };
}
