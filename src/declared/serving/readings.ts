/** What each app's labels of marathon-lb and VIPs say, read once an app; bad ports keep their last good labels. */
import type { App } from '../../model/app.ts';
import { hasMarathonLbLabel, portLabelName } from '../marathon-lb/near-labels.ts';
import { readMarathonLb } from '../marathon-lb/read.ts';
import type { MarathonLbPort, MarathonLbReading } from '../marathon-lb/types.ts';
import { type PlainLabels, readPlainLabels } from '../plain-labels.ts';
import { emptyReport } from '../report.ts';
import type { Diagnostic, RememberedApp } from '../types.ts';
import { readVips, type Vip } from '../vips.ts';

export interface ServingReading {
  readonly marathonLb: MarathonLbReading;
  readonly vips: readonly Vip[];
  readonly plain: PlainLabels;
  /** The labels of marathon-lb, to be remembered when they are good. */
  readonly labels: Readonly<Record<string, string>>;
  readonly marathonLbDiagnostics: readonly Diagnostic[];
  readonly vipDiagnostics: readonly Diagnostic[];
  readonly plainDiagnostics: readonly Diagnostic[];
}

// Apps are immutable, and most are the same objects from one reading of the cluster to the next.
const readings = new WeakMap<App, ServingReading>();

export function servingReadingOf(app: App): ServingReading {
  let reading = readings.get(app);
  if (reading === undefined) {
    reading = readAll(app);
    readings.set(app, reading);
  }
  return reading;
}

function readAll(app: App): ServingReading {
  const [ofMarathonLb, ofVips, ofPlain] = [emptyReport(app.id), emptyReport(app.id), emptyReport(app.id)];
  const marathonLb = readMarathonLb(app, ofMarathonLb);
  const vips = readVips(app, ofVips);
  return {
    marathonLb,
    vips,
    plain: readPlainLabels(app.labels, marathonLb.labelled || vips.length > 0, ofPlain),
    labels: Object.fromEntries(Object.entries(app.labels).filter(([name]) => isServing(name))),
    marathonLbDiagnostics: ofMarathonLb.diagnostics,
    vipDiagnostics: ofVips.diagnostics,
    plainDiagnostics: ofPlain.diagnostics,
  };
}

function isServing(name: string): boolean {
  return portLabelName(name) !== null || hasMarathonLbLabel({ [name]: '' });
}

/** What a bad label closes stays as its last good labels had it, where there are any: by the app's ports of today. */
export function lastGoodPorts(
  app: App,
  reading: MarathonLbReading,
  before: RememberedApp | undefined,
): readonly MarathonLbPort[] {
  const labels = before?.marathonLb?.labels ?? null;
  if (reading.closed.length === 0 || labels === null) return [];
  const then = readMarathonLb({ ...app, labels }, emptyReport(app.id));
  return then.ports.filter(({ index }) => reading.closed.includes(index));
}

/** The diagnostics of an app, those of closed ports completed by what holds instead. */
export function withLastGood(
  diagnostics: readonly Diagnostic[],
  kept: readonly MarathonLbPort[],
): readonly Diagnostic[] {
  if (kept.length === 0) return diagnostics;
  return diagnostics.map((each) => {
    const index = portLabelName(each.label ?? '')?.index;
    if (each.severity !== 'error' || !kept.some((port) => port.index === index)) return each;
    const remedy = each.remedy.replace(
      /Until then Baton serves nothing for port \d+ of the app\./,
      'Until then the last good labels of the port stay in force.',
    );
    return { ...each, remedy };
  });
}
