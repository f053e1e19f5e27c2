/** Renders what passes connections on without reading them: frontends, and the way from a dead pool to the next. */
import { mapPath, tcpFailoverSocket, tcpWaitSocket } from './layout.ts';
import { hopFormat, hopRules, mostWaiting, roundMs, rounds } from './render-failover.ts';

/** Above the choice of a slot: one service has the whole port. */
export function renderTcpRoute(key: string): string {
  return `  tcp-request content set-var(txn.round) int(0)
  tcp-request content set-var(txn.route) str(${key}/),map_str(${mapPath('hosts')})
  tcp-request content reject if !{ var(txn.route) -m found }
`;
}

/** As for requests; a connection can wait where it is. */
export function renderTcpFailover(connections: number): string {
  const read = hopRules('tcp-request content');
  return `frontend :tcp-failover
  mode tcp
  bind unix@${tcpFailoverSocket} mode 600 accept-proxy
  unique-id-format ${hopFormat}
${read}
  tcp-request content set-var(txn.round) var(txn.hop),field(3,/),add(0)
  tcp-request content set-var(txn.slot) var(txn.hop),field(2,/),field(1,:)
  tcp-request content set-var(txn.rest) var(txn.hop),field(2,/),field(2,:,0)
  acl someone-left var(txn.slot) -m len gt 0
  acl may-wait var(txn.round) -m int lt ${rounds}
  tcp-request content reject if !someone-left !may-wait or !someone-left { be_conn(:tcp-wait) ge ${mostWaiting(connections)} }
  use_backend %[var(txn.service)]:%[var(txn.slot)] if someone-left
  default_backend :tcp-wait

backend :tcp-wait
  mode tcp
  server wait unix@${tcpWaitSocket} send-proxy-v2 proxy-v2-options unique-id

frontend :tcp-waiting
  mode tcp
  bind unix@${tcpWaitSocket} mode 600 accept-proxy
  unique-id-format ${hopFormat}
  tcp-request inspect-delay ${roundMs}ms
${read}
  tcp-request content set-var(txn.round) var(txn.hop),field(3,/),add(1)
  tcp-request content set-var(txn.backend) var(txn.service),concat(:,txn.origin)
  tcp-request content set-var(txn.rest) var(txn.backend),map_str(${mapPath('failover')}) if !{ var(txn.only) -m len gt 0 }
  tcp-request content accept if WAIT_END
  use_backend %[var(txn.backend)]
  default_backend :tcp-none

backend :tcp-none
  mode tcp
`;
}
