/** Renders one service: a backend for each slot, with the servers that are in rotation. */
import { endpointText } from './grammar.ts';
import { failoverServer } from './failover-server.ts';
import { failoverSocket, mapPath, tcpFailoverSocket } from './layout.ts';
import { renderRules, renderUsers } from './render-rules.ts';
import { backendName, type Server, type Service, type Slot } from './state.ts';

/** The section from which backends take their check. */
export const checkedByHttp = ':checked-by-http';

/** Each server is asked on a path of its own. @param host the name that it is asked by, as HAProxy writes text with variables */
export function httpCheck(host: string): string {
  return `  option httpchk
  http-check set-var(check.server) srv_name
  http-check send meth GET uri-lf "%[be_name,concat(/,check.server),map_str(${mapPath('checks')},/)]" ver HTTP/1.1 hdr Host ${host} hdr User-Agent baton-check
  http-check expect status 200-399
`;
}

/** One weight for all: shares are the split's, not the servers'. */
export const inRotation = 100;

/** Servers that HAProxy was seen to have marked down, as `backend/server`. */
export type Down = ReadonlySet<string>;

/**
 * A server in the configuration starts up, unprobed. So those known to be down are left out, and added at run time, where
 * they can start down; those on hold have no weight, and take nothing until their checks have passed. Those that are
 * leaving end with the worker that holds their requests.
 */
export function renderService(service: Service, down: Down): string {
  const backends = service.slots.map((slot) => renderSlot(service, slot, down));
  return `# Written by Baton for ${service.name}. Changes made here are overwritten.\n${renderUsers(service)}${backends.join('\n')}`;
}

function renderSlot(service: Service, slot: Slot, down: Down): string {
  const backend = backendName(service.name, slot.slot);
  // Thousands of backends with one check for all are read in a third less time; words of labels may change it, though.
  const shared = slot.checkKind === 'http' && slot.templates.length === 0;
  const lines = [
    `backend ${backend}${shared ? ` from ${checkedByHttp}` : ''}`,
    `  mode ${slot.mode}`,
    `  balance ${slot.balance}`,
  ];
  if (slot.balance === 'source') lines.push('  hash-type consistent');
  if (slot.checkKind === 'http' && !shared) lines.push(httpCheck(service.name).trimEnd());
  lines.push(...renderRules(service, slot));
  lines.push(...slot.templates.map((line) => `  ${line}`));
  for (const server of slot.servers.values()) {
    if (server.rotation === 'leaving' || down.has(`${backend}/${server.name}`)) continue;
    const weight = server.rotation === 'in' ? inRotation : 0;
    lines.push(
      `  server ${server.name} ${endpointText(server.address, server.port)} weight ${weight} ${serverWords(server)}`,
    );
  }
  lines.push(
    `  server ${failoverServer} unix@${slot.mode === 'http' ? failoverSocket : tcpFailoverSocket} backup pool-max-conn 0 send-proxy-v2 proxy-v2-options unique-id`,
    '',
  );
  return lines.join('\n');
}

const longestInterval = 86_400_000;
const shortestInterval = 100;
const quickInterval = 1_000;
const downInterval = 250;
const proxyWords = { v1: ' send-proxy check-send-proxy', v2: ' send-proxy-v2 check-send-proxy' } as const;

/**
 * How a server is connected to and probed, and that its first refused connection marks it down without waiting for a probe. While in
 * doubt it is probed each second, while down four times a second, and its first good answer brings it up: in a rolling
 * upgrade Marathon stops the old task as soon as it finds the new one healthy, and HAProxy must have found that first.
 */
export function serverWords(server: Server): string {
  const { check, sendProxy } = server;
  const interval = Math.round(Math.min(longestInterval, Math.max(shortestInterval, check.intervalMs)));
  const fall = Math.round(Math.min(100, Math.max(1, check.fall)));
  const port = check.port === null ? '' : ` port ${check.port}`;
  return `check${port} inter ${interval}ms fastinter ${Math.min(quickInterval, interval)}ms downinter ${Math.min(downInterval, interval)}ms fall ${fall} rise 1 observe layer4 error-limit 1 on-error mark-down${sendProxy === undefined ? '' : proxyWords[sendProxy]}`;
}
