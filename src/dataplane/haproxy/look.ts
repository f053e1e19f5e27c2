/** Looks at what runs: over all workers, and with the mirror corrected where somebody else changed something. */
import type { Observed } from '../../plan/observed.ts';
import { serviceTexts } from './disk.ts';
import { mapNames } from './layout.ts';
import { observedFrom } from './observed.ts';
import { mirror, type Plane, type Running } from './plane.ts';
import { type Readback, readBack, reconcile } from './readback.ts';
import { failoverServer } from './render-service.ts';
import { sweep } from './runtime.ts';
import { backendName, type Service } from './state.ts';
import { allWorkers, sessionsIn } from './workers.ts';

/** @throws DataPlaneError when HAProxy does not answer */
export async function look(plane: Plane, signal: AbortSignal): Promise<Observed> {
  const { layout, running, counters } = plane;
  await sweep(plane, signal);
  const found = await readBack(layout, signal);
  if (found.pid !== running.worker || differs(running, found))
    mirror(running, running.services.values(), found);
  const workers = await allWorkers(layout, found, signal);
  counters.add(workers);
  const sessions = sessionsIn(workers, failoverServer);
  await freeSlots(plane, sessions);
  return observedFrom({
    services: running.services,
    maps: found.maps,
    statistics: found.statistics,
    sessions,
    requests: counters.requests,
  });
}

/** Whether HAProxy runs something else than Baton last made it run. */
function differs(running: Running, found: Readback): boolean {
  for (const map of mapNames) {
    const [mine, real] = [running.maps[map], found.maps[map]];
    if (mine.size !== real.size) return true;
    for (const [key, value] of mine) if (real.get(key) !== value) return true;
  }
  const real = reconcile(running.services.values(), found);
  for (const service of running.services.values()) {
    const other = real.get(service.name);
    if (other?.slots.length !== service.slots.length) return true;
    const same = service.slots.every((slot, index) => {
      const servers = other.slots[index]?.servers;
      if (servers?.size !== slot.servers.size) return false;
      return [...slot.servers].every(([name, server]) => servers.get(name)?.rotation === server.rotation);
    });
    if (!same) return true;
  }
  return false;
}

/** A slot is free when no pool of the target has it, no server is in it, and nothing is connected through it. */
async function freeSlots(plane: Plane, sessions: ReadonlyMap<string, number>): Promise<void> {
  const { running, disk } = plane;
  const services = new Map<string, Service>(running.services);
  for (const [name, service] of running.services) {
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
    services.set(name, next);
    await disk.write(serviceTexts(name, next, new Set()));
  }
  running.services = services;
}
