/** Which services a turn has to look at: those whose labels or tasks have changed. */
import type { DeclaredService } from '../declared/types.ts';
import type { App } from '../model/app.ts';
import type { AppId, ServiceId } from '../model/ids.ts';

/** What verdicts rest on, besides the data plane and the time. */
export interface Basis {
  readonly apps: ReadonlyMap<AppId, App>;
  readonly services: readonly DeclaredService[];
  /** Which services an app is a pool of. */
  readonly poolOf: ReadonlyMap<AppId, readonly ServiceId[]>;
}

export const emptyBasis: Basis = { apps: new Map(), services: [], poolOf: new Map() };

/** @param before whose index is taken over where nothing is declared anew */
export function basisOf(
  apps: ReadonlyMap<AppId, App>,
  services: readonly DeclaredService[],
  before: Basis,
): Basis {
  return { apps, services, poolOf: services === before.services ? before.poolOf : indexOf(services) };
}

/** The services that differ, are new, or are gone. What is the same object is the same. */
export function changedServices(before: Basis, after: Basis): ReadonlySet<ServiceId> {
  const due = new Set<ServiceId>();
  if (before.services !== after.services) {
    const known = new Map(before.services.map((service) => [service.id, service]));
    for (const service of after.services) {
      if (known.get(service.id) !== service) due.add(service.id);
      known.delete(service.id);
    }
    for (const gone of known.keys()) due.add(gone);
  }
  if (before.apps === after.apps) return due;
  for (const [id, app] of after.apps) if (before.apps.get(id) !== app) add(id);
  for (const id of before.apps.keys()) if (!after.apps.has(id)) add(id);
  return due;

  function add(app: AppId): void {
    for (const service of after.poolOf.get(app) ?? []) due.add(service);
  }
}

function indexOf(services: readonly DeclaredService[]): ReadonlyMap<AppId, readonly ServiceId[]> {
  const index = new Map<AppId, ServiceId[]>();
  for (const { id, pools } of services) {
    for (const { app } of pools) {
      const known = index.get(app);
      if (known === undefined) index.set(app, [id]);
      else known.push(id);
    }
  }
  return index;
}
