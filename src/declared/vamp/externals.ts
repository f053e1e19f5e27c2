/** Endpoints that Marathon knows nothing of, as apps with one task each. */
import type { App } from '../../model/app.ts';
import { type AppId, appId, millis, taskId } from '../../model/ids.ts';
import { vipKey } from '../vip-names.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `/external/10.0.0.1:5000`; no app of Marathon's can be called so, for the colon. */
export function externalId({ host, port }: Address): AppId {
  return appId(`external/${vipKey({ kind: 'ip', host, port })}`);
}

const always = '1970-01-01T00:00:00.000Z';

/** An app whose task has always run there and is well as far as Marathon goes: the data plane probes it by connecting. */
export function externalApp(address: Address): App {
  const id = externalId(address);
  return {
    id,
    version: always,
    lastConfigChangeAt: always,
    instances: 1,
    labels: {},
    network: 'host',
    ports: [{ index: 0, name: null, protocol: 'tcp', servicePort: null, containerPort: null, labels: {} }],
    healthChecks: [],
    tasks: [
      {
        // Without a dot behind the first, so that the server is named after all of it.
        id: taskId(`external.${address.host.replace(/[.:]/g, '-')}-${address.port}`),
        app: id,
        state: 'TASK_RUNNING',
        host: address.host,
        addresses: [],
        ports: [address.port],
        version: always,
        startedAt: millis(0),
        health: 'up',
        silentSince: null,
        readinessPassed: true,
        healthChecks: [],
        current: true,
      },
    ],
  };
}
