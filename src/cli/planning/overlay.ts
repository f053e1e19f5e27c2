/** A cluster as it would be once definitions have been posted, and what they start has become healthy. */
import type { App, AppPort, Cluster, Task } from '../../model/app.ts';
import { type AppId, safeName, taskId } from '../../model/ids.ts';
import type { DefinedApp } from '../definitions/to-app.ts';

/** Apps that are there keep their service ports where none is written, and tasks as far as they go. */
export function overlay(cluster: Cluster, defined: readonly DefinedApp[]): Cluster {
  const apps = new Map<AppId, App>(cluster.apps);
  for (const { app, assigned } of defined) {
    const before = cluster.apps.get(app.id);
    const ports = app.ports.map((port) => kept(port, assigned, before));
    apps.set(app.id, { ...app, ports, tasks: tasksOf(app, before) });
  }
  return { apps };
}

function kept(port: AppPort, assigned: ReadonlySet<number>, before: App | undefined): AppPort {
  const was = before?.ports[port.index]?.servicePort ?? null;
  return was !== null && port.servicePort !== null && assigned.has(port.servicePort)
    ? { ...port, servicePort: was }
    : port;
}

function tasksOf(app: App, before: App | undefined): readonly Task[] {
  const running = (before?.tasks ?? []).filter(({ state }) => state === 'TASK_RUNNING');
  return Array.from({ length: app.instances }, (_, index): Task => {
    const name = `${safeName(app.id).replaceAll(/[_.]/g, '-')}-${index + 1}`;
    return {
      id: taskId(`planned.instance-${name}._app.1`),
      app: app.id,
      state: 'TASK_RUNNING',
      host: 'planned',
      addresses: ['planned'],
      ports: app.ports.map((port) => port.servicePort ?? 1),
      startedAt: null,
      ...running[index],
      version: app.version,
      health: 'up',
      silentSince: null,
      readinessPassed: true,
      healthChecks: app.healthChecks,
      current: true,
    };
  });
}
