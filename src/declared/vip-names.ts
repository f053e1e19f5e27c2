/** Names and addresses of DC/OS VIPs: as labels write them, and as clients look them up. */
import { ipAddress, isAnyAddress } from './names.ts';

/** What clients connect to. Two that are written differently and are looked up alike are the same. */
export interface VipName {
  /** `name` is looked up below the framework's zone; `ip` is connected to as it is. */
  readonly kind: 'name' | 'ip';
  /** In lower case, without slashes: `/Shop/web` is `shopweb`. */
  readonly host: string;
  readonly port: number;
}

const zones: readonly string[] = ['.l4lb.thisdcos.directory', '.dclb.thisdcos.directory'];

/** What a label says: `/name:port`, `name:port` or `10.0.0.1:port`; null when it is none of these. */
export function vipName(text: string): VipName | null {
  if (text.length > 400) return null;
  const at = text.lastIndexOf(':');
  const port = /^\d{1,5}$/.test(text.slice(at + 1)) ? Number(text.slice(at + 1)) : 0;
  if (at < 1 || port < 1 || port > 65_535) return null;
  const ip = ipAddress(text.slice(0, at));
  if (ip !== null) return isAnyAddress(ip) ? null : { kind: 'ip', host: ip, port };
  const host = hostOf(text.slice(0, at));
  return host === null ? null : { kind: 'name', host, port };
}

/** Slashes are left out wherever they are, as DC/OS does when it makes a name for DNS. */
function hostOf(text: string): string | null {
  const host = text.replaceAll('/', '').toLowerCase();
  const isName = /^[a-z0-9_](?:[a-z0-9_.-]{0,200}[a-z0-9_])?$/.test(host) && !host.includes('..');
  // Digits and dots alone are an address with a slip in it.
  return isName && !/^[\d.]+$/.test(host) ? host : null;
}

/** The one text of a VIP: `shopweb:80`, `10.0.0.1:5000`, `[fd00::1]:80`. No name reads like an address. */
export function vipKey({ host, port }: VipName): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * The VIP at an address as clients write it: `web.marathon.l4lb.thisdcos.directory:80`, also in the older zone
 * `dclb.thisdcos.directory`, or `10.0.0.1:5000`; null when it is none.
 * @param framework the name by which this Marathon is registered with Mesos; VIPs of others are not ours
 */
export function resolveVip(address: string, framework = 'marathon'): VipName | null {
  const vip = vipName(address);
  if (vip === null || vip.kind === 'ip') return vip;
  const suffix = zones.map((zone) => `.${framework}${zone}`).find((each) => vip.host.endsWith(each));
  if (suffix === undefined || address.includes('/')) return null;
  const host = hostOf(vip.host.slice(0, -suffix.length));
  return host === null ? null : { ...vip, host };
}
