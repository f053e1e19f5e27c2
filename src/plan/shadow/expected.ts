/** What Baton would have where marathon-lb has backends: its pools, under marathon-lb's names. */
import type { BackendNames } from '../../declared/serving/backend-names.ts';
import type { AppId, TaskId } from '../../model/ids.ts';
import type { PoolVerdict, ServiceVerdict } from '../verdict.ts';

export interface ExpectedServer {
  readonly app: AppId;
  /** As Marathon writes it: an address, or a name that marathon-lb resolves. */
  readonly host: string;
  readonly port: number;
  /** Whether it would get requests. */
  readonly carries: boolean;
}

export interface ExpectedBackend {
  readonly apps: ReadonlySet<AppId>;
  readonly servers: readonly ExpectedServer[];
}

/** By name. Pools that marathon-lb has no name for, and services that nobody can reach, are left out. */
export function expectedBackends(
  services: readonly ServiceVerdict[],
  names: BackendNames,
): ReadonlyMap<string, ExpectedBackend> {
  const backends = new Map<string, { apps: Set<AppId>; servers: Map<TaskId, ExpectedServer> }>();
  for (const { listeners, pools } of services) {
    if (listeners.length === 0) continue;
    for (const pool of pools) {
      const name = names.get(pool.app)?.get(pool.portIndex);
      if (name === undefined) continue;
      const backend = backends.get(name) ?? { apps: new Set(), servers: new Map() };
      backends.set(name, backend);
      backend.apps.add(pool.app);
      // Some listeners lead to one pool whatever the shares.
      const reached = pool.weight > 0 || listeners.some(({ only }) => only === pool.app);
      for (const server of serversOf(pool, reached)) {
        const carries = server.carries || (backend.servers.get(server.task)?.carries ?? false);
        backend.servers.set(server.task, { ...server, carries });
      }
    }
  }
  return new Map(
    [...backends].map(([name, { apps, servers }]) => [name, { apps, servers: [...servers.values()] }]),
  );
}

function serversOf(
  { app, endpoints }: PoolVerdict,
  reached: boolean,
): readonly (ExpectedServer & { readonly task: TaskId })[] {
  return endpoints.map(({ task, host, port, rotation }) => ({
    task,
    app,
    host,
    port,
    carries: reached && rotation === 'in',
  }));
}
