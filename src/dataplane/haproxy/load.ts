/** Has HAProxy load a new configuration, without the services that it refuses, or leaves everything as it was. */
import { DataPlaneError } from '../errors.ts';
import { validate } from './binary.ts';
import { mapTexts, pendingFile, serviceFile, serviceText, type Texts } from './disk.ts';
import { type Frontend, frontendsOf } from './frontends.ts';
import { reload } from './master.ts';
import { checksOf } from './maps.ts';
import { mirror, type Plane } from './plane.ts';
import { downIn, readBack } from './readback.ts';
import { rulesText } from './read-rules.ts';
import type { Service, Services } from './state.ts';
import { globalTexts, refuseUnbindable } from './structure.ts';
import { allWorkers } from './workers.ts';

/**
 * Renders, validates and loads. Servers stay as they run; a server that is known to be down is left out, because it
 * would start up, and added again at run time. Returns how often HAProxy was reloaded.
 * @throws DataPlaneError when not even the rest of the configuration is taken; the files are as before then
 */
export async function restructure(
  plane: Plane,
  services: Services,
  structural: ReadonlyMap<string, string>,
  frontends: readonly Frontend[],
  because: string,
  signal: AbortSignal,
): Promise<number> {
  const { layout, disk, running, context } = plane;
  const down = downIn((await readBack(layout, signal)).statistics);
  const texts = new Map<string, string | null>([
    [pendingFile, `${because}\n`],
    ...globalTexts(plane, services, frontends),
    // Who comes with the configuration is probed as soon as it is loaded.
    ...mapTexts({ checks: new Map([...running.maps.checks, ...checksOf(services.values())]) }, ['checks']),
  ]);
  for (const [name, service] of services) {
    if (structural.has(name) || hasDown(service, down)) texts.set(...serviceText(name, service, down));
  }
  for (const [file, text] of disk.strays(new Set(services.keys()))) texts.set(file, text);
  const before = await disk.replace(texts);
  try {
    const work = { plane, services, structural, frontends, before };
    const isFirst = running.services.size === 0;
    const kept = await load(work, !isFirst, signal).catch(async (error: unknown) => {
      if (!isFirst || !isRefusal(error)) throw error;
      return await load(work, true, signal);
    });
    await disk.write(new Map([[pendingFile, null]]));
    mirror(running, kept.values(), await readBack(layout, signal));
    plane.lane.open();
    context.notify({ kind: 'reloaded', because });
    return 1;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await disk.write(before);
    context.notify({ kind: 'reload-failed', because, detail: error.message });
    await reload(layout, signal).catch(() => undefined);
    mirror(running, running.services.values(), await readBack(layout, signal));
    await refuseUnbindable(plane, frontends);
    throw error;
  }
}

function isRefusal(error: unknown): error is DataPlaneError {
  return error instanceof DataPlaneError && error.code === 'data-plane-reload-failed';
}

interface Work {
  readonly plane: Plane;
  readonly services: Services;
  readonly structural: ReadonlyMap<string, string>;
  readonly frontends: readonly Frontend[];
  /** What was in the files. */
  readonly before: Texts;
}

/**
 * Has HAProxy load what is written, without the services that it refuses. Returns the others.
 * @param validates whether it is checked before. The very first configuration is not: nobody is served yet whom a failed reload
 *   could harm, and with a thousand services a check takes as long as the reload
 * @throws DataPlaneError `data-plane-reload-failed` when HAProxy does not take it
 */
async function load(
  { plane, services, structural, frontends, before }: Work,
  validates: boolean,
  signal: AbortSignal,
): Promise<Services> {
  const { layout, disk, running, counters } = plane;
  const kept = new Map(services);
  const rejected = validates
    ? await rejectBad(plane, services, structural, before, signal)
    : new Set<string>();
  for (const name of rejected) {
    const earlier = running.services.get(name);
    if (earlier === undefined) kept.delete(name);
    else kept.set(name, earlier);
  }
  if (rejected.size > 0) {
    const needed = frontendsOf(kept.values(), plane.options.bind);
    const rest = frontends.filter(({ key, purpose }) => purpose !== 'services' || needed.has(key));
    await disk.write(globalTexts(plane, kept, rest));
  }
  // The last look at the counters of the worker that may be gone a moment later.
  counters.add(await allWorkers(layout, await readBack(layout, signal), null, signal));
  plane.lane.drop();
  await reload(layout, signal);
  return kept;
}

function hasDown(service: Service, down: ReadonlySet<string>): boolean {
  if (down.size === 0) return false;
  return service.slots.some((slot) =>
    [...slot.servers.keys()].some((server) => down.has(`${service.name}:${slot.slot}/${server}`)),
  );
}

/**
 * The services whose configuration HAProxy refuses: kept aside and named; their earlier one stays.
 * @throws DataPlaneError `data-plane-reload-failed` when it refuses what all services share, or what is left
 */
async function rejectBad(
  plane: Plane,
  services: Services,
  structural: ReadonlyMap<string, string>,
  before: Texts,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const { binary, layout, disk } = plane;
  const rejected = new Set<string>();
  const whole = await validate(binary, layout.dir, ['global.cfg', 'services/'], signal);
  if (whole === null) return rejected;
  // Each service is checked together with it: all would be blamed, and left out until they ask for something else.
  const shared = await validate(binary, layout.dir, ['global.cfg'], signal);
  if (shared !== null) throw refused(shared);
  for (const name of structural.keys()) {
    const why = await validate(binary, layout.dir, ['global.cfg', serviceFile(name)], signal);
    const service = services.get(name);
    if (why === null || service === undefined) continue;
    plane.rejected.set(name, { id: service.id, what: rejectionKey(service), why: why.slice(0, 2_000) });
    // It may be well without: then the next target finds it changed, and it is tried again.
    for (const { templates } of service.slots)
      if (templates.length > 0) plane.templates.refuse(templates, why);
    await disk.setAside(name);
    await disk.write(new Map([...before].filter(([file]) => file === serviceFile(name))));
    rejected.add(name);
  }
  const rest = await validate(binary, layout.dir, ['global.cfg', 'services/'], signal);
  if (rest !== null) throw refused(rest);
  return rejected;
}

function refused(why: string): DataPlaneError {
  return new DataPlaneError(
    'data-plane-reload-failed',
    `HAProxy refuses the configuration: ${why.slice(0, 2_000)}`,
  );
}

/** What of a service decides about its configuration: while it stays the same, it is not tried again. */
export function rejectionKey(service: Service): string {
  const slots = service.slots.map(
    (slot) => `${slot.slot}=${slot.mode},${slot.balance},${slot.checkKind},${slot.templates.join('\n')}`,
  );
  return [...slots, rulesText(service.rules), `cookie=${service.cookie}`].join(' ');
}
