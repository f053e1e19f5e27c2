/** The app definitions of Avi's article "Graceful App Migration", as JSON that Marathon takes. */

/** What the three versions have in common. */
const server = {
  cpus: 0.5,
  mem: 64,
  instances: 2,
  container: {
    type: 'DOCKER',
    docker: {
      image: 'avinetworks/server',
      network: 'BRIDGE',
      portMappings: [{ containerPort: 80, hostPort: 0, servicePort: 0, protocol: 'tcp' }],
    },
  },
  healthChecks: [
    {
      protocol: 'HTTP',
      portIndex: 0,
      path: '/',
      gracePeriodSeconds: 5,
      intervalSeconds: 20,
      maxConsecutiveFailures: 3,
    },
  ],
} as const;

const roundRobin = { lb_algorithm: 'LB_ALGORITHM_ROUND_ROBIN' } as const;

export interface AppDefinition {
  readonly id: string;
  readonly instances: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** The listener: it declares the service `app1` on port 80. */
export const app1: AppDefinition = {
  id: 'app1',
  ...server,
  labels: {
    'FE-Proxy': 'yes',
    avi_proxy: JSON.stringify({
      virtualservice: {
        services: [{ port: 80 }],
        auto_allocate_ip: true,
        analytics_policy: {
          metrics_realtime_update: { duration: 0, enabled: true },
          client_insights: 'NO_INSIGHTS',
        },
      },
      pool: roundRobin,
    }),
  },
};

/** The first new version: a pool of `app1` with priority 10. */
export const app1v100: AppDefinition = version('app1-100', 10);

/** The second new version: priority 20. */
export const app1v200: AppDefinition = version('app1-200', 20);

function version(id: string, priority: number): AppDefinition {
  return {
    id,
    ...server,
    labels: {
      proxy_listener: 'no',
      ab_config: `{"service": "app1", "priority": ${priority}}`,
      avi_proxy: JSON.stringify({ pool: roundRobin }),
    },
  };
}
