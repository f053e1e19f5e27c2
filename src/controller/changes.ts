/** Changes: what differs between two turns of the loop, as facts. */
import type { Diagnostic } from '../declared/types.ts';
import type { AppId, Millis, ServiceId } from '../model/ids.ts';
import type { BasisPoints } from '../model/weights.ts';
import type { Fact } from '../observe/facts.ts';
import type { Because } from '../plan/because.ts';
import type { Observed } from '../plan/observed.ts';
import type { ServiceVerdict } from '../plan/verdict.ts';
import { transitionChanges } from './transition-changes.ts';

/** Effective weights by app; those that are 0 are not named. */
export type Weights = Readonly<Record<AppId, BasisPoints>>;

/**
 * The moves of traffic from what was last known to be carried to what the verdict wants. Not from what is observed: a
 * change that was made just before something failed is a move as well, told when the next turn finds it confirmed.
 */
export function movesOf(
  carried: ReadonlyMap<ServiceId, Weights>,
  services: readonly ServiceVerdict[],
): readonly Extract<Fact, { kind: 'traffic-moved' }>[] {
  return services.flatMap((service) => {
    const from = carried.get(service.service) ?? {};
    const to = wantedWeights(service);
    if (same(from, to)) return [];
    return [
      { kind: 'traffic-moved' as const, service: service.service, from, to, because: reasonOf(service) },
    ];
  });
}

/** Why the pool with the largest share has it; the service's own reason may be about what it still waits for. */
function reasonOf(service: ServiceVerdict): Because {
  const [carrier] = service.pools.toSorted((a, b) => b.weight - a.weight);
  return carrier === undefined || carrier.weight === 0 ? service.because : carrier.because;
}

/** What the data plane carries. */
export function observedWeights(observed: Observed): ReadonlyMap<ServiceId, Weights> {
  return new Map(
    [...observed.services].map(([service, { slots }]) => {
      const weights: Record<AppId, BasisPoints> = {};
      for (const slot of slots) if (slot.app !== null && slot.weight > 0) weights[slot.app] = slot.weight;
      return [service, weights];
    }),
  );
}

export function wantedWeights(service: ServiceVerdict): Weights {
  return Object.fromEntries(
    service.pools.filter((pool) => pool.weight > 0).map((pool) => [pool.app, pool.weight]),
  );
}

function same(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => a[key] === b[key]);
}

/** @param begunAt when this Baton began */
export function serviceChanges(
  before: readonly ServiceVerdict[],
  after: readonly ServiceVerdict[],
  begunAt: Millis,
): readonly Fact[] {
  const known = new Map(before.map((service) => [service.service, service]));
  const facts: Fact[] = [];
  for (const service of after) {
    const previous = known.get(service.service);
    known.delete(service.service);
    if (previous === service) continue;
    if (previous === undefined) facts.push({ kind: 'service-appeared', service: service.service });
    if (previous?.phase !== service.phase) {
      facts.push({
        kind: 'phase-changed',
        service: service.service,
        phase: service.phase,
        because: service.because,
      });
    }
    facts.push(...transitionChanges(previous ?? null, service, begunAt));
  }
  for (const service of known.keys()) facts.push({ kind: 'service-vanished', service });
  return facts;
}

export function diagnosticChanges(
  before: readonly Diagnostic[],
  after: readonly Diagnostic[],
): readonly Fact[] {
  if (before.length === after.length && before.every((each, at) => each === after[at])) return [];
  const old = new Map(before.map((each) => [JSON.stringify(each), each]));
  const raised: Fact[] = [];
  for (const diagnostic of after) {
    if (!old.delete(JSON.stringify(diagnostic))) raised.push({ kind: 'diagnostic-raised', diagnostic });
  }
  return [
    ...raised,
    ...[...old.values()].map((diagnostic): Fact => ({ kind: 'diagnostic-cleared', diagnostic })),
  ];
}
