/** What is kept of apps for the time when Marathon no longer says it, and its form in the state directory. */
import { z } from 'zod';
import type { App } from '../model/app.ts';
import { type AppId, appId } from '../model/ids.ts';
import { compare } from './order.ts';
import { servicePorts } from './ports.ts';
import type { Reading } from './read-labels.ts';
import type { RememberedApp } from './types.ts';

const schema = z.object({
  app: z.string().regex(/^\/./),
  labels: z.record(z.string(), z.string()),
  servicePorts: z.array(z.int().min(1).max(65_535)),
  configuredAt: z.string(),
  listenerSince: z.string().nullable(),
});

/** Reads what an earlier process remembered. Entries that are not in the form are left out; anything else is none. */
export function parseRemembered(value: unknown): readonly RememberedApp[] {
  if (!Array.isArray(value)) return [];
  const entries = new Map<AppId, RememberedApp>();
  for (const each of value as readonly unknown[]) {
    const parsed = schema.safeParse(each);
    if (!parsed.success) continue;
    const app = appId(parsed.data.app);
    entries.set(app, { ...parsed.data, app });
  }
  return [...entries.values()].sort((a, b) => compare(a.app, b.app));
}

/**
 * The entry of an app whose labels are good. The same object as before when nothing of it has changed, so that whoever
 * saves it can see that at a glance.
 */
export function remember(app: App, reading: Reading, before: RememberedApp | undefined): RememberedApp {
  const isListener = reading.intent !== null && reading.intent.listener !== null;
  const entry: RememberedApp = {
    app: app.id,
    labels: reading.labels,
    servicePorts: servicePorts(app),
    configuredAt: app.lastConfigChangeAt,
    // Scaling makes a new version, too; the configuration's age is the listener's.
    listenerSince: before?.listenerSince ?? (isListener ? app.lastConfigChangeAt : null),
  };
  return before !== undefined && isSame(before, entry) ? before : entry;
}

function isSame(a: RememberedApp, b: RememberedApp): boolean {
  const names = Object.keys(a.labels);
  return (
    a.configuredAt === b.configuredAt &&
    a.listenerSince === b.listenerSince &&
    a.servicePorts.join() === b.servicePorts.join() &&
    names.length === Object.keys(b.labels).length &&
    names.every((name) => a.labels[name] === b.labels[name])
  );
}
