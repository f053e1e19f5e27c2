/** Affinity: a cookie that names an app, and rows that say whose clients may stay. */
import { createHash } from 'node:crypto';
import type { AppId, SlotName } from '../../model/ids.ts';
import { failoverServer } from './failover-server.ts';
import { mapPath } from './layout.ts';
import { renderWithoutCookie } from './sticky.ts';
import type { Weighted } from './state.ts';

/** One of its own for each service: a browser sends the cookies of a host to all of its ports and paths. */
function cookieOf(service: string): string {
  return `baton_${digest(service)}`;
}

/** Short, and the same on every machine; slots pass from app to app, and are not. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

export interface Staying extends Weighted {
  readonly app: AppId | null;
}

/**
 * `service/digest` leads a client to the slot, `service:slot` has the digest that a new client gets. An app's clients
 * stay while its pool has a share or finishes what it has; without the rows they are gone with their next request.
 */
export function addAffinity(service: string, pools: readonly Staying[], rows: Map<string, string>): void {
  for (const { slot, app, weight, draining } of pools) {
    if (app === null || (weight <= 0 && !draining)) continue;
    rows.set(`${service}/${digest(app)}`, slot);
    rows.set(`${service}:${slot}`, digest(app));
  }
}

/** Whose row that is. */
export function affineService(key: string): string {
  return key.replace(/[/:].*$/, '');
}

/** The rules of a frontend; they come after the matches, and a listener of one app is not left. */
export function affinityRules(services: readonly string[]): string {
  if (services.length === 0) return '';
  const lines = services.map(
    (name) => `set-var(txn.client) req.cook(${cookieOf(name)}) if { var(txn.service) -m str -- ${name} }`,
  );
  lines.push(
    `set-var(txn.kept) var(txn.service),concat(/,txn.client),map_str(${mapPath('affinity')}) if { var(txn.client) -m found } !{ var(txn.slot) -m found }`,
    'set-var(txn.slot) var(txn.kept) if { var(txn.kept) -m found }',
  );
  return lines.map((line) => `  http-request ${line}\n`).join('');
}

/**
 * The rules of a backend: the server does not see the cookie; who was led here by none, nor by a match, gets one, and
 * no cache keeps that answer. Who was served by another pool because this one is dead gets none, and comes back when it does.
 */
export function renderAffinity(service: string): readonly string[] {
  const cookie = cookieOf(service);
  const isNew = '{ var(txn.mine) -m found }';
  const attributes = 'Path=/; HttpOnly; SameSite=Lax';
  const set = (more: string) =>
    `http-response add-header Set-Cookie '${cookie}=%[var(txn.mine)]; ${attributes}${more}'`;
  return [
    ...renderWithoutCookie(cookie),
    `  acl away srv_name -m str ${failoverServer}`,
    '  acl led var(txn.kept) -m found',
    '  acl led var(txn.matched) -m found',
    '  acl led var(txn.only) -m len gt 0',
    `  http-response set-var(txn.mine) be_name,map_str(${mapPath('affinity')}) if !again !away !led`,
    `  ${set('')} if ${isNew} !{ ssl_fc }`,
    `  ${set('; Secure')} if ${isNew} { ssl_fc }`,
    `  http-response add-header Cache-Control private if ${isNew} !{ res.fhdr(Cache-Control) -m sub private }`,
  ];
}

/** The pools of a service that runs, with their apps. */
export function stayingIn(
  weights: readonly Weighted[],
  slots: readonly { readonly slot: SlotName; readonly app: AppId | null }[],
): readonly Staying[] {
  return weights.map((each) => ({ ...each, app: slots.find(({ slot }) => slot === each.slot)?.app ?? null }));
}
