/** The runtime commands that bring a slot's servers from what runs to what is wanted. */
import type { ServerName } from '../../model/ids.ts';
import { endpointText } from './grammar.ts';
import { serverWords, inRotation } from './render-service.ts';
import type { Server } from './state.ts';

export interface ServerChanges {
  /** What adds capacity: to run before traffic moves. */
  readonly before: readonly string[];
  /** What takes it away: to run after traffic has moved. */
  readonly after: readonly string[];
  readonly servers: ReadonlyMap<ServerName, Server>;
  /** Servers that have to be deleted and added again. */
  readonly recreate: boolean;
}

export function serverChanges(
  backend: string,
  running: ReadonlyMap<ServerName, Server>,
  wanted: ReadonlyMap<ServerName, Server>,
): ServerChanges {
  const before: string[] = [];
  const after: string[] = [];
  const servers = new Map<ServerName, Server>();
  let recreate = false;
  for (const [name, server] of running) {
    if (wanted.has(name)) continue;
    if (server.rotation !== 'leaving') after.push(`disable server ${backend}/${name}`);
    servers.set(name, { ...server, rotation: 'leaving' });
  }
  for (const [name, want] of wanted) {
    const have = running.get(name);
    const full = `${backend}/${name}`;
    if (have === undefined) {
      before.push(
        ...enter(
          full,
          want,
          `add server ${full} ${endpointText(want.address, want.port)} weight 0 ${serverWords(want)}`,
        ),
      );
      servers.set(name, want);
    } else if (serverWords(have) !== serverWords(want)) {
      if (have.rotation !== 'leaving') after.push(`disable server ${full}`);
      servers.set(name, { ...have, rotation: 'leaving' });
      recreate = true;
    } else {
      const moved = have.address !== want.address || have.port !== want.port;
      if (moved) before.push(`set server ${full} addr ${want.address} port ${want.port}`);
      if (have.rotation === 'leaving') before.push(...enter(full, want, `set server ${full} weight 0`));
      else if (have.rotation !== want.rotation) {
        if (want.rotation === 'in') before.push(`set server ${full} weight ${inRotation}`);
        else after.push(`set server ${full} weight 0`);
      }
      servers.set(name, want);
    }
  }
  return { before, after, servers: new Map([...servers].sort(([a], [b]) => (a < b ? -1 : 1))), recreate };
}

/**
 * A server enters down and without weight, and is probed a moment later: a dynamic server would otherwise
 * start up, and have its first probe a whole interval later (tried on HAProxy 2.6.12; `health down` counts only after
 * `enable server`).
 */
function enter(full: string, server: Server, first: string): readonly string[] {
  const commands = [
    first,
    `enable health ${full}`,
    `enable server ${full}`,
    `set server ${full} health down`,
  ];
  if (server.rotation === 'in') commands.push(`set server ${full} weight ${inRotation}`);
  return commands;
}

/** What `del server` answers while something is connected; it is tried again later. */
export function isBusy(text: string): boolean {
  return /still has connections|has active|must be in maintenance/i.test(text);
}
