/** Brings HAProxy up, and up again when it dies, from the files that say what last ran. */
import { DataPlaneError } from '../errors.ts';
import { mapTexts, pendingFile, serviceText, type Texts } from './disk.ts';
import { mapNames, mapPath } from './layout.ts';
import { reload } from './master.ts';
import { mapsOf } from './maps.ts';
import { mirror, type Plane } from './plane.ts';
import { adoptHaproxy, type Haproxy, startHaproxy } from './process.ts';
import type { Processes } from './parse.ts';
import { readBack } from './readback.ts';
import type { Service, Services } from './state.ts';
import { bindable, globalTexts, withCertificates } from './structure.ts';
import { frontendsOf } from './frontends.ts';

export interface Up {
  readonly haproxy: Haproxy;
  readonly processes: Processes;
}

/** Takes over a HAProxy that runs here already; null when there is none. */
export async function adopt(
  plane: Plane,
  services: readonly Service[],
  signal: AbortSignal,
): Promise<Up | null> {
  const up = await adoptHaproxy(plane.layout, signal);
  if (up === null) return null;
  await update(plane, services, signal);
  mirror(plane.running, services, await readBack(plane.layout, signal));
  plane.context.notify({ kind: 'adopted', pid: up.haproxy.pid });
  return up;
}

/** A HAProxy that an older Baton started does not know all maps, and could not even be read back. */
async function update(plane: Plane, services: readonly Service[], signal: AbortSignal): Promise<void> {
  if (mapNames.every((map) => plane.disk.has(mapPath(map)))) return;
  const kept = new Map(services.filter(({ removed }) => !removed).map((each) => [each.name, each]));
  const frontends = withCertificates(plane, frontendsOf(kept.values(), plane.options.bind));
  await write(plane, kept, globalTexts(plane, kept, frontends));
  await reload(plane.layout, signal);
}

/**
 * Starts HAProxy with what last ran. A port that is taken meanwhile would keep it from starting at all, and so would
 * words of labels that another HAProxy took: a second attempt leaves out what cannot be bound, and these words.
 * @throws DataPlaneError when it does not start
 */
export async function boot(plane: Plane, services: Services, signal: AbortSignal): Promise<Up> {
  const { binary, layout, options } = plane;
  let kept: Services = new Map([...services].filter(([, service]) => !service.removed));
  plane.running.frontends = new Set();
  const wanted = withCertificates(plane, frontendsOf(kept.values(), options.bind));
  const usable = wanted.filter((frontend) => !plane.refused.has(frontend.key));
  let up: Up;
  try {
    await write(plane, kept, globalTexts(plane, kept, usable));
    up = await startHaproxy(binary, layout, options, signal);
  } catch (error) {
    if (!(error instanceof DataPlaneError) || error.code !== 'data-plane-start-failed') throw error;
    plane.refused.clear();
    kept = withoutTemplates(kept);
    await write(plane, kept, globalTexts(plane, kept, await bindable(plane, kept)));
    up = await startHaproxy(binary, layout, options, signal);
  }
  mirror(plane.running, kept.values(), await readBack(layout, signal));
  plane.context.notify({ kind: 'started', pid: up.haproxy.pid });
  return up;
}

function withoutTemplates(services: Services): Services {
  const bare = (service: Service): Service => ({
    ...service,
    slots: service.slots.map((slot) => ({ ...slot, templates: [] })),
  });
  return new Map([...services].map(([name, service]) => [name, bare(service)]));
}

async function write(plane: Plane, services: Services, global: Texts): Promise<void> {
  const texts = new Map<string, string | null>([
    ...global,
    [pendingFile, null],
    ...mapTexts(mapsOf([...services.values()], plane.options), mapNames),
    ...plane.disk.strays(new Set(services.keys())),
  ]);
  for (const [name, service] of services) texts.set(...serviceText(name, service));
  await plane.disk.write(texts);
}
