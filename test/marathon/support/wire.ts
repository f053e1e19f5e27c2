/** Apps and tasks in the form in which Marathon writes them, for tests to vary. */

export type Wire = Record<string, unknown>;

export const v1 = '2024-03-01T10:00:00.000Z';
export const v2 = '2024-03-01T11:00:00.000Z';
export const v3 = '2024-03-01T12:00:00.000Z';

/** A bridge-mode app in Marathon 1.5's format, with one HTTP check. */
export function wireAppOf(id: string, fields: Wire = {}): Wire {
  return {
    id,
    instances: 1,
    cmd: 'serve',
    labels: { team: 'shop' },
    networks: [{ mode: 'container/bridge' }],
    container: {
      type: 'DOCKER',
      docker: { image: 'shop/web' },
      portMappings: [{ containerPort: 8080, hostPort: 0, servicePort: 10001, protocol: 'tcp', name: 'web' }],
    },
    healthChecks: [{ protocol: 'HTTP', path: '/health', portIndex: 0, intervalSeconds: 20 }],
    version: v1,
    versionInfo: { lastScalingAt: v1, lastConfigChangeAt: v1 },
    deployments: [],
    tasksRunning: 1,
    tasks: [wireTaskOf(id)],
    ...fields,
  };
}

/** A running task with one good health result. */
export function wireTaskOf(app: string, fields: Wire = {}): Wire {
  const name = app.replace(/^\//, '').replaceAll('/', '_');
  return {
    id: `${name}.instance-0a0a0a0a-1111-11ee-8000-000000000001._app.1`,
    appId: app,
    state: 'TASK_RUNNING',
    host: '127.0.0.1',
    ports: [31001],
    ipAddresses: [{ ipAddress: '172.17.0.2', protocol: 'IPv4' }],
    version: v1,
    startedAt: '2024-03-01T10:00:05.000Z',
    healthCheckResults: [
      { alive: true, consecutiveFailures: 0, lastSuccess: '2024-03-01T10:00:10.000Z', instanceId: 'x' },
    ],
    ...fields,
  };
}
