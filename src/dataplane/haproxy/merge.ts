/** Lays a target over what runs: which slots each service has, and whether that needs a new configuration. */
import { type SlotName, slotIndex, slotName } from '../../model/ids.ts';
import { rulesText } from './read-rules.ts';
import { type Service, type Services, type Shape, type Slot, sameShape } from './state.ts';
import type { Wanted, WantedPool } from './wanted.ts';

export interface Merged {
  /**
   * What runs, with the target's listeners, weights and slots. The servers are still those that run; where there is to be a
   * new configuration, with those beside that are to come on hold: they cost nothing there, and a command each at run time.
   */
  readonly services: Services;
  /** The services whose backends HAProxy does not have yet, with the reason. */
  readonly structural: ReadonlyMap<string, string>;
}

const fewestSlots = 4;

/** What services were last made to be. */
export type Settled = WeakMap<Service, Wanted>;

/**
 * @param only the services to lay over, by name; the others stay as they run. Null: all.
 * @param settled those that are what is wanted already stay the same objects
 */
export function merge(
  running: Services,
  wanted: ReadonlyMap<string, Wanted>,
  spareSlots: number,
  only: ReadonlySet<string> | null,
  settled: Settled = new WeakMap(),
): Merged {
  const services = new Map<string, Service>(only === null ? [] : running);
  const structural = new Map<string, string>();
  for (const [name, want] of wanted) {
    const before = running.get(name);
    if (before !== undefined && settled.get(before) === want) {
      services.set(name, before);
      continue;
    }
    const missing = missingSlots(before, want);
    if (missing !== null) structural.set(name, missing);
    const slots =
      before === undefined || missing !== null
        ? newSlots(before, want, spareSlots).map((slot) => withNewcomers(slot, want))
        : before.slots;
    const { id, listeners, rules, matches, conditions, affinity, pools, failover, noFailover } = want;
    services.set(name, {
      id,
      name,
      listeners,
      rules,
      matches,
      conditions,
      affinity,
      cookie: affinity || before?.cookie === true,
      slots: slots.map((slot) => ({
        ...slot,
        app: pools.find((pool) => pool.slot === slot.slot)?.app ?? slot.app,
      })),
      weights: pools.map(({ slot, weight, draining }) => ({ slot, weight, draining })),
      failover,
      noFailover,
      removed: false,
    });
  }
  for (const name of only ?? running.keys()) {
    const service = running.get(name);
    if (service === undefined || wanted.has(name)) continue;
    const busy = service.slots.some((slot) => slot.servers.size > 0);
    if (busy)
      services.set(name, {
        ...service,
        weights: [],
        matches: [],
        failover: [],
        noFailover: [],
        removed: true,
      });
    else services.delete(name);
  }
  return { services: sorted(services), structural };
}

/** Most are in order already: only a service that is new stands at the end. */
function sorted(services: ReadonlyMap<string, Service>): Services {
  let last = '';
  for (const name of services.keys()) {
    if (name < last) return new Map([...services].sort(([a], [b]) => (a < b ? -1 : 1)));
    last = name;
  }
  return services;
}

function missingSlots(before: Service | undefined, want: Wanted): string | null {
  if (before === undefined) return 'a new service';
  for (const pool of want.pools) {
    const slot = before.slots.find((each) => each.slot === pool.slot);
    if (slot === undefined) return 'more pools than slots';
    if (!sameShape(slot, pool)) return 'a pool of another balance, mode, kind of check or templates';
  }
  if (want.affinity && !before.cookie) return 'clients that stay';
  return rulesText(before.rules) === rulesText(want.rules) ? null : 'other rules';
}

/** Slots in use keep what they have; idle ones take the newest pool's shape, which the next version most likely has. */
function newSlots(before: Service | undefined, want: Wanted, spareSlots: number): readonly Slot[] {
  const taken = (slot: Slot): boolean => slot.app !== null || slot.servers.size > 0;
  const kept = new Map<SlotName, Slot>();
  for (const slot of before?.slots ?? []) if (taken(slot)) kept.set(slot.slot, slot);
  const newest = newestPool(before, want);
  for (const pool of want.pools) {
    const slot = kept.get(pool.slot);
    // A pool that changes its own shape keeps its servers through the reload: without them it would fail over meanwhile.
    const servers =
      slot !== undefined && (slot.app === pool.app || sameShape(slot, pool)) ? slot.servers : new Map();
    kept.set(pool.slot, { slot: pool.slot, app: pool.app, ...shapeOf(pool), servers });
  }
  const highest = Math.max(
    -1,
    ...[...kept.keys(), ...(before?.slots ?? []).map((s) => s.slot)].map(slotIndex),
  );
  const count = Math.max(fewestSlots, highest + 1, kept.size + spareSlots);
  return Array.from({ length: count }, (_, index) => {
    const slot = slotName(index);
    return kept.get(slot) ?? { slot, app: null, ...newest, servers: new Map() };
  });
}

function withNewcomers(slot: Slot, { pools }: Wanted): Slot {
  const wanted = pools.find((pool) => pool.slot === slot.slot)?.servers ?? [];
  const newcomers = [...wanted].filter(
    ([name, { rotation }]) => rotation === 'hold' && !slot.servers.has(name),
  );
  if (newcomers.length === 0) return slot;
  return {
    ...slot,
    servers: new Map([...slot.servers, ...newcomers].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function newestPool(before: Service | undefined, want: Wanted): Shape {
  const isNew = (pool: WantedPool): boolean =>
    before?.slots.find((slot) => slot.slot === pool.slot)?.app !== pool.app;
  const pool = want.pools.findLast(isNew) ?? want.pools.at(-1);
  return shapeOf(
    pool ?? before?.slots[0] ?? { mode: want.mode, balance: 'roundrobin', checkKind: 'http', templates: [] },
  );
}

function shapeOf({ mode, balance, checkKind, templates }: Shape): Shape {
  return { mode, balance, checkKind, templates };
}
