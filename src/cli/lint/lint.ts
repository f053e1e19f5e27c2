/** Holds app definitions against everything that Baton reads of them, offline. */
import { declare } from '../../declared/declare.ts';
import { readMarathonLb } from '../../declared/marathon-lb/read.ts';
import { portIndex } from '../../declared/ports.ts';
import { readLabels } from '../../declared/read-labels.ts';
import { emptyReport } from '../../declared/report.ts';
import {
  type DeclaredService,
  type DeclareOptions,
  type Diagnostic,
  type Mode,
  plainOptions,
  type Severity,
} from '../../declared/types.ts';
import { vipKey } from '../../declared/vip-names.ts';
import { readVips } from '../../declared/vips.ts';
import type { App } from '../../model/app.ts';
import type { Finding } from '../definitions/findings.ts';
import type { Place } from '../definitions/json-source.ts';
import type { Definitions } from '../definitions/read.ts';
import type { DefinedApp } from '../definitions/to-app.ts';
import { labelOf, writtenLabels } from './places.ts';
import { type LabelVerdict, verdictOn } from './verdicts.ts';

export interface LintedLabel extends Place {
  readonly label: string;
  readonly verdict: LabelVerdict;
}

/** What an app would be to one service. */
export interface Becomes {
  readonly service: string;
  /** Whether no app in these files declares it; what the pool is there holds if one does that runs already. */
  readonly elsewhere: boolean;
  readonly listeners: readonly {
    readonly address: string | null;
    /** Null: the service port that Marathon will choose. */
    readonly port: number | null;
    readonly hosts: readonly string[];
    readonly paths: readonly string[];
    readonly mode: Mode;
  }[];
  /** Null when it only declares the listener. */
  readonly pool: {
    readonly portIndex: number;
    readonly priority: number;
    /** Null: an equal part for each instance, or 100 beside pools that declare one. */
    readonly weight: number | null;
  } | null;
}

export interface LintedApp extends Place {
  readonly file: string;
  /** Null for a definition without an id. */
  readonly app: string | null;
  readonly labels: readonly LintedLabel[];
  readonly becomes: readonly Becomes[];
  readonly vips: readonly string[];
}

export interface Linted {
  readonly files: readonly string[];
  readonly apps: readonly LintedApp[];
  /** By file, then by place. */
  readonly findings: readonly Finding[];
  readonly summary: Readonly<Record<Severity, number>> & { readonly apps: number };
}

/** For every group that is named: where the apps will be served, and by whom, is not known here. */
function optionsFor(apps: readonly { readonly app: App }[]): DeclareOptions {
  const groups = apps.flatMap(({ app }) => {
    const reading = readMarathonLb(app, emptyReport(app.id));
    return reading.labelled ? [...reading.groups, ...reading.ports.flatMap((port) => port.groups)] : [];
  });
  return { ...plainOptions, groups: new Set(groups) };
}

/** Says of each app which labels do what, and what it would become beside the others. */
export function lint(definitions: Definitions): Linted {
  const { files, apps } = definitions;
  const declaration = declare(new Map(apps.map(({ app }) => [app.id, app])), [], optionsFor(apps));
  const byApp = Map.groupBy(declaration.diagnostics, ({ app }) => app);
  const known = new Set<string>(declaration.services.flatMap(({ id, listenerApp }) => [id, listenerApp]));
  const behind = servicesByApp(declaration.services);
  const ofDefinitions = Map.groupBy(definitions.findings, ({ app }) => app);
  const findings = [...definitions.findings];
  const linted = apps.map((defined): LintedApp => {
    const { app, found } = defined;
    const written = writtenLabels(found);
    const place = found.source.placeAt(found.node.offset);
    const report = emptyReport(app.id);
    readMarathonLb(app, report);
    const vips = readVips(app, report);
    const own = onceEach([...(byApp.get(app.id) ?? []), ...report.diagnostics]).map((diagnostic): Finding => {
      const at = labelOf(written, diagnostic) ?? place;
      const { line, column } = at;
      return { ...offline(diagnostic), file: found.file, line, column, app: found.id };
    });
    findings.push(...own);
    const ofLabels = [...(ofDefinitions.get(found.id) ?? []), ...own].filter(({ label }) => label !== null);
    return {
      file: found.file,
      app: found.id,
      ...place,
      labels: written.map((label) => ({
        label: label.name,
        line: label.line,
        column: label.column,
        verdict: verdictOn(
          label,
          ofLabels.filter(
            ({ file, line, column }) => file === found.file && line === label.line && column === label.column,
          ),
        ),
      })),
      becomes: [
        ...(behind.get(app.id) ?? []).map((service) => becomes(service, defined)),
        ...becomesElsewhere(app, known),
      ],
      vips: vips.map((vip) => vipKey(vip)),
    };
  });
  const order = new Map(files.map((file, index) => [file, index]));
  findings.sort(
    (a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || a.line - b.line || a.column - b.column,
  );
  const count = (severity: Severity) => findings.filter((each) => each.severity === severity).length;
  const summary = {
    apps: apps.length,
    error: count('error'),
    warning: count('warning'),
    info: count('info'),
  };
  return { files, apps: linted, findings, summary };
}

/** What several readers of the same labels say alike is said once. Addresses of this machine are of no interest here. */
function onceEach(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ code, label, value, problem }) => {
    const key = JSON.stringify([code, label, value, problem]);
    if (seen.has(key) || code === 'address-not-here') return false;
    seen.add(key);
    return true;
  });
}

/** That a service is in none of the files does not mean that there is none; unless it looks like a slip of the pen. */
function offline(diagnostic: Diagnostic): Diagnostic {
  if (diagnostic.code !== 'service-unknown' || diagnostic.remedy.startsWith('Did you mean'))
    return diagnostic;
  const remedy = 'Nothing, if its listener app runs already; else give its file as well, to check both.';
  return { ...diagnostic, severity: 'info', remedy };
}

function servicesByApp(
  services: readonly DeclaredService[],
): ReadonlyMap<string, readonly DeclaredService[]> {
  const byApp = new Map<string, DeclaredService[]>();
  for (const service of services) {
    for (const app of new Set([service.listenerApp, ...service.pools.map((pool) => pool.app)])) {
      const known = byApp.get(app);
      if (known === undefined) byApp.set(app, [service]);
      else known.push(service);
    }
  }
  return byApp;
}

function becomes(service: DeclaredService, { app, assigned }: DefinedApp): Becomes {
  const pool = service.pools.find((each) => each.app === app.id);
  return {
    service: service.id,
    elsewhere: false,
    listeners: service.listeners.map(({ address, declaredPort, hosts, paths, mode }) => ({
      address,
      port: assigned.has(declaredPort) && service.listenerApp === app.id ? null : declaredPort,
      hosts,
      paths: paths.map(({ prefix }) => prefix),
      mode,
    })),
    pool:
      pool === undefined ? null : { portIndex: pool.portIndex, priority: pool.priority, weight: pool.weight },
  };
}

function becomesElsewhere(app: App, known: ReadonlySet<string>): readonly Becomes[] {
  const members = readLabels(app.id, app.labels, app.ports).intent?.members ?? [];
  return members
    .filter(({ service }) => !known.has(service))
    .map(({ service, port, priority, weight }) => ({
      service,
      elsewhere: true,
      listeners: [],
      pool: { portIndex: portIndex(app.ports, port ?? 0) ?? 0, priority, weight },
    }));
}
