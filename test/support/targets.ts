/** Targets for tests of data planes, written short. */
import { plainListener, plainRules } from '../../src/declared/types.ts';
import { appId, serviceOf, type ServerName, type SlotName, taskId } from '../../src/model/ids.ts';
import type { EndpointTarget, PoolTarget, ServiceTarget } from '../../src/plan/target.ts';

export function endpoint(
  name: string,
  port: number,
  rotation: EndpointTarget['rotation'] = 'in',
  more: { readonly path?: string; readonly host?: string; readonly intervalMs?: number } = {},
): EndpointTarget {
  return {
    server: name as ServerName,
    task: taskId(name),
    host: more.host ?? '127.0.0.1',
    port,
    check: {
      kind: 'http',
      path: more.path ?? '/health',
      port: null,
      intervalMs: more.intervalMs ?? 20_000,
      timeoutMs: 5_000,
      fall: 3,
    },
    rotation,
  };
}

/** One endpoint for each port, named after the app. */
export function endpoints(
  app: string,
  ports: readonly number[],
  rotation: 'in' | 'hold' = 'in',
  path = '/health',
): readonly EndpointTarget[] {
  return ports.map((port, index) =>
    endpoint(`${app.replaceAll('/', '')}-${index}`, port, rotation, { path }),
  );
}

export function pool(
  app: string,
  slot: string,
  weight: number,
  list: readonly EndpointTarget[],
  more: Partial<PoolTarget> = {},
): PoolTarget {
  return {
    app: appId(app),
    slot: slot as SlotName,
    balance: 'roundrobin',
    checkKind: 'http',
    weight,
    draining: false,
    endpoints: list,
    close: false,
    ...more,
  };
}

/** Fails over through all its pools in slot order unless told otherwise. */
export function service(
  id: string,
  port: number,
  pools: readonly PoolTarget[],
  more: Partial<ServiceTarget> & { readonly hosts?: readonly string[] } = {},
): ServiceTarget {
  const { hosts = [], ...rest } = more;
  return {
    service: serviceOf(appId(id)),
    listeners: [{ ...plainListener(port, port), hosts }],
    rules: plainRules,
    affinity: false,
    matches: [],
    pools,
    failover: pools.map((each) => each.slot),
    noFailover: [],
    ...rest,
  };
}
