/** Small sums and selections of the loop: which verdicts, weights and requests there are after a part of them was planned. */
import type { Scope } from '../dataplane/driver.ts';
import type { ServiceId } from '../model/ids.ts';
import type { PoolRequests } from '../observe/facts.ts';
import type { ObservedService } from '../plan/observed.ts';
import type { ServiceVerdict } from '../plan/verdict.ts';
import { wantedWeights, type Weights } from './changes.ts';

/** The verdicts, with those in scope replaced. */
export function merged(
  before: readonly ServiceVerdict[],
  planned: readonly ServiceVerdict[],
  inScope: (id: ServiceId) => boolean,
): readonly ServiceVerdict[] {
  const kept = before.filter(({ service }) => !inScope(service));
  return [...kept, ...planned].sort((a, b) => (a.service < b.service ? -1 : 1));
}

export function without(scope: ReadonlySet<ServiceId>, looked: Scope): ReadonlySet<ServiceId> {
  return new Set([...scope].filter((id) => looked !== 'all' && !looked.has(id)));
}

export function carry(
  carried: Map<ServiceId, Weights>,
  services: readonly ServiceVerdict[],
  scope: Scope,
): void {
  for (const id of scope === 'all' ? [...carried.keys()] : scope) carried.delete(id);
  for (const service of services) carried.set(service.service, wantedWeights(service));
}

export function requestsOf(observed: Iterable<ObservedService>): readonly PoolRequests[] {
  return [...observed].flatMap(({ service, slots }) =>
    slots.flatMap(({ app, slot, requests }) => (app === null ? [] : [{ service, app, slot, requests }])),
  );
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unexpected';
}
