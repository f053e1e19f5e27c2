/** What the declared shares come to in practice: requests by pool since a service's weights last changed. */
import type { AppId, Millis, ServiceId } from '../model/ids.ts';
import type { Observed, ObservedService } from '../plan/observed.ts';
import type { Realised } from './state.ts';

export interface Tally {
  /** Counts from now on where weights have moved, and where a service is new. */
  note(observed: Observed, moved: ReadonlySet<ServiceId>, now: Millis): void;
  forget(service: ServiceId): void;
  realised(observed: Observed): ReadonlyMap<ServiceId, Realised>;
}

export function createTally(): Tally {
  /** The counters when counting began. */
  const since = new Map<ServiceId, Realised>();

  return {
    note(observed, moved, now) {
      for (const service of observed.services.values()) {
        if (since.has(service.service) && !moved.has(service.service)) continue;
        since.set(service.service, { since: now, requests: countsOf(service) });
      }
    },
    forget: (service) => void since.delete(service),
    realised: (observed) =>
      new Map(
        [...observed.services.values()].map((service) => {
          const begun = since.get(service.service);
          const counts = [...countsOf(service)].map(
            ([app, count]) => [app, count - (begun?.requests.get(app) ?? 0)] as const,
          );
          return [service.service, { since: begun?.since ?? (0 as Millis), requests: new Map(counts) }];
        }),
      ),
  };
}

function countsOf({ slots }: ObservedService): ReadonlyMap<AppId, number> {
  return new Map(slots.flatMap(({ app, requests }) => (app === null ? [] : [[app, requests] as const])));
}
