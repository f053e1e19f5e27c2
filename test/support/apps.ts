/** App definitions in the users' format, as Avi's A/B pool document has them. */

export interface AppOptions {
  readonly instances?: number;
  readonly port?: number;
  readonly path?: string;
  readonly upgradeStrategy?: { readonly minimumHealthCapacity: number; readonly maximumOverCapacity: number };
  readonly labels?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly healthChecks?: readonly Readonly<Record<string, unknown>>[];
}

/** The listener: its labels declare the service. */
export function listenerApp(id: string, options: AppOptions = {}): Record<string, unknown> {
  const avi = {
    virtualservice: { services: [{ port: options.port ?? 80 }] },
    pool: { lb_algorithm: 'LB_ALGORITHM_ROUND_ROBIN' },
  };
  return app(id, { 'FE-Proxy': 'yes', avi_proxy: JSON.stringify(avi) }, options);
}

/** A further version: a pool of the service that the listener declares. */
export function versionApp(
  id: string,
  abConfig: Readonly<Record<string, unknown>>,
  options: AppOptions = {},
): Record<string, unknown> {
  const avi = { pool: { lb_algorithm: 'LB_ALGORITHM_ROUND_ROBIN' } };
  return app(
    id,
    { proxy_listener: 'no', ab_config: JSON.stringify(abConfig), avi_proxy: JSON.stringify(avi) },
    options,
  );
}

/** An app with these labels and no others. */
export function app(
  id: string,
  labels: Readonly<Record<string, string>>,
  options: AppOptions = {},
): Record<string, unknown> {
  return {
    id,
    cpus: 0.5,
    mem: 64,
    instances: options.instances ?? 2,
    container: {
      type: 'DOCKER',
      docker: {
        image: 'example/server',
        network: 'BRIDGE',
        portMappings: [{ containerPort: 80, hostPort: 0, servicePort: 0, protocol: 'tcp' }],
      },
    },
    labels: { ...labels, ...options.labels },
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.upgradeStrategy === undefined ? {} : { upgradeStrategy: options.upgradeStrategy }),
    healthChecks: options.healthChecks ?? [
      {
        protocol: 'HTTP',
        portIndex: 0,
        path: options.path ?? '/',
        gracePeriodSeconds: 5,
        intervalSeconds: 20,
        maxConsecutiveFailures: 3,
      },
    ],
  };
}
