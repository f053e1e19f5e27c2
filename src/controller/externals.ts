/** Addresses outside Marathon that gateways lead to, as apps beside those of Marathon. */
import type { App, Cluster } from '../model/app.ts';
import type { AppId, ServiceId } from '../model/ids.ts';
import type { Observed, ObservedService } from '../plan/observed.ts';

const prefix = '/external/';

export function isExternal(app: AppId): boolean {
  return app.startsWith(prefix);
}

/** The same object where there are none. */
export function withExternals(cluster: Cluster, externals: readonly App[]): Cluster {
  if (externals.length === 0) return cluster;
  return { apps: new Map([...cluster.apps, ...externals.map((app) => [app.id, app] as const)]) };
}

/**
 * What is observed of Marathon's own: the others are in no read of it, and not missed. Only looked through when it is asked
 * for, which is seldom.
 */
export function withoutExternals(observed: ReadonlyMap<ServiceId, ObservedService>): Observed {
  let own: ReadonlyMap<ServiceId, ObservedService> | null = null;
  return {
    get services() {
      return (own ??= ownOf(observed));
    },
  };
}

function ownOf(observed: ReadonlyMap<ServiceId, ObservedService>): ReadonlyMap<ServiceId, ObservedService> {
  const isOwn = ({ app }: ObservedService['slots'][number]): boolean => app === null || !isExternal(app);
  if ([...observed.values()].every(({ slots }) => slots.every(isOwn))) return observed;
  return new Map(
    [...observed].map(([id, service]) => [id, { ...service, slots: service.slots.filter(isOwn) }]),
  );
}
