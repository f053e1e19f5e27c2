/** Applies a target that has been read: structure first if HAProxy lacks some, then everything at run time. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Diagnostic } from '../../declared/types.ts';
import { type AppId, backendsName } from '../../model/ids.ts';
import type { Applied } from '../driver.ts';
import { diagnostic } from '../diagnostics.ts';
import { DataPlaneError } from '../errors.ts';
import { pendingFile } from './disk.ts';
import { closeSessions } from './close.ts';
import { sameConditions } from './condition.ts';
import { frontendsOf } from './frontends.ts';
import { rejectionKey, restructure } from './load.ts';
import { type Merged, merge } from './merge.ts';
import { knowsNames } from './names.ts';
import { mirror, type Plane, unknownWorker } from './plane.ts';
import { portDiagnostic } from './ports.ts';
import { readBack } from './readback.ts';
import { change, sweep } from './runtime.ts';
import { settle } from './settle.ts';
import type { Services } from './state.ts';
import { bindable, lacks } from './structure.ts';
import type { Reading, Wanted } from './wanted.ts';

const defaultSpareSlots = 2;

/**
 * What HAProxy refuses, because it runs something else than Baton thinks, is tried once more from what it does run.
 * @param only the services that the reading is about, by name; null: all
 * @throws DataPlaneError when HAProxy does not answer or refuses; what was done until then stays done
 */
export async function applyReading(
  plane: Plane,
  reading: Reading,
  only: ReadonlySet<string> | null,
  signal: AbortSignal,
): Promise<Applied> {
  try {
    if (plane.running.worker === unknownWorker) await resync(plane, signal);
    return await applyOnce(plane, reading, only, signal).catch(async (error: unknown) => {
      if (!(error instanceof DataPlaneError) || error.code !== 'data-plane-refused') throw error;
      await resync(plane, signal);
      return await applyOnce(plane, reading, only, signal);
    });
  } catch (error) {
    plane.running.worker = unknownWorker;
    throw error;
  }
}

async function resync(plane: Plane, signal: AbortSignal): Promise<void> {
  mirror(plane.running, plane.running.services.values(), await readBack(plane.layout, signal));
}

async function applyOnce(
  plane: Plane,
  reading: Reading,
  only: ReadonlySet<string> | null,
  signal: AbortSignal,
): Promise<Applied> {
  await sweep(plane, only, signal);
  const { services, diagnostics } = settle(
    reading.services,
    plane.running.services,
    only,
    plane.options.bind,
  );
  noteWhoGaveWay(plane, diagnostics, only);
  return await carryOut(plane, { ...reading, services }, only, signal);
}

function noteWhoGaveWay(
  { gaveWay }: Plane,
  diagnostics: Reading['diagnostics'],
  only: ReadonlySet<string> | null,
): void {
  for (const id of gaveWay.keys()) if (only === null || only.has(backendsName(id))) gaveWay.delete(id);
  for (const [id, said] of diagnostics) gaveWay.set(id, said);
}

async function carryOut(
  plane: Plane,
  reading: Reading,
  only: ReadonlySet<string> | null,
  signal: AbortSignal,
): Promise<Applied> {
  let merged = layOver(plane, reading.services, only);
  let reloads = 0;
  if (only === null) await breathe();
  if (mayLack(plane, merged, only)) {
    await plane.tls.look(
      [...merged.services.values()].flatMap(({ listeners }) => listeners),
      signal,
    );
    const frontends = await bindable(plane, merged.services);
    const because = lacks(plane, merged.services, merged.structural, frontends);
    if (because !== null) {
      reloads = await restructure(plane, merged.services, merged.structural, frontends, because, signal);
      merged = layOver(plane, reading.services, only);
    }
    await breathe();
  }
  const first = await change(plane, merged.services, wantedOf(plane, reading), only, signal);
  let { changes } = first;
  if (first.recreate && (await sweep(plane, only, signal))) {
    merged = layOver(plane, reading.services, only);
    changes += (await change(plane, merged.services, wantedOf(plane, reading), only, signal)).changes;
  }
  await closeSessions(plane, reading.services, signal);
  return {
    reloads,
    changes,
    changed: new Set([...first.services].flatMap((name) => merged.services.get(name)?.id ?? [])),
    diagnostics: eachOnce([
      ...plane.tls.diagnostics(),
      ...[...plane.unread.values(), ...plane.gaveWay.values()].flat(),
      ...diagnosticsOf(plane, merged.services),
    ]),
  };
}

/** What is about no app would be said for each of them. */
function eachOnce(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((each) => [JSON.stringify(each), each])).values()];
}

/** Whether the loaded configuration can lack anything: not while some services keep their listeners, conditions and slots. */
function mayLack(plane: Plane, merged: Merged, only: ReadonlySet<string> | null): boolean {
  if (only === null || merged.structural.size > 0 || plane.refused.size > 0) return true;
  if (plane.disk.has(pendingFile)) return true;
  const text = plane.disk.global();
  const asked = [...only].flatMap((name) => merged.services.get(name) ?? []);
  if (!knowsNames(text, asked)) return true;
  return [...only].some((name) => {
    const [before, after] = [plane.running.services.get(name), merged.services.get(name)];
    return (
      JSON.stringify(before?.listeners) !== JSON.stringify(after?.listeners) || !sameConditions(before, after)
    );
  });
}

/** A service whose configuration was refused stays as it runs, if it does, until it asks for something else. */
function layOver(
  plane: Plane,
  wanted: ReadonlyMap<string, Wanted>,
  only: ReadonlySet<string> | null,
): Merged {
  const { running, rejected, options } = plane;
  const spareSlots = options.spareSlots ?? defaultSpareSlots;
  const merged = merge(running.services, wanted, spareSlots, only, running.settled);
  if (rejected.size === 0) return merged;
  const services = new Map(merged.services);
  const structural = new Map(merged.structural);
  for (const [name, { what }] of rejected) {
    if (only !== null && !only.has(name)) continue;
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

function diagnosticsOf(plane: Plane, services: Services): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const needed = plane.refused.size === 0 ? new Map() : frontendsOf(services.values(), plane.options.bind);
  for (const [key, { frontend, refusal }] of plane.refused) {
    const id = needed.get(key)?.service.id as string | undefined;
    if (id !== undefined || frontend.purpose !== 'services') {
      found.push(portDiagnostic(refusal, frontend, (id as AppId | undefined) ?? null));
    }
  }
  for (const { id, why } of plane.rejected.values()) {
    found.push(diagnostic('config-rejected', id as string as AppId, why));
  }
  return found;
}
