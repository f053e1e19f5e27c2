/** Places: which slot and which side each pool of a service has, kept from one plan to the next. */
import type { DeclaredService } from '../declared/types.ts';
import { type AppId, type SlotName, slotIndex, slotName } from '../model/ids.ts';
import type { AssessedPool } from './assess.ts';
import type { ObservedService, ObservedSlot } from './observed.ts';
import type { ServiceMemory, Side } from './verdict.ts';

export interface Place {
  readonly app: AppId;
  readonly slot: SlotName;
  readonly side: Side;
}

export interface Places {
  /** In the order of first appearance, the newest last. */
  readonly places: readonly Place[];
  readonly nextSide: Side;
}

/**
 * A pool keeps its slot and side. A newcomer takes a free slot, one of its own shape if there is one, because changing
 * a slot's shape costs a reload; and the side opposite to the newest version that is still there. The listener app is on side A.
 */
export function assignPlaces(
  service: DeclaredService,
  pools: readonly AssessedPool[],
  observed: ObservedService | undefined,
  memory: ServiceMemory | undefined,
): Places {
  const present = new Map(pools.map((each) => [each.pool.app, each]));
  const places: Place[] = [];
  // A memory older than the data plane (a disk that was full) must not put two pools into one slot.
  const taken = new Set((observed?.slots ?? []).filter((each) => each.app !== null).map((each) => each.slot));
  for (const known of memory?.pools ?? []) {
    const pool = present.get(known.app);
    if (pool === undefined) continue;
    const remembered = taken.has(known.slot) ? freeSlot(pool, observed, taken) : known.slot;
    const slot = slotHeldBy(known.app, observed) ?? remembered;
    places.push({ app: known.app, slot, side: known.side });
    taken.add(slot);
  }
  const newest = places.at(-1);
  let nextSide = newest === undefined ? firstSide(service, memory) : opposite(newest.side);
  for (const newcomer of newcomers(pools, places)) {
    const slot = slotHeldBy(newcomer.pool.app, observed) ?? freeSlot(newcomer, observed, taken);
    places.push({ app: newcomer.pool.app, slot, side: nextSide });
    taken.add(slot);
    nextSide = opposite(nextSide);
  }
  return { places, nextSide };
}

/** Where nobody is: the side after the last one, or where the document of Avi's A/B pools begins. */
function firstSide(service: DeclaredService, memory: ServiceMemory | undefined): Side {
  return memory?.nextSide ?? (service.pools.some((pool) => pool.app === service.listenerApp) ? 'A' : 'B');
}

function opposite(side: Side): Side {
  return side === 'A' ? 'B' : 'A';
}

function newcomers(pools: readonly AssessedPool[], places: readonly Place[]): readonly AssessedPool[] {
  const known = new Set(places.map((place) => place.app));
  const rank = (each: AssessedPool) => (each.pool.role === 'listener' ? 0 : 1);
  return pools
    .filter((each) => !known.has(each.pool.app))
    .sort(
      (a, b) => rank(a) - rank(b) || a.pool.priority - b.pool.priority || (a.pool.app < b.pool.app ? -1 : 1),
    );
}

function slotHeldBy(app: AppId, observed: ObservedService | undefined): SlotName | undefined {
  return observed?.slots.find((slot) => slot.app === app)?.slot;
}

function freeSlot(
  pool: AssessedPool,
  observed: ObservedService | undefined,
  taken: ReadonlySet<SlotName>,
): SlotName {
  const slots = observed?.slots ?? [];
  const free = slots.filter((slot) => slot.app === null && slot.sessions === 0 && !taken.has(slot.slot));
  const fitting = free.find((slot) => fits(slot, pool)) ?? free[0];
  if (fitting !== undefined) return fitting.slot;
  const used = new Set([...taken, ...slots.map((slot) => slot.slot)]);
  for (let index = 0; ; index += 1) {
    const candidate = slotName(index);
    if (!used.has(candidate)) return candidate;
  }
}

function fits(slot: ObservedSlot, pool: AssessedPool): boolean {
  return slot.balance === pool.pool.balance && slot.checkKind === pool.checkKind;
}

/** Slot order: a, b, … z, aa. */
export function bySlot(a: { readonly slot: SlotName }, b: { readonly slot: SlotName }): number {
  return slotIndex(a.slot) - slotIndex(b.slot);
}
