/** Builds apps for tests of declared/, few words each. */
import type { App, AppPort } from '../../src/model/app.ts';
import { type AppId, appId } from '../../src/model/ids.ts';
import { type DeclareOptions, type Diagnostic, plainOptions } from '../../src/declared/types.ts';

export interface AppSketch {
  readonly id: string;
  readonly version?: string;
  readonly configured?: string;
  readonly labels?: Readonly<Record<string, unknown>>;
  readonly ports?: readonly Partial<AppPort>[];
  /** Whether it has a health check. */
  readonly checked?: boolean;
}

const monday = '2024-01-01T00:00:00.000Z';

/** An app from a sketch; label values that are no texts are written as JSON. */
export function app(sketch: AppSketch): App {
  const labels: Record<string, string> = {};
  for (const [name, value] of Object.entries(sketch.labels ?? {})) {
    labels[name] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  return {
    id: appId(sketch.id),
    version: sketch.version ?? sketch.configured ?? monday,
    lastConfigChangeAt: sketch.configured ?? sketch.version ?? monday,
    instances: 2,
    labels,
    network: 'bridge',
    ports: (sketch.ports ?? [{}]).map((port, index) => ({
      index,
      name: null,
      protocol: 'tcp',
      servicePort: 0,
      containerPort: 80,
      labels: {},
      ...port,
    })),
    healthChecks:
      sketch.checked === false
        ? []
        : [
            {
              protocol: 'http',
              path: '/',
              portIndex: 0,
              port: null,
              intervalSec: 20,
              timeoutSec: 20,
              graceSec: 5,
              maxConsecutiveFailures: 3,
            },
          ],
    tasks: [],
  };
}

export function cluster(...sketches: readonly AppSketch[]): ReadonlyMap<AppId, App> {
  return new Map(sketches.map((sketch) => [appId(sketch.id), app(sketch)]));
}

export const noOptions: DeclareOptions = plainOptions;

/** `severity code` of each, which is what most tests ask about. */
export function codes(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map((each) => `${each.severity} ${each.code}`);
}

/** The seed's listener on port 80 and a version of it, to vary. */
export const app1: AppSketch = {
  id: '/app1',
  labels: {
    'FE-Proxy': 'yes',
    avi_proxy: {
      virtualservice: { services: [{ port: 80 }] },
      pool: { lb_algorithm: 'LB_ALGORITHM_ROUND_ROBIN' },
    },
  },
};

export function member(
  id: string,
  abConfig: unknown,
  labels: Readonly<Record<string, unknown>> = {},
): AppSketch {
  return { id, labels: { proxy_listener: 'no', ab_config: abConfig, ...labels } };
}
