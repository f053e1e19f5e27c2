/** How marathon-lb names backends, servers and sticky cookies: what dashboards, scripts and clients already know. */
import { safeName } from '../../model/ids.ts';
import type { AppId } from '../../model/ids.ts';
import { sha1 } from '../../model/sha1.ts';

/**
 * The name of an app's backend and frontend: `group_app_10000`.
 * @param owner the app, or its deployment group with a leading `/`
 * @param port the service port, or the label that overrides it
 */
export function backendName(owner: AppId, port: number): string {
  return `${safeName(owner)}_${port}`;
}

/**
 * The name of an endpoint's server: host, address and port, all but letters, digits and `-` replaced: `10_0_2_148_31565`.
 * @param host the task's host as Marathon writes it
 * @param address what it resolves to; the same for a host that is an address already
 */
export function marathonLbServerName(host: string, address: string, port: number): string {
  const name = host === address ? `${address}_${port}` : `${host}_${address}_${port}`;
  return name.replace(/[^A-Za-z0-9-]/g, '_');
}

/** The cookie `mesosphere_server_id` of a client that sticks to the server of that name. */
export function stickyCookie(server: string): string {
  return sha1(server).slice(0, 10);
}
