/** What is kept of apps for the time when Marathon no longer says it, and its form in the state directory. */
import { z } from 'zod';
import type { App } from '../model/app.ts';
import { type AppId, appId, type ServiceId } from '../model/ids.ts';
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
  declares: z.record(z.string().regex(/^\/./), z.string()).optional(),
  marathonLb: z
    .object({
      labels: z.record(z.string(), z.string()).nullable(),
      services: z.record(z.string().regex(/^\d{1,5}$/), z.string().regex(/^\/./)),
    })
    .optional(),
});

/** Reads what an earlier process remembered. Entries that are not in the form are left out; anything else is none. */
export function parseRemembered(value: unknown): readonly RememberedApp[] {
  if (!Array.isArray(value)) return [];
  const entries = new Map<AppId, RememberedApp>();
  for (const each of value as readonly unknown[]) {
    const parsed = schema.safeParse(each);
    if (!parsed.success) continue;
    const app = appId(parsed.data.app);
    const { marathonLb, declares, ...rest } = parsed.data;
    const services = (marathonLb?.services ?? {}) as Readonly<Record<string, ServiceId>>;
    entries.set(app, {
      ...rest,
      app,
      ...(declares && { declares }),
      ...(marathonLb && { marathonLb: { ...marathonLb, services } }),
    });
  }
  return [...entries.values()].sort((a, b) => compare(a.app, b.app));
}

/**
 * The entry of an app whose labels are good. The same object as before when nothing of it has changed, so that whoever
 * saves it can see that at a glance.
 */
export function remember(app: App, reading: Reading, before: RememberedApp | undefined): RememberedApp {
  const isListener = reading.intent !== null && reading.intent.listener !== null;
  const declared = reading.intent?.members.filter(({ listener }) => listener !== null) ?? [];
  const since = declared.map(
    ({ service }) => [service, before?.declares?.[service] ?? app.lastConfigChangeAt] as const,
  );
  const entry: RememberedApp = {
    app: app.id,
    labels: reading.labels,
    servicePorts: servicePorts(app),
    configuredAt: app.lastConfigChangeAt,
    // Scaling makes a new version, too; the configuration's age is the listener's.
    listenerSince: before?.listenerSince ?? (isListener ? app.lastConfigChangeAt : null),
    ...(since.length > 0 && { declares: Object.fromEntries(since) }),
  };
  return before !== undefined && isSame(before, entry) ? before : entry;
}

/** What is remembered of an app because of its labels of marathon-lb. */
interface Served {
  readonly app: App;
  readonly since: string;
  readonly labels: Readonly<Record<string, string>> | null;
  readonly services: Readonly<Record<string, ServiceId>>;
}

/** The entries with what is to be known of the apps that labels of marathon-lb serve; of no others. Sorted by app. */
export function withServed(
  entries: readonly RememberedApp[],
  served: ReadonlyMap<AppId, Served>,
  memory: ReadonlyMap<AppId, RememberedApp>,
): readonly RememberedApp[] {
  const all = entries.map((entry) => completed(entry, served.get(entry.app)));
  const known = new Set(entries.map((entry) => entry.app));
  for (const each of served.values()) {
    if (known.has(each.app.id)) continue;
    const entry: RememberedApp = {
      app: each.app.id,
      labels: {},
      servicePorts: servicePorts(each.app),
      configuredAt: each.app.lastConfigChangeAt,
      listenerSince: each.since,
    };
    const before = memory.get(each.app.id);
    const isKept = before !== undefined && isSame(before, entry);
    all.push(completed(isKept ? before : entry, each));
  }
  return all.sort((a, b) => compare(a.app, b.app));
}

/** The same object where nothing of it has changed. */
function completed(entry: RememberedApp, served: Served | undefined): RememberedApp {
  if (served === undefined) {
    if (entry.marathonLb === undefined) return entry;
    const { marathonLb: _, ...rest } = entry;
    return rest;
  }
  const marathonLb = { labels: served.labels, services: served.services };
  const listenerSince = entry.listenerSince ?? served.since;
  const before = entry.marathonLb;
  const isKept =
    before !== undefined &&
    sameTexts(before.labels, marathonLb.labels) &&
    sameTexts(before.services, marathonLb.services);
  return isKept && entry.listenerSince === listenerSince ? entry : { ...entry, listenerSince, marathonLb };
}

function isSame(a: RememberedApp, b: RememberedApp): boolean {
  return (
    a.configuredAt === b.configuredAt &&
    a.listenerSince === b.listenerSince &&
    a.servicePorts.join() === b.servicePorts.join() &&
    sameTexts(a.labels, b.labels) &&
    sameTexts(a.declares ?? null, b.declares ?? null)
  );
}

type Texts = Readonly<Record<string, string>>;

function sameTexts(a: Texts | null, b: Texts | null): boolean {
  if (a === null || b === null) return a === b;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
