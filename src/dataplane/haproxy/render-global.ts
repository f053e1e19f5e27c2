/** Renders what all services share: global settings, defaults, frontends, and the way from a dead pool to the next. */
import { type Frontend, frontendName } from './frontends.ts';
import { mapNames, mapPath } from './layout.ts';
import { mostFiles } from './limits.ts';
import { answer503, hopFormat, renderFailover } from './render-failover.ts';
import { routeRules } from './routes.ts';
import { splitRules, stride } from './split.ts';
import { stickyRules } from './sticky.ts';

export interface GlobalShape {
  readonly frontends: readonly Frontend[];
  /** How many pools may have a share at once: the slots of the biggest service. */
  readonly pools: number;
  readonly services: number;
  readonly hardStopAfterMs: number;
  /** How many connections HAProxy has for everything. */
  readonly connections: number;
}

const smallestTable = 4_096;

/** A power of two, so that it seldom changes; twice as many as services, because a full table forgets counters. */
function tableSize(services: number): number {
  return Math.max(smallestTable, 2 ** Math.ceil(Math.log2(Math.max(1, services) * 2)));
}

/**
 * The retries let a request pass a pool of 20 dead servers: each is marked down by its first refused connection.
 * The rules that never apply make HAProxy load every map, also while nothing looks anything up in it.
 * `idle-close-on-response` spares keep-alive clients the reset when a reload replaces the worker.
 */
export function renderGlobal(shape: GlobalShape): string {
  return `# Written by Baton. Changes made here are overwritten.
global
  stats socket unix@runtime.sock mode 600 level admin expose-fd listeners
  stats timeout 30s
  fd-hard-limit ${mostFiles}
  hard-stop-after ${shape.hardStopAfterMs}ms

defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout queue 30s
  timeout http-request 15s
  timeout http-keep-alive 10s
  timeout tunnel 1h
  retries 20
  option redispatch 1
  retry-on conn-failure empty-response
  option idle-close-on-response
  http-reuse safe

backend :counters
  stick-table type string len 255 size ${tableSize(shape.services)} store gpc0

backend :none
${mapNames.map((map) => `  http-request deny if { always_false } { str(),map_str(${mapPath(map)}) -m found }`).join('\n')}
${answer503('this service has no pool', '')}

${renderFailover(shape.connections)}
${shape.frontends.map((frontend) => renderFrontend(frontend, shape)).join('\n')}`;
}

/**
 * A quarter of all connections at most, so that one service whose requests hang leaves room for the others and for the
 * hops of its own. The counter takes one step for each request that the shares decide about.
 */
function renderFrontend(frontend: Frontend, { pools, connections }: GlobalShape): string {
  return `frontend ${frontendName(frontend.key)}
  bind ${frontend.address === '*' ? '' : frontend.address}:${frontend.port}
  maxconn ${Math.floor(connections / 4)}
  option forwardfor
  unique-id-format ${hopFormat}
  http-request set-var(txn.round) int(0)
  http-request set-header X-Forwarded-Proto http if !{ req.hdr(X-Forwarded-Proto) -m found }
  http-request set-header X-Forwarded-Port %[dst_port]
${routeRules(frontend.key, mapPath)}${answer503('no service has this name', ' if !{ var(txn.route) -m found }')}
  http-request set-var(txn.service) var(txn.route),field(1,:)
  http-request set-var(txn.only) var(txn.route),field(2,:)
  acl pinned var(txn.only) -m len gt 0
  http-request set-var(txn.slot) var(txn.only) if pinned
${stickyRules}  acl chosen var(txn.slot) -m found
  http-request track-sc0 var(txn.service) table :counters if !chosen
  http-request set-var(txn.step) sc0_inc_gpc0,mul(${stride}),mod(10000) if !chosen
  http-request set-var(txn.row) var(txn.service),map_str(${mapPath('split')}) if !chosen
${splitRules(pools)
  .map((rule) => `  ${rule}\n`)
  .join('')}${answer503('nobody serves this', ' if !{ var(txn.slot) -m found }')}
  http-request set-var(txn.origin) var(txn.slot)
  http-request set-var(txn.backend) var(txn.service),concat(:,txn.slot)
  http-request set-var(txn.rest) var(txn.backend),map_str(${mapPath('failover')}) if !pinned
  use_backend %[var(txn.backend)]
  default_backend :none
`;
}
