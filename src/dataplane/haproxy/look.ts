/** Looks at what runs: over all workers, and with the mirror corrected where somebody else changed something. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Observed } from '../../plan/observed.ts';
import { eachInParts } from './breathe.ts';
import { serviceText } from './disk.ts';
import { mapNames } from './layout.ts';
import { choiceKeys, choiceMaps, noMaps } from './maps.ts';
import { observedFrom } from './observed.ts';
import { mirror, type Plane, type Running } from './plane.ts';
import { type Readback, readBack, readServices, rotationIn } from './readback.ts';
import { failoverServer } from './failover-server.ts';
import { routeKeys, routeMaps } from './routes.ts';
import { sweep } from './runtime.ts';
import { backendName, type Service, type Services } from './state.ts';
import { allWorkers, sessionsIn } from './workers.ts';

/** More services than this are looked at together with all others: one question costs less than many. */
const mostAlone = 32;

/**
 * @param only the services to look at, by name; null: all. Where HAProxy runs something else than Baton thinks, all are
 * @throws DataPlaneError when HAProxy does not answer
 */
export async function look(
  plane: Plane,
  only: ReadonlySet<string> | null,
  signal: AbortSignal,
): Promise<Observed> {
  const { running, layout, options } = plane;
  if (only === null || only.size > mostAlone) return await lookAtAll(plane, signal);
  await sweep(plane, only, signal);
  const services = new Map([...running.services].filter(([name]) => only.has(name)));
  if (services.size === 0) return { services: new Map() };
  const found = await readServices(layout, [...services.values()], running.frontends, options, signal);
  if (
    found === null ||
    found.pid !== running.worker ||
    (await differs(services, rowsOfMirror(plane, services), found))
  )
    return await lookAtAll(plane, signal);
  return await seen(plane, services, found, signal);
}

async function lookAtAll(plane: Plane, signal: AbortSignal): Promise<Observed> {
  const { layout, running } = plane;
  await sweep(plane, null, signal);
  const found = await readBack(layout, signal);
  if (found.pid !== running.worker || (await differs(running.services, running.maps, found)))
    mirror(running, running.services.values(), found);
  return await seen(plane, running.services, found, signal);
}

/** What was read back of these services, with what older workers say of them. */
async function seen(
  plane: Plane,
  services: Services,
  found: Readback,
  signal: AbortSignal,
): Promise<Observed> {
  const { layout, counters, running } = plane;
  const backends = services === running.services ? null : backendsOf(services);
  const workers = await allWorkers(layout, found, backends, signal);
  counters.add(workers);
  if (backends === null) await breathe();
  const sessions = sessionsIn(workers, failoverServer);
  await freeSlots(plane, services, sessions);
  if (backends === null) await breathe();
  const now = [...services.keys()].map((name) => running.services.get(name));
  return await observedFrom({
    services: now.filter((service) => service !== undefined),
    maps: found.maps,
    statistics: found.statistics,
    sessions,
    counted: counters.of,
  });
}

function backendsOf(services: Services): readonly string[] {
  return [...services.values()].flatMap(({ name, slots }) =>
    slots.map(({ slot }) => backendName(name, slot)),
  );
}

/** The rows by which some services are found and split, as Baton last made them. */
function rowsOfMirror({ running, options }: Plane, services: Services): Running['maps'] {
  const rows = noMaps();
  for (const { name } of services.values()) {
    const row = running.maps.split.get(name);
    if (row !== undefined) rows.split.set(name, row);
  }
  const keys = { ...routeKeys(services.values(), options), ...choiceKeys([...services.values()]) };
  for (const map of [...routeMaps, ...choiceMaps]) {
    for (const key of keys[map]) {
      const leadsTo = running.maps[map].get(key);
      if (leadsTo !== undefined) rows[map].set(key, leadsTo);
    }
  }
  return rows;
}

/** Whether HAProxy runs something else than Baton last made it run. */
async function differs(services: Services, maps: Running['maps'], found: Readback): Promise<boolean> {
  for (const map of mapNames) {
    const [mine, real] = [maps[map], found.maps[map]];
    if (mine.size !== real.size) return true;
    for (const [key, value] of mine) if (real.get(key) !== value) return true;
  }
  let same = true;
  await eachInParts(services.values(), (service) => {
    same &&= isSame(service, found);
  });
  return !same;
}

function isSame({ name, slots }: Service, { servers }: Readback): boolean {
  return slots.every(({ slot, servers: known }) => {
    const rows = servers.get(backendName(name, slot));
    if (rows?.size !== known.size + (rows?.has(failoverServer) === true ? 1 : 0)) return false;
    for (const [server, { rotation }] of known) {
      const row = rows.get(server);
      if (row === undefined || rotationIn(row) !== rotation) return false;
    }
    return true;
  });
}

/** A slot is free when no pool of the target has it, no server is in it, and nothing is connected through it. */
async function freeSlots(
  plane: Plane,
  among: Services,
  sessions: ReadonlyMap<string, number>,
): Promise<void> {
  const { running, disk } = plane;
  const freed = new Map<string, Service>();
  for (const name of among.keys()) {
    const service = running.services.get(name);
    if (service === undefined) continue;
    const named = new Set(service.weights.map((each) => each.slot));
    const free = service.slots.filter(
      (slot) =>
        slot.app !== null &&
        !named.has(slot.slot) &&
        slot.servers.size === 0 &&
        (sessions.get(backendName(name, slot.slot)) ?? 0) === 0,
    );
    if (free.length === 0) continue;
    const next = {
      ...service,
      slots: service.slots.map((slot) => (free.includes(slot) ? { ...slot, app: null } : slot)),
    };
    freed.set(name, next);
    await disk.write(new Map([serviceText(name, next)]));
  }
  if (freed.size === 0) return;
  const services = new Map(running.services);
  for (const [name, service] of freed) services.set(name, service);
  running.services = services;
}
