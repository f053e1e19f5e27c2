/** Which labels are in force: each app's own, its last good ones, or those of a listener that is gone. */
import type { App } from '../model/app.ts';
import type { AppId } from '../model/ids.ts';
import { diagnose, withFallback } from './diagnostics.ts';
import { heirsOf, type Testator, testatorsOf } from './inheritance.ts';
import type { Intent, MemberIntent } from './intent.ts';
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
  /** The same of the listeners that its `ab_config` declares, by service. */
  readonly declares: Readonly<Record<string, string>>;
}

/** An app that Marathon has, with labels that are in force. */
interface Living {
  readonly app: App;
  readonly intent: Intent;
  readonly entry: RememberedApp;
  readonly fallback: boolean;
}

export interface Sources {
  /** Sorted by app. */
  readonly sources: readonly Source[];
  readonly diagnostics: readonly Diagnostic[];
  readonly remembered: readonly RememberedApp[];
}

export function sourcesOf(apps: ReadonlyMap<AppId, App>, memory: ReadonlyMap<AppId, RememberedApp>): Sources {
  const living = new Map<AppId, Living>();
  const diagnostics: Diagnostic[] = [];
  const kept: RememberedApp[] = [];
  for (const app of apps.values()) {
    const reading = readingOf(app);
    const before = memory.get(app.id);
    if (reading.intent !== null) {
      const entry = remember(app, reading, before);
      diagnostics.push(...reading.diagnostics);
      living.set(app.id, { app, intent: reading.intent, entry, fallback: false });
      continue;
    }
    const isBad = Object.keys(reading.labels).length > 0;
    const last = isBad && before !== undefined ? lastGood(before) : null;
    diagnostics.push(
      ...(isBad ? reading.diagnostics.map((each) => withFallback(each, last !== null)) : reading.diagnostics),
    );
    if (!isBad || before === undefined) continue;
    if (last === null) kept.push(before);
    else living.set(app.id, { app, intent: last, entry: before, fallback: true });
  }
  const testators = testatorsOf(apps, memory);
  const heirs = heirsOf(
    [...living.values()].map(({ intent: { members }, entry }) => ({ members, entry })),
    testators,
  );
  const sources = [...living.values()].map((each) => {
    const entry = heirs.get(each.app.id) ?? each.entry;
    kept.push(entry);
    const ports = each.fallback ? entry.servicePorts : servicePorts(each.app);
    return sourceOf(each.app.id, each.app, each.intent, { ...entry, servicePorts: ports }, each.fallback);
  });
  for (const { source, entry, said } of goneSources(apps, memory, living, testators)) {
    sources.push(source);
    kept.push(entry);
    diagnostics.push(...said);
  }
  return {
    sources: sources.sort((a, b) => compare(a.id, b.id)),
    diagnostics,
    remembered: kept.sort((a, b) => compare(a.app, b.app)),
  };
}

/** Deleted apps whose listeners are kept up for those that refer to their services. */
function goneSources(
  apps: ReadonlyMap<AppId, App>,
  memory: ReadonlyMap<AppId, RememberedApp>,
  living: ReadonlyMap<AppId, Living>,
  testators: ReadonlyMap<AppId, Testator>,
): readonly {
  readonly source: Source;
  readonly entry: RememberedApp;
  readonly said: readonly Diagnostic[];
}[] {
  const referrers = referrersOf(living);
  const declared = new Set(
    [...living.values()].flatMap(({ app, intent }) => [
      ...(intent.listener === null ? [] : [app.id]),
      ...intent.members.flatMap(({ service, listener }) => (listener === null ? [] : [service])),
    ]),
  );
  // An app without labels, after which a service is named, depends on its listener without a word.
  const dependents = (service: AppId): readonly AppId[] => [
    ...(referrers.get(service) ?? []),
    ...(apps.has(service) && !living.has(service) ? [service] : []),
  ];
  return [...memory.values()].flatMap((entry) => {
    const intent = apps.has(entry.app) ? null : lastGood(entry);
    if (intent === null) return [];
    const about = { app: entry.app, label: null, value: null };
    const said: Diagnostic[] = [];
    const tell = (service: AppId, code: 'listener-app-gone' | 'listener-declarer-gone'): void => {
      const names = listed([...dependents(service)].sort(compare), 5);
      said.push(diagnose(code, about, { app: entry.app, service, apps: names }));
    };
    const isOwnKept = intent.listener !== null && referrers.has(entry.app);
    if (isOwnKept) tell(entry.app, 'listener-app-gone');
    const members = intent.members.map((member): MemberIntent => {
      const { service, listener } = member;
      const isKept =
        listener !== null &&
        !declared.has(service) &&
        testators.get(service)?.app === entry.app &&
        dependents(service).length > 0;
      if (isKept) tell(service, 'listener-declarer-gone');
      return isKept ? member : { ...member, listener: null };
    });
    if (said.length === 0) return [];
    const kept = { ...intent, listener: isOwnKept ? intent.listener : null, members };
    return [{ source: sourceOf(entry.app, null, kept, entry, false), entry, said }];
  });
}

function sourceOf(
  id: AppId,
  app: App | null,
  intent: Intent,
  entry: RememberedApp,
  fallback: boolean,
): Source {
  const since = entry.listenerSince ?? entry.configuredAt;
  const { servicePorts: ports, declares = {} } = entry;
  return { id, app, intent, servicePorts: ports, fallback, since, declares };
}

/** Which apps are pools, or want to be, of the service of which app. */
function referrersOf(living: ReadonlyMap<AppId, Living>): ReadonlyMap<AppId, readonly AppId[]> {
  const referrers = new Map<AppId, AppId[]>();
  for (const [id, { intent }] of living) {
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
