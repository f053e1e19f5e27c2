/** The fast way out: servers lose their weight at once, before anybody plans. */
import type { ServerName } from '../../model/ids.ts';
import { DataPlaneError } from '../errors.ts';
import { mapTexts, serviceText } from './disk.ts';
import { mapPath } from './layout.ts';
import type { Plane } from './plane.ts';
import { run } from './socket.ts';
import { backendName, type Service, type Services, withServers } from './state.ts';
import { stickyKey } from './sticky.ts';

/**
 * Says the same to HAProxy without waiting for what else is being asked of it. What is known of it stays as it is:
 * {@link withdraw} follows, and says it again. A server that is not there any more is no failure.
 * @param only the services to look in, by name; null: all
 * @throws DataPlaneError when HAProxy does not answer
 */
export async function withdrawNow(
  plane: Plane,
  names: ReadonlySet<ServerName>,
  only: ReadonlySet<string> | null,
  signal: AbortSignal,
): Promise<void> {
  const commands: string[] = [];
  for (const { name: service, slots } of among(plane.running.services, only)) {
    for (const { slot, servers } of slots) {
      if (servers.size === 0) continue;
      for (const name of names) {
        if (servers.get(name)?.rotation !== 'in') continue;
        commands.push(weightless(service, slot, name));
        const key = stickyKey(service, slot, name);
        if (plane.running.maps.sticky.has(key)) commands.push(forget(key));
      }
    }
  }
  if (commands.length === 0 || (await plane.lane.say(commands))) return;
  await run(plane.layout.runtimeSocket, commands, signal);
}

function among(services: Services, only: ReadonlySet<string> | null): readonly Service[] {
  if (only === null) return [...services.values()];
  return [...only].map((name) => services.get(name)).filter((service) => service !== undefined);
}

function weightless(service: string, slot: string, server: ServerName): string {
  return `set server ${backendName(service, slot)}/${server} weight 0`;
}

/** Those who stay on a task would come on in spite of its weight. */
function forget(key: string): string {
  return `del map ${mapPath('sticky')} ${key}`;
}

/**
 * Weight 0: requests in progress go on, new ones go elsewhere. Returns how many servers lost it.
 * @throws DataPlaneError when HAProxy does not answer or refuses
 */
export async function withdraw(
  plane: Plane,
  names: ReadonlySet<ServerName>,
  only: ReadonlySet<string> | null,
  signal: AbortSignal,
): Promise<number> {
  const { running, layout, disk } = plane;
  const changed = new Map<string, Service>();
  const commands: string[] = [];
  const rows: string[] = [];
  const texts = new Map<string, string | null>();
  for (const service of among(running.services, only)) {
    let next = service;
    for (const slot of service.slots) {
      if (slot.servers.size === 0) continue;
      const leaving = [...slot.servers.values()].filter(
        (server) => server.rotation === 'in' && names.has(server.name),
      );
      if (leaving.length === 0) continue;
      const servers = new Map(slot.servers);
      for (const server of leaving) {
        commands.push(weightless(service.name, slot.slot, server.name));
        servers.set(server.name, { ...server, rotation: 'hold' });
        const key = stickyKey(service.name, slot.slot, server.name);
        if (running.maps.sticky.has(key)) rows.push(key);
      }
      next = withServers(next, slot.slot, servers);
    }
    if (next === service) continue;
    changed.set(service.name, next);
    texts.set(...serviceText(service.name, next));
  }
  if (commands.length === 0) return 0;
  const answers = await run(layout.runtimeSocket, commands, signal);
  const failed = answers.find((answer) => answer.failed);
  if (failed !== undefined) {
    throw new DataPlaneError('data-plane-refused', `HAProxy refused "${failed.command}": ${failed.text}`);
  }
  // Most likely gone already: withdrawNow came first.
  if (rows.length > 0) await run(layout.runtimeSocket, rows.map(forget), signal);
  for (const key of rows) running.maps.sticky.delete(key);
  const services = new Map(running.services);
  for (const [name, service] of changed) services.set(name, service);
  running.services = services;
  for (const [file, text] of mapTexts(running.maps, rows.length > 0 ? ['sticky'] : [])) texts.set(file, text);
  await disk.write(texts);
  return commands.length;
}
