/** What HAProxy can do at run time: servers in and out, and rows of maps, in an order in which no request is lost. */
import { DataPlaneError } from '../errors.ts';
import { eachInParts } from './breathe.ts';
import { type Disk, mapTexts, serviceText, type Texts } from './disk.ts';
import { type Layout, mapNames, mapPath } from './layout.ts';
import { carryOver, mapChanges, mapsOf, rowsOf } from './maps.ts';
import type { Plane } from './plane.ts';
import { isBusy, serverChanges } from './servers.ts';
import { run } from './socket.ts';
import { backendName, type Service, type Services, withServers } from './state.ts';
import type { Wanted } from './wanted.ts';

export interface Changed {
  readonly changes: number;
  /** The services that they were made for, by name. */
  readonly services: ReadonlySet<string>;
  /** Whether servers have to be deleted and added again. */
  readonly recreate: boolean;
}

/**
 * Brings the servers and maps to what is wanted: first what adds capacity, then the maps, then what takes it away.
 * @param only the services that it is about, by name; null: all
 * @throws DataPlaneError when HAProxy does not answer or refuses
 */
export async function change(
  plane: Plane,
  merged: Services,
  wanted: ReadonlyMap<string, Wanted | 'as-is'>,
  only: ReadonlySet<string> | null,
  signal: AbortSignal,
): Promise<Changed> {
  const { running, disk, layout } = plane;
  const before: string[] = [];
  const after: string[] = [];
  const touched = new Set<string>();
  const changed = new Set<string>();
  const next = new Map<string, Service>(merged);
  const isWhole = only === null || running.dirty;
  let recreate = false;
  const names = isWhole ? new Set([...running.services.keys(), ...merged.keys()]) : only;
  /** Those that are not what they are to be, for all that is known. */
  const open = new Set<string>();
  const settled = new Map<Service, Wanted>();
  await eachInParts(names, (name) => {
    const service = merged.get(name);
    const want = wanted.get(name);
    if (!running.dirty && isSettled(running, name, service, want)) return;
    open.add(name);
    if (service === undefined) {
      touched.add(name);
      return;
    }
    if (want === 'as-is') return;
    if (only !== null && !only.has(name)) {
      touched.add(name);
      return;
    }
    let result = service;
    for (const slot of service.slots) {
      const pool = want?.pools.find((each) => each.slot === slot.slot);
      const changes = serverChanges(backendName(name, slot.slot), slot.servers, pool?.servers ?? new Map());
      result = withServers(result, slot.slot, changes.servers);
      before.push(...changes.before);
      after.push(...changes.after);
      recreate ||= changes.recreate;
      if (changes.before.length + changes.after.length > 0) changed.add(name);
    }
    const isOther = summary(running.services.get(name)) !== summary(result);
    if (isOther) changed.add(name);
    if (running.dirty || changed.has(name)) touched.add(name);
    next.set(name, result);
    if (want !== undefined) settled.set(result, want);
  });
  const { from, to } = running.dirty
    ? { from: running.maps, to: mapsOf([...next.values()], plane.options) }
    : rowsOf(running.maps, some(running.services, open), some(next, open), next, plane.options);
  const rows = mapChanges(from, to);
  const commands = [...rows.checks, ...before, ...rows.put, ...after, ...rows.drop];
  const texts = new Map<string, string | null>();
  for (const name of touched) texts.set(...serviceText(name, next.get(name)));
  await writeAhead(disk, texts);
  await runAll(layout, commands, signal);
  running.services = next;
  const maps = carryOver(running.maps, from, to);
  await disk.write(new Map([...mapTexts(running.maps, running.dirty ? mapNames : maps), ...texts]));
  running.dirty = false;
  for (const [service, want] of settled) running.settled.set(service, want);
  return { changes: countChanges(commands), services: changed, recreate };
}

/** Whether it was last made what it is wanted to be, and is that still. One that nobody wants has to go, and never is. */
export function isSettled(
  { services, settled }: Pick<Plane['running'], 'services' | 'settled'>,
  name: string,
  service: Service | undefined,
  want: Wanted | 'as-is' | undefined,
): boolean {
  if (service === undefined || want === undefined) return false;
  return service === services.get(name) && settled.get(service) === want;
}

function some(services: Services, names: ReadonlySet<string>): readonly Service[] {
  return [...names].map((name) => services.get(name)).filter((service) => service !== undefined);
}

/**
 * Whose server is in which slot is on disk before HAProxy knows the server: a Baton that is killed in between would leave
 * servers that the next one takes for strangers, and replaces. A disk that is full must not hold traffic back; the
 * write after the commands tells.
 */
async function writeAhead(disk: Disk, texts: Texts): Promise<void> {
  const there = [...texts].filter(([, text]) => text !== null);
  await disk.write(new Map(there)).catch(() => undefined);
}

async function runAll(layout: Layout, commands: readonly string[], signal: AbortSignal): Promise<void> {
  if (commands.length === 0) return;
  const failed = (await run(layout.runtimeSocket, commands, signal)).find((answer) => answer.failed);
  if (failed === undefined) return;
  throw new DataPlaneError('data-plane-refused', `HAProxy refused "${failed.command}": ${failed.text}`);
}

/** A server that enters takes several commands and counts once. */
function countChanges(commands: readonly string[]): number {
  return commands.filter((command) => !/^enable |health down$/.test(command)).length;
}

/** All of a service that its files hold, except the servers. */
function summary(service: Service | undefined): string {
  if (service === undefined) return '';
  const { slots, ...rest } = service;
  return JSON.stringify([rest, slots.map(({ servers, ...slot }) => [slot, servers.size])]);
}

/**
 * Deletes servers that are leaving and have nothing connected any more. Says whether one was.
 * @param only the services to look through, by name; null: all
 */
export async function sweep(
  plane: Plane,
  only: ReadonlySet<string> | null,
  signal: AbortSignal,
): Promise<boolean> {
  const { running, layout, disk } = plane;
  const leaving: { service: string; slot: string; server: string; full: string }[] = [];
  for (const service of only === null ? running.services.values() : some(running.services, only)) {
    for (const slot of service.slots) {
      for (const server of slot.servers.values()) {
        if (server.rotation !== 'leaving') continue;
        const full = `${backendName(service.name, slot.slot)}/${server.name}`;
        leaving.push({ service: service.name, slot: slot.slot, server: server.name, full });
      }
    }
  }
  if (leaving.length === 0) return false;
  const answers = await run(
    layout.runtimeSocket,
    leaving.map((each) => `del server ${each.full}`),
    signal,
  );
  const gone = leaving.filter((_, index) => {
    const answer = answers[index];
    return answer !== undefined && (!answer.failed || !isBusy(answer.text));
  });
  if (gone.length === 0) return false;
  const services = new Map(running.services);
  for (const { service: name, slot: letter, server } of gone) {
    const service = services.get(name);
    const slot = service?.slots.find((each) => each.slot === letter);
    if (service === undefined || slot === undefined) continue;
    const servers = new Map([...slot.servers].filter(([each]) => each !== server));
    services.set(name, withServers(service, slot.slot, servers));
  }
  const rows = gone.filter(({ full }) => running.maps.checks.has(full));
  const drops = rows.map(({ full }) => `del map ${mapPath('checks')} ${full}`);
  if (drops.length > 0) await run(layout.runtimeSocket, drops, signal);
  running.services = services;
  for (const { full } of rows) running.maps.checks.delete(full);
  const texts = new Map(mapTexts(running.maps, rows.length > 0 ? ['checks'] : []));
  for (const name of new Set(gone.map((each) => each.service)))
    texts.set(...serviceText(name, services.get(name)));
  await disk.write(texts);
  return true;
}
