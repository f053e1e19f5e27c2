/** What the declared shares come to in practice: requests by pool since a service's weights last changed. */
import type { AppId, Millis, ServiceId } from '../model/ids.ts';
import type { ObservedService } from '../plan/observed.ts';
import type { Realised } from './state.ts';

export interface Tally {
  /** Counts from now on where weights have moved, and where the service is new. */
  note(service: ObservedService | undefined, hasMoved: boolean, now: Millis): void;
  forget(service: ServiceId): void;
  realised(observed: Iterable<ObservedService>): ReadonlyMap<ServiceId, Realised>;
}

export function createTally(): Tally {
  /** The counters when counting began. */
  const since = new Map<ServiceId, Realised>();

  return {
    note(service, hasMoved, now) {
      if (service === undefined || (since.has(service.service) && !hasMoved)) return;
      since.set(service.service, { since: now, requests: countsOf(service) });
    },
    forget: (service) => void since.delete(service),
    realised: (observed) =>
      new Map(
        [...observed].map((service) => {
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
