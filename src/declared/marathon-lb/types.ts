/** What one app's marathon-lb labels say, checked and with their defaults. */
import type { AppId } from '../../model/ids.ts';
import type { Balance, BasicAuth, SendProxy } from '../types.ts';

export interface MarathonLbReading {
  readonly app: AppId;
  /** Whether the app has any label of marathon-lb. Without one it is served only where every group is. */
  readonly labelled: boolean;
  /** Of `HAPROXY_GROUP`; each port has its own, too. */
  readonly groups: readonly string[];
  readonly deployment: Deployment;
  /** By index, without UDP ports, which HAProxy cannot pass on, and without those in `closed`. */
  readonly ports: readonly MarathonLbPort[];
  /** Indices of ports that must not be served because of a bad label: what was asked for cannot be kept to. */
  readonly closed: readonly number[];
  /** By port index, then name; also of closed ports. */
  readonly templates: readonly Template[];
}

/** The labels of a blue/green deployment, as zdd.py leaves them; null where there is none. */
export interface Deployment {
  /** Stands for the app's id in names; `/shop`. */
  readonly group: AppId | null;
  readonly colour: 'blue' | 'green' | null;
  /** Milliseconds since the Unix epoch, comparable with those of other apps. */
  readonly startedAt: number | null;
  readonly targetInstances: number | null;
  readonly newInstances: number | null;
  readonly altPort: number | null;
  /** The app's id without its colour. */
  readonly originalApp: AppId | null;
}

/** One service port. No text in here holds control characters, line breaks, blanks, quotes, backslashes or `%[`. */
export interface MarathonLbPort {
  readonly index: number;
  /** The label's, else Marathon's; null for one that is yet to be assigned (see `assignServicePorts`), or has none. */
  readonly port: number | null;
  readonly groups: readonly string[];
  /** Null when nothing is said: true, except in strict mode. */
  readonly enabled: boolean | null;
  readonly mode: 'http' | 'tcp';
  /** In lower case, each once. Empty in mode tcp, and where a bad PATH would let the port take all of a host. */
  readonly vhosts: readonly string[];
  /** Beginnings of paths; empty: all. Of no meaning without `vhosts`. May hold `%2F` and the like. */
  readonly paths: readonly string[];
  readonly pathIgnoresCase: boolean;
  readonly sticky: boolean;
  readonly redirectToHttps: boolean;
  readonly useHsts: boolean;
  /** An absolute path; whether the file is there, and is a certificate, is not known here. */
  readonly sslCert: string | null;
  /** HAProxy's words, each from a list of harmless ones; their files may be missing. */
  readonly bindOptions: readonly string[];
  /** Null for the address that Baton binds to. */
  readonly bindAddress: string | null;
  readonly balance: Balance;
  /** Who comes first among those that want the same requests, highest first. */
  readonly backendWeight: number;
  /** Addresses and networks (CIDR); null: all. Never empty. */
  readonly allowedNetworks: readonly string[] | null;
  /** The port whose health check holds. */
  readonly healthCheckPortIndex: number;
  readonly auth: BasicAuth | null;
  /** These three hold no `%`. */
  readonly proxyPassPath: string | null;
  readonly reverseProxyPath: string | null;
  readonly redirectPath: string | null;
  /** The PROXY header for its tasks; null: none. */
  readonly sendProxy: SendProxy | null;
}

/** Raw HAProxy text from a label: hostile until somebody has checked it. */
export interface Template {
  readonly index: number;
  /** Without `HAPROXY_{n}_`. */
  readonly name: string;
  readonly text: string;
}
