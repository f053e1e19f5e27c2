/** Which labels are in force: each app's own, its last good ones, or those of a listener that is gone. */
import type { App } from '../model/app.ts';
import type { AppId } from '../model/ids.ts';
import { diagnose, withFallback } from './diagnostics.ts';
import type { Intent } from './intent.ts';
import { compare } from './order.ts';
import { servicePorts } from './ports.ts';
import { type Reading, readLabels } from './read-labels.ts';
import { remember } from './remembered.ts';
import { listed } from './show.ts';
import type { Diagnostic, RememberedApp } from './types.ts';

/** One app's labels as they are in force. */
export interface Source {
  readonly id: AppId;
  /** Null when Marathon no longer has the app. */
  readonly app: App | null;
  readonly intent: Intent;
  readonly servicePorts: readonly number[];
  /** True when the app's present labels are bad and these are its last good ones. */
  readonly fallback: boolean;
  /** When it became a listener: who is older keeps a contested port. */
  readonly since: string;
}

export interface Sources {
  /** Sorted by app. */
  readonly sources: readonly Source[];
  readonly diagnostics: readonly Diagnostic[];
  readonly remembered: readonly RememberedApp[];
}

export function sourcesOf(apps: ReadonlyMap<AppId, App>, memory: ReadonlyMap<AppId, RememberedApp>): Sources {
  const sources: Source[] = [];
  const diagnostics: Diagnostic[] = [];
  const kept: RememberedApp[] = [];
  for (const app of apps.values()) {
    const reading = readingOf(app);
    const before = memory.get(app.id);
    if (reading.intent !== null) {
      const entry = remember(app, reading, before);
      kept.push(entry);
      diagnostics.push(...reading.diagnostics);
      sources.push(
        sourceOf(app.id, app, reading.intent, { ...entry, servicePorts: servicePorts(app) }, false),
      );
      continue;
    }
    const isBad = Object.keys(reading.labels).length > 0;
    const last = isBad && before !== undefined ? lastGood(before) : null;
    diagnostics.push(
      ...(isBad ? reading.diagnostics.map((each) => withFallback(each, last !== null)) : reading.diagnostics),
    );
    if (!isBad || before === undefined) continue;
    kept.push(before);
    if (last !== null) sources.push(sourceOf(app.id, app, last, before, true));
  }
  const referrers = referrersOf(sources);
  for (const entry of memory.values()) {
    const referring = referrers.get(entry.app);
    if (apps.has(entry.app) || referring === undefined) continue;
    const intent = lastGood(entry);
    if (intent === null || intent.listener === null) continue;
    kept.push(entry);
    sources.push(sourceOf(entry.app, null, intent, entry, false));
    const about = { app: entry.app, label: null, value: null };
    const names = listed([...referring].sort(compare), 5);
    diagnostics.push(diagnose('listener-app-gone', about, { app: entry.app, apps: names }));
  }
  return {
    sources: sources.sort((a, b) => compare(a.id, b.id)),
    diagnostics,
    remembered: kept.sort((a, b) => compare(a.app, b.app)),
  };
}

function sourceOf(
  id: AppId,
  app: App | null,
  intent: Intent,
  entry: RememberedApp,
  fallback: boolean,
): Source {
  const since = entry.listenerSince ?? entry.configuredAt;
  return { id, app, intent, servicePorts: entry.servicePorts, fallback, since };
}

/** Which apps are pools, or want to be, of the service of which app. */
function referrersOf(sources: readonly Source[]): ReadonlyMap<AppId, readonly AppId[]> {
  const referrers = new Map<AppId, AppId[]>();
  for (const { id, intent } of sources) {
    for (const { service } of intent.members) {
      const known = referrers.get(service);
      if (known === undefined) referrers.set(service, [id]);
      else known.push(id);
    }
  }
  return referrers;
}

// Apps and remembered entries are immutable, and most are the same objects from one reading of the cluster to the next;
// what was once read of them holds as long as they do.
const readings = new WeakMap<App, Reading>();
const lastReadings = new WeakMap<RememberedApp, Intent | 'none'>();

function readingOf(app: App): Reading {
  let reading = readings.get(app);
  if (reading === undefined) {
    reading = readLabels(app.id, app.labels, app.ports);
    readings.set(app, reading);
  }
  return reading;
}

/** What the last good labels ask for; null when they are none, read by the grammar of today. */
function lastGood(entry: RememberedApp): Intent | null {
  let intent = lastReadings.get(entry);
  if (intent === undefined) {
    intent = readLabels(entry.app, entry.labels, null).intent ?? 'none';
    lastReadings.set(entry, intent);
  }
  return intent === 'none' ? null : intent;
}
