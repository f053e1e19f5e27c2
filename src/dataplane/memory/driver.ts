/** A data plane that only remembers: for tests, for rehearsals without HAProxy, and for `--dry-run`. */
import type { AppId, ServerName, ServiceId, SlotName } from '../../model/ids.ts';
import { slotIndex, slotName } from '../../model/ids.ts';
import { latencyBoundsMs, noDurations } from '../../model/latency.ts';
import type { Observed, ObservedService } from '../../plan/observed.ts';
import type { PoolTarget, ServiceTarget } from '../../plan/target.ts';
import type { Driver, DriverContext, Scope } from '../driver.ts';

export interface MemoryOptions {
  /** Idle slots beyond those in use; default 2. */
  readonly spareSlots?: number;
}

export interface MemoryDriver extends Driver {
  /** What the check of an endpoint says from now on; without this it passes. */
  readonly setCheck: (server: ServerName, check: 'passed' | 'failed' | 'pending') => void;
  /** Requests and connections in progress on an endpoint; none without this. A server that is gone keeps its slot by them. */
  readonly setSessions: (server: ServerName, sessions: number) => void;
  /** Adds to the requests that a slot has answered: so many of them with errors, each after so many ms; none and 0 without this. */
  readonly serve: (
    service: ServiceId,
    slot: SlotName,
    requests: number,
    more?: { readonly errors?: number; readonly ms?: number },
  ) => void;
}

interface Slot {
  readonly slot: SlotName;
  app: AppId | null;
  balance: PoolTarget['balance'];
  checkKind: PoolTarget['checkKind'];
  weight: number;
  requests: number;
  errors: number;
  durations: readonly number[];
  servers: Map<ServerName, 'in' | 'hold' | 'leaving'>;
}

interface Service {
  readonly id: ServiceId;
  readonly slots: Map<SlotName, Slot>;
  /** The target it was last given, null when it is to go. */
  target: ServiceTarget | null;
}

const fewestSlots = 4;

export function createMemoryDriver(options: MemoryOptions, _context: DriverContext): MemoryDriver {
  const spare = options.spareSlots ?? 2;
  const services = new Map<ServiceId, Service>();
  const checks = new Map<ServerName, 'passed' | 'failed' | 'pending'>();
  const sessions = new Map<ServerName, number>();

  function sessionsOf(server: ServerName): number {
    return sessions.get(server) ?? 0;
  }

  /** Servers that are leaving go when nothing is connected; a slot without servers and pool is free. */
  function sweep(): void {
    for (const service of services.values()) {
      const named = new Set(service.target?.pools.map((pool) => pool.slot));
      for (const slot of service.slots.values()) {
        for (const [server, rotation] of slot.servers) {
          if (rotation !== 'leaving' || sessionsOf(server) > 0) continue;
          slot.servers.delete(server);
        }
        if (!named.has(slot.slot) && slot.servers.size === 0) slot.app = null;
      }
      const busy = [...service.slots.values()].some((slot) => slot.servers.size > 0);
      if (service.target === null && !busy) services.delete(service.id);
    }
  }

  function slotOf(service: Service, name: SlotName): Slot {
    const found = service.slots.get(name);
    if (found !== undefined) return found;
    const slot: Slot = {
      slot: name,
      app: null,
      balance: 'roundrobin',
      checkKind: 'http',
      weight: 0,
      requests: 0,
      errors: 0,
      durations: noDurations,
      servers: new Map(),
    };
    service.slots.set(name, slot);
    return slot;
  }

  function applyPool(slot: Slot, pool: PoolTarget | undefined): number {
    let changes = 0;
    const weight = pool?.weight ?? 0;
    if (slot.weight !== weight) changes++;
    slot.weight = weight;
    if (pool !== undefined) {
      slot.app = pool.app;
      slot.balance = pool.balance;
      slot.checkKind = pool.checkKind;
    }
    const wanted = new Map(
      pool?.endpoints.map((each) => [each.server, each.rotation === 'close' ? 'hold' : each.rotation]),
    );
    for (const [server, rotation] of wanted) {
      if (slot.servers.get(server) !== rotation) changes++;
      slot.servers.set(server, rotation);
    }
    for (const [server, rotation] of slot.servers) {
      if (wanted.has(server) || rotation === 'leaving') continue;
      slot.servers.set(server, 'leaving');
      changes++;
    }
    if (pool?.close === true) for (const server of slot.servers.keys()) sessions.delete(server);
    for (const { server, rotation } of pool?.endpoints ?? [])
      if (rotation === 'close') sessions.delete(server);
    return changes;
  }

  function applyService(target: ServiceTarget): number {
    const service = services.get(target.service) ?? { id: target.service, slots: new Map(), target };
    services.set(target.service, service);
    service.target = target;
    const highest = Math.max(-1, ...target.pools.map((pool) => slotIndex(pool.slot)));
    const count = Math.max(fewestSlots, highest + 1, target.pools.length + spare);
    for (let index = 0; index < count; index++) slotOf(service, slotName(index));
    let changes = 0;
    for (const slot of service.slots.values()) {
      changes += applyPool(
        slot,
        target.pools.find((pool) => pool.slot === slot.slot),
      );
    }
    return changes;
  }

  function observe(): Observed {
    sweep();
    const observed = new Map<ServiceId, ObservedService>();
    for (const service of services.values()) {
      const slots = [...service.slots.values()].sort((a, b) => slotIndex(a.slot) - slotIndex(b.slot));
      observed.set(service.id, {
        service: service.id,
        slots: slots.map(({ servers, ...slot }) => ({
          ...slot,
          sessions: [...servers.keys()].reduce((sum, server) => sum + sessionsOf(server), 0),
          endpoints: new Map(
            [...servers].map(([server, rotation]) => [
              server,
              {
                check: checks.get(server) ?? 'passed',
                inRotation: rotation === 'in',
                sessions: sessionsOf(server),
              },
            ]),
          ),
        })),
      });
    }
    return { services: observed };
  }

  return {
    name: 'memory',
    async start() {},
    async observe() {
      return observe();
    },
    async apply(target, _signal, scope: Scope = 'all') {
      sweep();
      const changes = new Map<ServiceId, number>();
      for (const each of target) changes.set(each.service, applyService(each));
      for (const service of services.values()) {
        if (changes.has(service.id) || (scope !== 'all' && !scope.has(service.id))) continue;
        service.target = null;
        const slots = [...service.slots.values()];
        changes.set(
          service.id,
          slots.reduce((sum, slot) => sum + applyPool(slot, undefined), 0),
        );
      }
      sweep();
      const changed = [...changes].filter(([, count]) => count > 0);
      return {
        reloads: 0,
        changes: changed.reduce((sum, [, count]) => sum + count, 0),
        changed: new Set(changed.map(([id]) => id)),
        diagnostics: [],
      };
    },
    async withdraw(names, _signal, scope: Scope = 'all') {
      let taken = 0;
      for (const service of services.values()) {
        if (scope !== 'all' && !scope.has(service.id)) continue;
        for (const slot of service.slots.values()) {
          for (const [server, rotation] of slot.servers) {
            if (rotation !== 'in' || !names.has(server)) continue;
            slot.servers.set(server, 'hold');
            taken += 1;
          }
        }
      }
      return taken;
    },
    async verify(target) {
      const differences = target.flatMap((each) => differencesOf(each, services.get(each.service)));
      return differences.length === 0 ? { outcome: 'yes' } : { outcome: 'no', differences };
    },
    configuration: async () => '',
    async statistics() {
      return [...services.values()].flatMap((service) =>
        [...service.slots.values()].map((slot) => ({
          service: service.id,
          slot: slot.slot,
          requests: slot.requests,
          sessions: slot.requests,
          responses: { '1xx': 0, '2xx': slot.requests - slot.errors, '3xx': 0, '4xx': 0, '5xx': slot.errors },
          connectionErrors: 0,
          retries: 0,
          redispatches: 0,
        })),
      );
    },
    async stop() {},
    setCheck(server, check) {
      checks.set(server, check);
    },
    setSessions(server, count) {
      sessions.set(server, count);
    },
    serve(service, slot, requests, { errors = 0, ms = 0 } = {}) {
      const found = services.get(service)?.slots.get(slot);
      if (found === undefined) return;
      found.requests += requests;
      found.errors += errors;
      const within = latencyBoundsMs.findIndex((bound) => ms <= bound);
      const bucket = within < 0 ? latencyBoundsMs.length : within;
      found.durations = found.durations.map((count, index) => count + (index === bucket ? requests : 0));
    },
  };
}

function differencesOf(target: ServiceTarget, service: Service | undefined): readonly string[] {
  if (service === undefined) return [`${target.service} is not there`];
  const differences: string[] = [];
  if (led(target) !== led(service.target))
    differences.push(`${target.service} leads other requests or clients`);
  for (const slot of service.slots.values()) {
    const pool = target.pools.find((each) => each.slot === slot.slot);
    const here = `${target.service} slot ${slot.slot}`;
    if (slot.weight !== (pool?.weight ?? 0)) {
      differences.push(`${here} has the weight ${slot.weight} instead of ${pool?.weight ?? 0}`);
    }
    const wanted = new Map(
      pool?.endpoints.map((each) => [each.server, each.rotation === 'close' ? 'hold' : each.rotation]),
    );
    for (const [server, rotation] of slot.servers) {
      if (rotation === 'in' && wanted.get(server) !== 'in')
        differences.push(`${here}: ${server} takes requests`);
    }
    for (const [server, rotation] of wanted) {
      const has = slot.servers.get(server);
      if (has !== rotation)
        differences.push(`${here}: ${server} is ${has ?? 'missing'} instead of ${rotation}`);
    }
  }
  return differences;
}

/** What is chosen before the shares are asked, to be compared. */
function led(target: ServiceTarget | null): string {
  if (target === null) return '';
  const { matches, conditions = [], affinity, pools } = target;
  const staying = pools.filter(({ weight, draining }) => weight > 0 || draining);
  return JSON.stringify([matches, conditions, affinity && staying.map(({ slot, app }) => [slot, app])]);
}
