/** Which services a turn has to look at: those whose labels or tasks have changed. */
import type { DeclaredService } from '../declared/types.ts';
import type { App } from '../model/app.ts';
import type { AppId, ServiceId } from '../model/ids.ts';

/** What verdicts rest on, besides the data plane and the time. */
export interface Basis {
  readonly apps: ReadonlyMap<AppId, App>;
  readonly services: readonly DeclaredService[];
}

/** The services that differ, are new, or are gone. What is the same object is the same. */
export function changedServices(before: Basis, after: Basis): ReadonlySet<ServiceId> {
  const due = new Set<ServiceId>();
  if (before.apps === after.apps && before.services === after.services) return due;
  const apps = changedApps(before.apps, after.apps);
  const known = new Map(before.services.map((service) => [service.id, service]));
  for (const service of after.services) {
    const same = known.get(service.id) === service;
    if (!same || service.pools.some((pool) => apps.has(pool.app))) due.add(service.id);
    known.delete(service.id);
  }
  for (const gone of known.keys()) due.add(gone);
  return due;
}

function changedApps(before: ReadonlyMap<AppId, App>, after: ReadonlyMap<AppId, App>): ReadonlySet<AppId> {
  const changed = new Set<AppId>();
  for (const [id, app] of after) if (before.get(id) !== app) changed.add(id);
  for (const id of before.keys()) if (!after.has(id)) changed.add(id);
  return changed;
}
