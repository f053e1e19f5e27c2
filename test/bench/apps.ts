/** The cluster of a run: services with host names on one port, each of one app; one has a second version. */

export const tasksPerApp = 10;
/** The port that the labels declare. */
export const declaredPort = 80;

export function nameOf(index: number): string {
  return `app-${String(index).padStart(4, '0')}`;
}

/** The other version of the first service's app: its tasks carry all of that service's traffic. */
export const newerVersion = '/bench/newer';

type Definition = Readonly<Record<string, unknown>>;

/**
 * `count` apps. All tasks say that they listen on one port of this machine, where one server answers for all of them.
 */
export function appsOf(count: number, taskPort: number): readonly Definition[] {
  const apps = Array.from({ length: count }, (_, index) =>
    definition(`/bench/${nameOf(index)}`, taskPort, {
      'FE-Proxy': 'yes',
      avi_proxy: JSON.stringify({
        virtualservice: { services: [{ port: declaredPort }], fqdn: `${nameOf(index)}.bench.test` },
        pool: { lb_algorithm: 'LB_ALGORITHM_ROUND_ROBIN' },
      }),
    }),
  );
  const newer = {
    ...definition(newerVersion, taskPort, {
      proxy_listener: 'no',
      ab_config: JSON.stringify({ service: `/bench/${nameOf(0)}`, priority: 10 }),
      avi_proxy: JSON.stringify({ pool: { lb_algorithm: 'LB_ALGORITHM_ROUND_ROBIN' } }),
    }),
    // Back at once, it may serve again before a controller that is busy has noticed that it was gone.
    backoffSeconds: 2,
    backoffFactor: 1,
  };
  return [...apps, newer];
}

function definition(id: string, taskPort: number, labels: Readonly<Record<string, string>>): Definition {
  return {
    id,
    cpus: 0.1,
    mem: 32,
    instances: tasksPerApp,
    // A crashed task comes back at once.
    backoffSeconds: 0,
    container: {
      type: 'DOCKER',
      docker: { image: 'example/server' },
      portMappings: [{ containerPort: 80, hostPort: taskPort, servicePort: 0, protocol: 'tcp' }],
    },
    networks: [{ mode: 'container/bridge' }],
    labels,
    healthChecks: [
      {
        protocol: 'HTTP',
        portIndex: 0,
        path: '/',
        gracePeriodSeconds: 5,
        intervalSeconds: 60,
        timeoutSeconds: 20,
        maxConsecutiveFailures: 3,
      },
    ],
  };
}
