/** Renders what all services share: global settings, defaults, frontends, and the way from a dead pool to the next. */
import type { Mode } from '../../declared/types.ts';
import { affinityRules } from './affinity.ts';
import { type Conditioned, conditionRules, drawsTable } from './condition-rules.ts';
import { durationRules, renderDurationsTable } from './durations.ts';
import { certificateListFile, type Frontend, frontendName } from './frontends.ts';
import { logFile, mapNames, mapPath } from './layout.ts';
import { mostFiles } from './limits.ts';
import { matchRules } from './match.ts';
import { type Names, namesText } from './names.ts';
import { defaultTimeouts, type HaproxyOptions, type Timeouts } from './options.ts';
import { answer503, hopFormat, noRepeats, renderFailover } from './render-failover.ts';
import { renderTcpFailover, renderTcpRoute } from './render-tcp.ts';
import { appRules, routeRules } from './routes.ts';
import { splitRules, stride } from './split.ts';
import { checkedByHttp, httpCheck } from './render-service.ts';
import { renderStatistics } from './render-statistics.ts';
import { stickyRules } from './sticky.ts';

/** What the configuration is made big enough for. */
export interface Sizes {
  /** How many pools may have a share at once: the slots of the biggest service. */
  readonly pools: number;
  /** A full table of twice as many would forget counters. */
  readonly services: number;
}

const fewestServices = 2_048;
/**
 * All servers of a configuration are probed once within this time, not within their own interval. Those of a new service pass
 * at about the same time then, and it is not carried by some of them as a last resort before.
 */
const firstProbesMs = 200;

/**
 * The sizes for so many, and at least those that there were: what becomes fewer needs no reload. Services by powers of
 * two, so that they seldom need one.
 */
export function sizesFor(pools: number, services: number, before: Sizes): Sizes {
  return {
    pools: Math.max(pools, before.pools),
    services: Math.max(fewestServices, before.services, 2 ** Math.ceil(Math.log2(Math.max(1, services)))),
  };
}

/** A full table would forget counters. */
function renderDraws(conditions: GlobalShape['conditions']): string {
  if (conditions.size === 0) return '';
  const count = [...conditions.values()].flat().reduce((sum, each) => sum + each.conditions.length, 0);
  const size = Math.max(fewestServices, 2 ** Math.ceil(Math.log2(2 * count)));
  return `backend ${drawsTable}\n  stick-table type string len 255 size ${size} store gpc0\n\n`;
}

/** The sizes that a configuration says it has. */
export function sizesIn(text: string): Sizes {
  const match = /^# Has room for (\d+) pools of a service and (\d+) services\.$/m.exec(text);
  return { pools: Number(match?.[1] ?? 0), services: Number(match?.[2] ?? 0) };
}

/** What flags say about HAProxy. */
export interface Settings {
  readonly hardStopAfterMs: number;
  readonly timeouts: Timeouts;
  readonly proxyProtocol: boolean;
  readonly forwardedHeaders: boolean;
  readonly redispatch: boolean;
  readonly log: string | null;
  readonly listenerConnections: number | null;
  /** Where Baton's API is bound; null where nothing is had from there. */
  readonly api: string | null;
}

export function settingsFrom(options: HaproxyOptions): Settings {
  return {
    hardStopAfterMs: options.hardStopAfterMs,
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    proxyProtocol: options.proxyProtocol ?? false,
    forwardedHeaders: options.forwardedHeaders ?? true,
    redispatch: options.redispatch ?? true,
    log: options.log ?? null,
    listenerConnections: options.listenerConnections ?? null,
    api: options.api?.() ?? null,
  };
}

export interface GlobalShape extends Sizes {
  readonly frontends: readonly Frontend[];
  readonly names: Names;
  /** By frontend. */
  readonly conditions: ReadonlyMap<string, readonly Conditioned[]>;
  readonly settings: Settings;
  /** How many connections HAProxy has for everything. */
  readonly connections: number;
}

/**
 * The retries let a request pass a pool of 20 dead servers: each is marked down by its first refused connection.
 * The rules that never apply make HAProxy load every map, also while nothing looks anything up in it.
 * Of ten connections to its socket, HAProxy's default, a burst of events takes more, and the next are refused.
 * `idle-close-on-response` spares keep-alive clients the reset when a reload replaces the worker.
 */
export function renderGlobal(shape: GlobalShape): string {
  return `# Written by Baton. Changes made here are overwritten.
# Has room for ${shape.pools} pools of a service and ${shape.services} services.
${namesText(shape.names)}
global
  stats socket unix@runtime.sock mode 600 level admin expose-fd listeners
  stats timeout 30s
  stats maxconn 200
  fd-hard-limit ${mostFiles}
  hard-stop-after ${shape.settings.hardStopAfterMs}ms
  max-spread-checks ${firstProbesMs}ms
  spread-checks 5
  ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets
  tune.ssl.default-dh-param 2048

defaults :all
  mode http
${Object.entries(shape.settings.timeouts)
  .map(([name, ms]) => `  timeout ${name} ${ms}ms\n`)
  .join('')}  retries ${shape.settings.redispatch ? 20 : 3}
${shape.settings.redispatch ? '  option redispatch 1\n' : ''}  retry-on conn-failure empty-response
  option idle-close-on-response
  http-reuse safe

defaults ${checkedByHttp} from :all
${httpCheck(`%[be_name,field(1,:)]`)}
defaults from :all

backend :counters
  stick-table type string len 255 size ${2 * shape.services} store gpc0

${renderDraws(shape.conditions)}
${renderDurationsTable(shape.services * shape.pools)}

backend :none
${mapNames.map((map) => `  http-request deny if { always_false } { str(),map_str(${mapPath(map)}) -m found }`).join('\n')}
${answer503('this service has no pool', '')}

${renderFailover(shape.connections)}
${renderTcpFailover(shape.connections)}
${shape.frontends.map((frontend) => renderFrontend(frontend, shape)).join('\n')}`;
}

/**
 * A quarter of all connections at most, so that one service whose requests hang leaves room for the others and for the
 * hops of its own.
 */
function renderFrontend(frontend: Frontend, shape: GlobalShape): string {
  const { pools, connections, names, settings } = shape;
  const asked = frontend.mode === 'http' ? (shape.conditions.get(frontend.key) ?? []) : [];
  if (frontend.purpose === 'statistics') return renderStatistics(frontend, settings.api);
  const http = frontend.mode === 'http';
  return `frontend ${frontendName(frontend.key)}
  mode ${frontend.mode}
  bind ${bindText(frontend, settings)}
  maxconn ${settings.listenerConnections ?? Math.floor(connections / 4)}
${renderLog(frontend.mode, settings.log)}  unique-id-format ${hopFormat}
${http ? renderHttpRoute(frontend, settings.forwardedHeaders) : renderTcpRoute(frontend.key)}${renderChoice(frontend.mode, pools, names, conditionRules(asked))}`;
}

/** HAProxy's third file is Baton's standard output. */
function renderLog(mode: Mode, log: string | null): string {
  if (log === null) return '';
  const target = log === 'stdout' ? `fd@${logFile} format raw` : log;
  return `  log ${target} local0 info\n  option ${mode}log\n  option dontlognull\n`;
}

function bindText(
  { key, address, port, certificates, bindOptions }: Frontend,
  { proxyProtocol }: Settings,
): string {
  const words = [`${address === '*' ? '' : address}:${port}`];
  if (certificates !== null) words.push('ssl', 'crt-list', certificateListFile(key));
  if (proxyProtocol && !bindOptions.includes('accept-proxy')) words.push('accept-proxy');
  return [...words, ...bindOptions].join(' ');
}

/** A load balancer in front that ends TLS says so by X-Forwarded-Proto. */
function renderHttpRoute({ key, purpose, certificates }: Frontend, tellsOfClient: boolean): string {
  const proto = certificates === null ? 'http if !{ req.hdr(X-Forwarded-Proto) -m found }' : 'https';
  const told = `  option forwardfor
  http-request set-header X-Forwarded-Proto ${proto}
  http-request set-header X-Forwarded-Port %[dst_port]
`;
  return `${durationRules()}${noRepeats}${tellsOfClient ? told : ''}  http-request set-var(txn.round) int(0)
${purpose === 'apps' ? appRules(mapPath) : routeRules(key, mapPath)}${answer503('no service has this name', ' if !{ var(txn.route) -m found }')}
`;
}

/**
 * Matches, then the app that a client is on, then its task, then the conditions, then the shares: who comes first has the slot, unless the
 * listener is one app's. The counter takes one step for each request, or connection, that the shares decide about.
 */
function renderChoice(mode: Mode, pools: number, names: Names, conditions: string): string {
  const action = mode === 'http' ? 'http-request' : 'tcp-request content';
  const nobody = ' if !{ var(txn.slot) -m found }';
  return `  ${action} set-var(txn.service) var(txn.route),field(1,:)
  ${action} set-var(txn.only) var(txn.route),field(2,:)
  acl pinned var(txn.only) -m len gt 0
  ${action} set-var(txn.slot) var(txn.only) if pinned
${mode === 'http' ? matchRules(names.matches) + affinityRules(names.affine) + stickyRules : ''}  acl chosen var(txn.slot) -m found
${conditions}  ${action} track-sc0 var(txn.service) table :counters if !chosen
  ${action} set-var(txn.step) sc0_inc_gpc0,mul(${stride}),mod(10000) if !chosen
  ${action} set-var(txn.row) var(txn.service),map_str(${mapPath('split')}) if !chosen
${splitRules(action, pools)
  .map((rule) => `  ${rule}\n`)
  .join('')}${mode === 'http' ? answer503('nobody serves this', nobody) : `  ${action} reject${nobody}`}
  ${action} set-var(txn.origin) var(txn.slot)
  ${action} set-var(txn.backend) var(txn.service),concat(:,txn.slot)
  ${action} set-var(txn.rest) var(txn.backend),map_str(${mapPath('failover')}) if !pinned
  use_backend %[var(txn.backend)]
  default_backend ${mode === 'http' ? ':none' : ':tcp-none'}
`;
}
