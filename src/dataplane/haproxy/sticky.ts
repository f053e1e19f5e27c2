/** Stickiness: a cookie that names a task, and rows that say which tasks still take those who bring it. */
import { mapPath } from './layout.ts';
import { failoverServer } from './failover-server.ts';
import type { Service } from './state.ts';

/** The name that marathon-lb gave it. */
const cookie = 'mesosphere_server_id';

/**
 * A client stays while its task is in rotation, and the pool has a share or finishes what it has: one that only stands by
 * serves nobody, and would have the client for ever.
 * A dynamic server takes no `cookie` keyword before HAProxy 3.0, so the rows stand for it.
 */
export function addSticky({ name, rules, slots, weights }: Service, rows: Map<string, string>): void {
  if (!rules.sticky) return;
  const staying = new Set(
    weights.filter((each) => each.weight > 0 || each.draining).map((each) => each.slot),
  );
  for (const { slot, servers } of slots) {
    if (!staying.has(slot)) continue;
    for (const server of servers.values()) {
      if (server.rotation === 'in') rows.set(stickyKey(name, slot, server.name), `${slot}/${server.name}`);
    }
  }
}

export function stickyKey(service: string, slot: string, server: string): string {
  return `${service}/${slot}.${server}`;
}

/** Takes a cookie out of what the server sees. */
export function renderWithoutCookie(name: string): readonly string[] {
  return [
    `  http-request replace-header Cookie '^(.*;[[:space:]]*)?${name}=[^;]*;?[[:space:]]*(.*)$' '\\1\\2' if !again`,
    "  http-request replace-header Cookie '^(.*);[[:space:]]*$' '\\1' if !again",
    '  http-request del-header Cookie if !again { req.fhdr(Cookie) -m len 0 }',
  ];
}

/** The rules of a frontend; whoever's slot is chosen already stays on its tasks, and on no others. */
export const stickyRules = `  http-request set-var(txn.cookie) req.cook(${cookie})
  http-request set-var(txn.stuck) var(txn.service),concat(/,txn.cookie),map_str(${mapPath('sticky')}) if { var(txn.cookie) -m found }
  http-request unset-var(txn.stuck) if { var(txn.slot) -m found } !{ var(txn.stuck),field(1,/),strcmp(txn.slot) eq 0 }
  acl stuck var(txn.stuck) -m found
  http-request set-var(txn.slot) var(txn.stuck),field(1,/) if stuck
  http-request set-var(txn.server) var(txn.stuck),field(2,/) if stuck
`;

/**
 * The rules of a backend. As marathon-lb's \`insert indirect nocache\`: the server does not see the cookie, who has the
 * right one gets none, and no cache keeps an answer with one. Who was served by another pool, because this one is dead,
 * is not to stay there.
 */
export function renderSticky(slot: string): readonly string[] {
  return [
    '  use-server %[var(txn.server)] if { var(txn.server) -m found }',
    ...renderWithoutCookie(cookie),
    '  acl stays srv_name,strcmp(txn.server) eq 0',
    `  acl elsewhere srv_name -m str ${failoverServer}`,
    `  http-response add-header Set-Cookie '${cookie}=${slot}.%[srv_name]; path=/' if !again !stays !elsewhere`,
    '  http-response add-header Cache-Control private if !again !stays !elsewhere',
  ];
}
