/** The apps of a churn: ten services of a listener and two versions each, and what any of them is defined as. */

export const services = 10;
export const tasksOfEach = 3;

/** A service's listener and its two versions. */
export const base: readonly string[] = Array.from({ length: services }, (_, n) => `s${n}`).flatMap(
  (service) => [service, `${service}-v1`, `${service}-v2`],
);

export const alive = { apps: base.length, services, tasks: base.length * tasksOfEach } as const;

export const idOf = (name: string): string => `/churn/${name}`;
export const baseIds: ReadonlySet<string> = new Set(base.map(idOf));

export function definition(name: string): Readonly<Record<string, unknown>> {
  const [service = '', version] = name.split('-v');
  const pool = { lb_algorithm: 'LB_ALGORITHM_ROUND_ROBIN' };
  const listener = { services: [{ port: 80 }], fqdn: `${service}.churn.test` };
  return {
    id: idOf(name),
    cpus: 0.1,
    mem: 32,
    instances: tasksOfEach,
    backoffSeconds: 0,
    container: {
      type: 'DOCKER',
      docker: { image: 'example/server' },
      portMappings: [{ containerPort: 80, hostPort: 0, servicePort: 0, protocol: 'tcp' }],
    },
    networks: [{ mode: 'container/bridge' }],
    labels:
      version === undefined
        ? { 'FE-Proxy': 'yes', avi_proxy: JSON.stringify({ virtualservice: listener, pool }) }
        : {
            proxy_listener: 'no',
            ab_config: JSON.stringify({
              service: idOf(service),
              priority: 10 * (1 + (Number(version) % 100)),
            }),
            avi_proxy: JSON.stringify({ pool }),
          },
    healthChecks: [
      {
        protocol: 'HTTP',
        path: '/health',
        gracePeriodSeconds: 5,
        intervalSeconds: 2,
        maxConsecutiveFailures: 3,
      },
    ],
  };
}
