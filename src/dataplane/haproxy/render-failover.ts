/** Renders the way from a dead pool to the next one, and the short wait when there is none. */
import type { Action } from './split.ts';
import { durationRules } from './durations.ts';
import { againSocket, failoverSocket, mapPath, waitSocket } from './layout.ts';

/**
 * What travels with a request that has left its pool: service, slots left to try, round, the slot it came from, and the
 * one that it may not leave. It goes in the PROXY header's unique id, which only HAProxy itself can write: the sockets are Baton's user's. The header
 * also carries the client's address.
 */
export const hopFormat =
  '%[var(txn.service)]/%[var(txn.rest)]/%[var(txn.round)]/%[var(txn.origin)]/%[var(txn.only)]';

export function hopRules(action: Action): string {
  return `  ${action} set-var(txn.hop) fc_pp_unique_id
  ${action} set-var(txn.service) var(txn.hop),field(1,/)
  ${action} set-var(txn.origin) var(txn.hop),field(4,/)
  ${action} set-var(txn.only) var(txn.hop),field(5,/)`;
}

/** A round takes this long, ms, and there are so many: a rolling upgrade's gap of a moment costs a wait, no answer. */
export const roundMs = 250;
export const rounds = 4;
/**
 * Requests that wait at the same time, over all services: one that is down for good must not starve the others. A
 * sixteenth of all connections at most, because each round of a wait takes three.
 */
export function mostWaiting(connections: number): number {
  return Math.min(1_000, Math.floor(connections / 16));
}

/** Every slot's backup server leads to `:failover`; a list that is shorter at each hop means that the hops end. */
export function renderFailover(connections: number): string {
  return `frontend :failover
  bind unix@${failoverSocket} mode 600 accept-proxy
  unique-id-format ${hopFormat}
${durationRules()}${noRepeats}${hopRules('http-request')}
  http-request set-var(txn.round) var(txn.hop),field(3,/),add(0)
  http-request set-var(txn.slot) var(txn.hop),field(2,/),field(1,:)
  http-request set-var(txn.rest) var(txn.hop),field(2,/),field(2,:,0)
  acl someone-left var(txn.slot) -m len gt 0
  acl may-wait var(txn.round) -m int lt ${rounds}
${answer503('nobody is left to serve this', ` if !someone-left !may-wait or !someone-left { be_conn(:wait) ge ${mostWaiting(connections)} }`)}
  use_backend %[var(txn.service)]:%[var(txn.slot)] if someone-left
  default_backend :wait

${renderWait()}`;
}

/**
 * The wait is a connection that is held for a moment, in \`mode tcp\`: with a whole HTTP request at hand, an
 * inspection does not wait (tried on HAProxy 2.6.12). Then the request tries its own pool and the list anew.
 */
function renderWait(): string {
  return `backend :wait
  http-reuse never
  option http-server-close
  server wait unix@${waitSocket} pool-max-conn 0 send-proxy-v2 proxy-v2-options unique-id

frontend :waiting
  mode tcp
  bind unix@${waitSocket} mode 600 accept-proxy
  unique-id-format %[fc_pp_unique_id]
  tcp-request inspect-delay ${roundMs}ms
  tcp-request content accept if WAIT_END
  default_backend :waited

backend :waited
  mode tcp
  server again unix@${againSocket} pool-max-conn 0 send-proxy-v2 proxy-v2-options unique-id

frontend :again
  bind unix@${againSocket} mode 600 accept-proxy
  unique-id-format ${hopFormat}
${durationRules()}${noRepeats}${hopRules('http-request')}
  http-request set-var(txn.round) var(txn.hop),field(3,/),add(1)
  http-request set-var(txn.backend) var(txn.service),concat(:,txn.origin)
  http-request set-var(txn.rest) var(txn.backend),map_str(${mapPath('failover')}) if !{ var(txn.only) -m len gt 0 }
  use_backend %[var(txn.backend)]
  default_backend :none
`;
}

/**
 * What is not safe to repeat is not tried again once it was sent. Said where requests come in, and not in each backend: with
 * thousands of them a third of the time that a reload takes.
 */
export const noRepeats = '  http-request disable-l7-retry if !{ method GET HEAD OPTIONS TRACE }\n';

export function answer503(text: string, condition: string): string {
  return `  http-request return status 503 content-type text/plain string "503 ${text}\\n"${condition}`;
}
