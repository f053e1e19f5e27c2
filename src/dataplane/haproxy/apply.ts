/** Applies a target that has been read: structure first if HAProxy lacks some, then everything at run time. */
import type { Diagnostic } from '../../declared/types.ts';
import type { AppId } from '../../model/ids.ts';
import type { Applied } from '../driver.ts';
import { diagnostic } from '../diagnostics.ts';
import { DataPlaneError } from '../errors.ts';
import { frontendsOf } from './frontends.ts';
import { askOldWorker, processes } from './master.ts';
import { type Merged, merge } from './merge.ts';
import { mirror, type Plane, unknownWorker } from './plane.ts';
import { portDiagnostic } from './ports.ts';
import { readBack } from './readback.ts';
import { change, sweep } from './runtime.ts';
import { run } from './socket.ts';
import { backendName, type Services } from './state.ts';
import { bindable, lacks, rejectionKey, restructure } from './structure.ts';
import type { Reading, Wanted } from './wanted.ts';

const defaultSpareSlots = 2;

/**
 * What HAProxy refuses, because it runs something else than Baton thinks, is tried once more from what it does run.
 * @throws DataPlaneError when HAProxy does not answer or refuses; what was done until then stays done
 */
export async function applyReading(plane: Plane, reading: Reading, signal: AbortSignal): Promise<Applied> {
  try {
    if (plane.running.worker === unknownWorker) await resync(plane, signal);
    return await applyOnce(plane, reading, signal).catch(async (error: unknown) => {
      if (!(error instanceof DataPlaneError) || error.code !== 'data-plane-refused') throw error;
      await resync(plane, signal);
      return await applyOnce(plane, reading, signal);
    });
  } catch (error) {
    plane.running.worker = unknownWorker;
    throw error;
  }
}

async function resync(plane: Plane, signal: AbortSignal): Promise<void> {
  mirror(plane.running, plane.running.services.values(), await readBack(plane.layout, signal));
}

async function applyOnce(plane: Plane, reading: Reading, signal: AbortSignal): Promise<Applied> {
  await sweep(plane, signal);
  let merged = layOver(plane, reading.services);
  const frontends = await bindable(plane, merged.services);
  const because = lacks(plane, merged.services, merged.structural, frontends);
  let reloads = 0;
  if (because !== null) {
    reloads = await restructure(plane, merged.services, merged.structural, frontends, because, signal);
    merged = layOver(plane, reading.services);
  }
  let { changes, recreate } = await change(plane, merged.services, wantedOf(plane, reading), signal);
  if (recreate && (await sweep(plane, signal))) {
    merged = layOver(plane, reading.services);
    const again = await change(plane, merged.services, wantedOf(plane, reading), signal);
    changes += again.changes;
  }
  await closeSessions(plane, reading.services, signal);
  return {
    reloads,
    changes,
    diagnostics: [...reading.diagnostics, ...diagnosticsOf(plane, merged.services, reading.services)],
  };
}

/** A service whose configuration was refused stays as it runs, if it does, until it asks for something else. */
function layOver(plane: Plane, wanted: ReadonlyMap<string, Wanted>): Merged {
  const { running, rejected, options } = plane;
  const merged = merge(running.services, wanted, options.spareSlots ?? defaultSpareSlots);
  if (rejected.size === 0) return merged;
  const services = new Map(merged.services);
  const structural = new Map(merged.structural);
  for (const [name, { what }] of rejected) {
    const service = services.get(name);
    if (service === undefined || service.removed || rejectionKey(service) !== what) {
      rejected.delete(name);
      continue;
    }
    structural.delete(name);
    const before = running.services.get(name);
    if (before === undefined) services.delete(name);
    else services.set(name, before);
  }
  return { services, structural };
}

function wantedOf(plane: Plane, reading: Reading): ReadonlyMap<string, Wanted | 'as-is'> {
  if (plane.rejected.size === 0) return reading.services;
  const wanted = new Map<string, Wanted | 'as-is'>(reading.services);
  for (const name of plane.rejected.keys()) wanted.set(name, 'as-is');
  return wanted;
}

/** Over all workers: an old one may hold the very connections that do not end. */
async function closeSessions(
  plane: Plane,
  wanted: ReadonlyMap<string, Wanted>,
  signal: AbortSignal,
): Promise<void> {
  const commands: string[] = [];
  for (const want of wanted.values()) {
    const service = plane.running.services.get(want.name);
    for (const pool of want.pools) {
      if (!pool.close) continue;
      const slot = service?.slots.find((each) => each.slot === pool.slot);
      for (const server of slot?.servers.keys() ?? []) {
        commands.push(`shutdown sessions server ${backendName(want.name, pool.slot)}/${server}`);
      }
    }
  }
  if (commands.length === 0) return;
  await run(plane.layout.runtimeSocket, commands, signal);
  const { old } = await processes(plane.layout, signal);
  for (const pid of old) {
    for (const command of commands) await askOldWorker(plane.layout, pid, command, signal);
  }
}

function diagnosticsOf(
  plane: Plane,
  services: Services,
  reading: ReadonlyMap<string, Wanted>,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const needed = frontendsOf(services.values(), plane.options.bind);
  for (const [key, { frontend, refusal }] of plane.refused) {
    const service = needed.get(key)?.service;
    if (service !== undefined) found.push(portDiagnostic(refusal, frontend, service.id as string as AppId));
  }
  for (const [name, { why }] of plane.rejected) {
    const id: string = reading.get(name)?.id ?? services.get(name)?.id ?? `/${name}`;
    found.push(diagnostic('config-rejected', id as AppId, why));
  }
  return found;
}
