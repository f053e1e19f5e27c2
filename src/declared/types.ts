/** Declared services: what the labels of all apps together ask for, whatever dialect they were written in. */
import type { App } from '../model/app.ts';
import type { AppId, ServiceId } from '../model/ids.ts';
import type { BasisPoints } from '../model/weights.ts';
import type { CountOrPercent, Rollout } from './rollout.ts';
import type { Condition } from './vamp/condition.ts';
import type { Gateway } from './vamp/gateway.ts';

export type Mode = 'http' | 'tcp';

export interface PathPrefix {
  readonly prefix: string;
  readonly ignoresCase: boolean;
}

/** Prefixes that mean the same are written alike. */
export function pathText({ prefix, ignoresCase }: PathPrefix): string {
  return ignoresCase ? `-i ${prefix.toLowerCase()}` : prefix;
}

/** Where a service is to be reached. */
export interface Listener {
  /** An address of this machine, or null for the one that Baton was told to bind to. */
  readonly address: string | null;
  /** The port as declared, 1 to 65535, before `--map-port`. */
  readonly declaredPort: number;
  /** The port to bind. */
  readonly port: number;
  readonly mode: Mode;
  /** Host names that lead here; empty: all that come to this address and port and that no other service names. */
  readonly hosts: readonly string[];
  /** Beginnings of paths that lead here; empty: all paths. Only beside `hosts`. */
  readonly paths: readonly PathPrefix[];
  /** Of several that want one request the highest rank has it, then the longest path. */
  readonly rank: number;
  /** Null: plain. The names of certificate files on this machine, or none for those that Baton was given. */
  readonly tls: { readonly certificates: readonly string[] } | null;
  /** Words for HAProxy's `bind`, each from a list of harmless ones. */
  readonly bindOptions: readonly string[];
  /** The app whose pool gets all that comes here; null: the pools by their shares. */
  readonly only: AppId | null;
}

/** A listener of which nothing but the port is said. */
export function plainListener(declaredPort: number, port: number): Listener {
  return {
    address: null,
    declaredPort,
    port,
    mode: 'http',
    hosts: [],
    paths: [],
    rank: 0,
    tls: null,
    bindOptions: [],
    only: null,
  };
}

export interface BasicAuth {
  readonly realm: string;
  readonly user: string;
  /** Encrypted, as crypt(5) writes it. */
  readonly password: string;
}

/** What happens to the requests of a service besides being handed on. In mode tcp only `allowedNetworks` counts. */
export interface Rules {
  /** Plain requests to a host name are sent to https. */
  readonly redirectToHttps: boolean;
  readonly useHsts: boolean;
  readonly auth: BasicAuth | null;
  /** Addresses and networks that may connect; null: all. */
  readonly allowedNetworks: readonly string[] | null;
  /** A client stays on its task. */
  readonly sticky: boolean;
  /** A beginning of the path that is cut off before the request is handed on. */
  readonly proxyPassPath: string | null;
  /** A beginning that is put before the path of answers' `Location`. */
  readonly reverseProxyPath: string | null;
  /** Where requests for `/` are sent. */
  readonly redirectPath: string | null;
}

export const plainRules: Rules = {
  redirectToHttps: false,
  useHsts: false,
  auth: null,
  allowedNetworks: null,
  sticky: false,
  proxyPassPath: null,
  reverseProxyPath: null,
  redirectPath: null,
};

/** HAProxy's own words from one label or one rewrite of a gateway's route, for the backends of one pool. They have passed a grammar; HAProxy has yet to take them. */
export interface PoolTemplate {
  /** The label, or what else they stand in. */
  readonly label: string;
  /** What stands there. */
  readonly value: string;
  /** Neither empty nor without words. */
  readonly lines: readonly string[];
}

/** How requests are spread over a pool's endpoints: HAProxy's dynamic algorithms. */
export type Balance = 'roundrobin' | 'leastconn' | 'source';

/** What a pool must be to enter, and not to be sent back while it takes over. */
export interface ReadyRule {
  /** How many endpoints of the app's current version must be up. */
  readonly instances: CountOrPercent;
  readonly forMs: number;
  /** How long it may take until it is ready; null: as long as it likes. */
  readonly withinMs: number | null;
  /** How many must stay up during the transition. */
  readonly keep: CountOrPercent;
  /** For how long fewer are borne. */
  readonly graceMs: number;
}

export const plainReady: ReadyRule = {
  instances: { percent: 100 },
  forMs: 0,
  withinMs: 600_000,
  keep: { percent: 50 },
  graceMs: 30_000,
};

/** What becomes of connections that never end. */
export interface DrainRule {
  readonly timeoutMs: number;
  readonly then: 'close' | 'keep';
}

/** One app's pool behind one service, as declared. */
export interface DeclaredPool {
  readonly app: AppId;
  readonly portIndex: number;
  readonly role: 'listener' | 'member';
  readonly priority: number;
  /** Relative within its priority, 0 or more; null when nothing declares it. */
  readonly weight: number | null;
  readonly balance: Balance;
  readonly ready: ReadyRule;
  /** Whether the next priority takes over when this pool has nobody up. */
  readonly failover: boolean;
  readonly drain: DrainRule;
  readonly rollout: Rollout;
  /** The port that the data plane probes, where it is another. */
  readonly checkPortIndex?: number;
  /** What its labels, or the rewrites of its route, add to its backends; none unless they are allowed to. */
  readonly templates?: readonly PoolTemplate[];
  /** The PROXY header by which its endpoints are told who the client is; none where it is not there. */
  readonly sendProxy?: SendProxy;
  /** The priority at which it takes a part, instance by instance, until it is ready; without one it waits. */
  readonly joins?: number;
}

export type SendProxy = 'v1' | 'v2';

/** A condition of a route of Vamp's gateways. */
export interface DeclaredCondition {
  readonly app: AppId;
  readonly condition: Condition;
  /** 0 to 100: how many of the requests that meet it are led to the pool without regard to its share. */
  readonly strength: number;
}

export interface DeclaredService {
  readonly id: ServiceId;
  /**
   * The app whose labels declare the listener; of several the one that decides what they contradict each other in. By
   * `listener` of `ab_config`: the app after which the service is named if it is one of them, else the newest of those
   * who agree, so that the others may go.
   */
  readonly listenerApp: AppId;
  /** True when that app is gone from Marathon and the listener is kept for the versions that still refer to it. */
  readonly listenerGone: boolean;
  readonly listeners: readonly Listener[];
  readonly rules: Rules;
  /** By priority, highest first, then by app id. Apps that are in Marathon now. */
  readonly pools: readonly DeclaredPool[];
  /** In order of choice: requests that meet one are led to its pool, before the shares are asked. */
  readonly conditions?: readonly DeclaredCondition[];
  /** Shares of equal priority move by so much at a time, and stay for so long. */
  readonly ramp?: { readonly step: BasisPoints; readonly holdMs: number };
}

export type Severity = 'error' | 'warning' | 'info';

/** Something about a label that a person should know, with what would be right. */
export interface Diagnostic {
  /** Stable, kebab-case; documented in docs/labels.md. */
  readonly code: string;
  readonly severity: Severity;
  readonly app: AppId | null;
  readonly label: string | null;
  /** The offending value, cut to a readable length, control characters made visible. */
  readonly value: string | null;
  /** What is wrong, one sentence. */
  readonly problem: string;
  /** What would be right, one sentence. */
  readonly remedy: string;
}

/**
 * What must be known of an app although Marathon no longer says it: its last good labels. Kept in the state directory,
 * so that a listener outlives its app and a bad label leaves the last good declaration in force, over restarts too.
 */
export interface RememberedApp {
  readonly app: AppId;
  /** The labels (and ports) that last parsed without an error. */
  readonly labels: Readonly<Record<string, string>>;
  readonly servicePorts: readonly number[];
  /** The `lastConfigChangeAt` of that good configuration. */
  readonly configuredAt: string;
  /** The app version at which it first declared a listener; the older of two that want one port keeps it. */
  readonly listenerSince: string | null;
  /** Since when its `ab_config` has declared listeners, by service; handed on to the next app that does. */
  readonly declares?: Readonly<Record<string, string>>;
  /** Of apps that are served by labels of marathon-lb. */
  readonly marathonLb?: RememberedMarathonLb;
}

export interface RememberedMarathonLb {
  /** The labels that were last good for all ports; null when they never were. */
  readonly labels: Readonly<Record<string, string>> | null;
  /** The services that its ports are pools of, by port index: a service keeps its id while its pools come and go. */
  readonly services: Readonly<Record<string, ServiceId>>;
}

/** The outcome of reading all labels of a cluster. */
export interface Declaration {
  /** Sorted by id. */
  readonly services: readonly DeclaredService[];
  /** Sorted by app, label, code. */
  readonly diagnostics: readonly Diagnostic[];
  /** What to remember for the next time, sorted by app. */
  readonly remembered: readonly RememberedApp[];
  /** Endpoints outside Marathon that gateways lead to, each as an app with one task; sorted by id. */
  readonly externals: readonly App[];
  /** As they were given, with the routes that their selectors make now: to be given the next time. */
  readonly gateways: readonly Gateway[];
}

/** What the reading of labels depends on besides the labels. */
export interface DeclareOptions {
  /** `--map-port 80=18080`: declared port to bound port. */
  readonly mapPorts: ReadonlyMap<number, number>;
  /** The addresses that this machine has; a declared address that is not among them falls back to `--bind`. */
  readonly localAddresses: ReadonlySet<string>;
  /** The groups whose apps are served by their labels of marathon-lb: none, or `*` for all apps. */
  readonly groups: ReadonlySet<string>;
  /** Whether only ports that are said to be enabled are served by those labels. */
  readonly strict: boolean;
  /** Whether virtual hosts are served on ports 80 and 443. */
  readonly bindHttpHttps: boolean;
  /** The service ports that may be bound; null: all. */
  readonly portRange: { readonly first: number; readonly last: number } | null;
  /** Whether each VIP is a service in mode tcp. */
  readonly vipListeners: boolean;
  /** Whether labels may add HAProxy's own words to their app's backends. */
  readonly allowTemplates: boolean;
}

/** What holds when nothing else is said. */
export const plainOptions: DeclareOptions = {
  mapPorts: new Map(),
  localAddresses: new Set(),
  groups: new Set(),
  strict: false,
  bindHttpHttps: true,
  portRange: null,
  vipListeners: false,
  allowTemplates: false,
};
