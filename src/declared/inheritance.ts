/** What becomes of listeners that `ab_config` of a deleted app declared: the next app that declares one is as old. */
import type { App } from '../model/app.ts';
import type { AppId } from '../model/ids.ts';
import type { MemberIntent } from './intent.ts';
import { compare } from './order.ts';
import type { RememberedApp } from './types.ts';

/** A deleted app that declared a listener. */
export interface Testator {
  readonly app: AppId;
  readonly since: string;
}

/** Of the deleted apps those that first declared a listener, by service. */
export function testatorsOf(
  apps: ReadonlyMap<AppId, App>,
  memory: ReadonlyMap<AppId, RememberedApp>,
): ReadonlyMap<AppId, Testator> {
  const oldest = new Map<AppId, Testator>();
  for (const { app, declares = {} } of memory.values()) {
    if (apps.has(app)) continue;
    for (const [service, since] of Object.entries(declares) as [AppId, string][]) {
      const each = { app, since };
      const other = oldest.get(service);
      if (other === undefined || olderFirst(each, other) < 0) oldest.set(service, each);
    }
  }
  return oldest;
}

export interface Heir {
  readonly members: readonly MemberIntent[];
  readonly entry: RememberedApp;
}

/**
 * The entries of the apps that are as old as those that were deleted, by app. Of several that declare one listener it is
 * the oldest: otherwise a service in between would take the port when the first app goes.
 */
export function heirsOf(
  living: Iterable<Heir>,
  testators: ReadonlyMap<AppId, Testator>,
): ReadonlyMap<AppId, RememberedApp> {
  const heirs = new Map<AppId, RememberedApp>();
  if (testators.size === 0) return heirs;
  const oldest = new Map<AppId, Testator>();
  const entries = new Map<AppId, RememberedApp>();
  for (const { members, entry } of living) {
    entries.set(entry.app, entry);
    for (const { service, listener } of members) {
      if (listener === null || !testators.has(service)) continue;
      const each = { app: entry.app, since: entry.declares?.[service] ?? entry.configuredAt };
      const other = oldest.get(service);
      if (other === undefined || olderFirst(each, other) < 0) oldest.set(service, each);
    }
  }
  for (const [service, { app, since }] of oldest) {
    const entry = heirs.get(app) ?? entries.get(app);
    const inherited = testators.get(service)?.since ?? since;
    if (entry !== undefined && inherited < since)
      heirs.set(app, { ...entry, declares: { ...entry.declares, [service]: inherited } });
  }
  return heirs;
}

function olderFirst(a: Testator, b: Testator): number {
  return compare(a.since, b.since) || compare(a.app, b.app);
}
