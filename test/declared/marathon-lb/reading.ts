/** Reads labels of sketched apps, for tests. */
import { emptyReport } from '../../../src/declared/report.ts';
import { readMarathonLb } from '../../../src/declared/marathon-lb/read.ts';
import type { MarathonLbPort, MarathonLbReading } from '../../../src/declared/marathon-lb/types.ts';
import type { Diagnostic } from '../../../src/declared/types.ts';
import type { App } from '../../../src/model/app.ts';
import { type AppSketch, app } from '../cluster.ts';

export type Labels = Readonly<Record<string, string>>;

export interface Outcome {
  readonly reading: MarathonLbReading;
  readonly diagnostics: readonly Diagnostic[];
  readonly codes: readonly string[];
  /** The port of that index, when it is served. */
  readonly port: (index: number) => MarathonLbPort | undefined;
}

/** Two ports, 10000 and 10001; the first has an HTTP health check. */
function sketched(labels: Labels, sketch: Partial<AppSketch> = {}, rest: Partial<App> = {}): App {
  const ports = [{ servicePort: 10_000 }, { servicePort: 10_001 }];
  return { ...app({ id: '/shop/web', ports, ...sketch, labels }), ...rest };
}

export function readLabels(
  labels: Labels,
  sketch: Partial<AppSketch> = {},
  rest: Partial<App> = {},
): Outcome {
  const of = sketched(labels, sketch, rest);
  const report = emptyReport(of.id);
  const reading = readMarathonLb(of, report);
  return {
    reading,
    diagnostics: report.diagnostics,
    codes: report.diagnostics.map(({ code }) => code),
    port: (index) => reading.ports.find((each) => each.index === index),
  };
}
