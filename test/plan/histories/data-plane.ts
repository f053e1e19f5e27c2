/** A data plane in miniature: it runs what it was last told, probes, counts, and has sessions that take their time. */
import { noDurations } from '../../../src/model/latency.ts';
import {
  type AppId,
  type ServerName,
  type ServiceId,
  type SlotName,
  slotIndex,
  slotName,
  type TaskId,
} from '../../../src/model/ids.ts';
import type { Observed, ObservedSlot } from '../../../src/plan/observed.ts';
import type { PoolTarget, ServiceTarget } from '../../../src/plan/target.ts';
import type { SimMarathon } from './marathon.ts';

interface Server {
  readonly task: TaskId;
  readonly probedAt: number;
  rotation: 'in' | 'hold' | 'close';
  /** Until when it has a session; one that gets requests has one for as long. */
  busyUntil: number;
}

interface Slot {
  readonly app: AppId;
  weight: number;
  servers: Map<ServerName, Server>;
  /** Until when servers that have left finish what they had. */
  leftUntil: number;
}

interface Counters {
  requests: number;
  errors: number;
}

export interface Habits {
  /** How long a check takes, ms. */
  readonly probeMs: number;
  /** How long a session lasts, ms. */
  readonly sessionMs: number;
  readonly requestsPerSecond: number;
}

export class SimPlane {
  /** The part of each app's requests that fail. */
  readonly errorRates = new Map<AppId, number>();
  /** Until then it does not do what it is told. */
  deafUntil = 0;
  readonly habits: Habits;
  private readonly marathon: SimMarathon;
  private readonly services = new Map<ServiceId, Map<SlotName, Slot>>();
  private readonly counters = new Map<string, Counters>();

  constructor(habits: Habits, marathon: SimMarathon) {
    this.habits = habits;
    this.marathon = marathon;
  }

  /** Time has passed: requests were answered, sessions went on or ended. */
  step(now: number, passedMs: number): void {
    for (const [service, slots] of this.services) {
      for (const [name, slot] of slots) {
        const count = (this.habits.requestsPerSecond * passedMs * slot.weight) / 10_000_000;
        const counters = this.countersOf(service, name);
        counters.requests += count;
        counters.errors += count * (this.errorRates.get(slot.app) ?? 0);
        for (const server of slot.servers.values()) {
          if (this.takes(slot, server, now)) server.busyUntil = now + this.habits.sessionMs;
        }
      }
    }
  }

  private takes(slot: Slot, server: Server, now: number): boolean {
    return slot.weight > 0 && server.rotation === 'in' && this.checkOf(server, now) === 'passed';
  }

  /** What a reload or a new HAProxy does. */
  forgetCounters(): void {
    this.counters.clear();
  }

  /** @returns whether it runs what it was told */
  apply(now: number, targets: readonly ServiceTarget[]): boolean {
    if (now < this.deafUntil) return false;
    const told = new Set(targets.map((each) => each.service));
    for (const service of this.services.keys()) if (!told.has(service)) this.services.delete(service);
    for (const { service, pools } of targets) {
      const before = this.services.get(service) ?? new Map<SlotName, Slot>();
      const after = new Map<SlotName, Slot>();
      for (const pool of pools) after.set(pool.slot, this.filled(now, pool, before.get(pool.slot)));
      for (const [name, slot] of before) {
        if (after.has(name)) continue;
        const leftUntil = Math.max(
          slot.leftUntil,
          ...[...slot.servers.values()].map((each) => each.busyUntil),
        );
        if (leftUntil > now) after.set(name, { ...slot, weight: 0, servers: new Map(), leftUntil });
      }
      this.services.set(service, after);
    }
    return true;
  }

  private filled(now: number, pool: PoolTarget, before: Slot | undefined): Slot {
    if (
      before !== undefined &&
      before.app !== pool.app &&
      (before.servers.size > 0 || before.leftUntil > now)
    )
      throw new Error(`slot ${pool.slot} is given to ${pool.app} while ${before.app} holds it`);
    const servers = new Map<ServerName, Server>();
    for (const { server, task, rotation } of pool.endpoints) {
      const known = before?.servers.get(server);
      const busyUntil = rotation === 'close' || pool.close ? 0 : (known?.busyUntil ?? 0);
      servers.set(server, {
        task,
        rotation,
        busyUntil,
        probedAt: known?.probedAt ?? now + this.habits.probeMs,
      });
    }
    const left = [...(before?.servers ?? [])]
      .filter(([name]) => !servers.has(name))
      .map(([, each]) => each.busyUntil);
    return {
      app: pool.app,
      weight: pool.weight,
      servers,
      leftUntil: Math.max(before?.leftUntil ?? 0, ...left),
    };
  }

  /** When a check passes or a session ends next. */
  nextAt(now: number): number {
    const times = [...this.services.values()].flatMap((slots) =>
      [...slots.values()].flatMap((slot) => [
        slot.leftUntil,
        ...[...slot.servers.values()].flatMap((each) => [each.probedAt, each.busyUntil]),
      ]),
    );
    return Math.min(this.deafUntil > now ? this.deafUntil : Infinity, ...times.filter((at) => at > now));
  }

  observe(now: number): Observed {
    return {
      services: new Map(
        [...this.services].map(([service, slots]) => {
          const count = Math.max(4, ...[...slots.keys()].map((slot) => slotIndex(slot) + 3));
          const all = Array.from({ length: count }, (_, index) => slotName(index));
          return [
            service,
            { service, slots: all.map((name) => this.slotOf(now, service, name, slots.get(name))) },
          ];
        }),
      ),
    };
  }

  private slotOf(now: number, service: ServiceId, name: SlotName, slot: Slot | undefined): ObservedSlot {
    const { requests, errors } = this.countersOf(service, name);
    const servers = [...(slot?.servers ?? [])];
    const endpoints = new Map(
      servers.map(([server, each]) => [
        server,
        {
          check: this.checkOf(each, now),
          inRotation: each.rotation === 'in',
          sessions: each.busyUntil > now ? 1 : 0,
        },
      ]),
    );
    const left = (slot?.leftUntil ?? 0) > now ? 1 : 0;
    return {
      slot: name,
      app: slot === undefined || (servers.length === 0 && left === 0) ? null : slot.app,
      balance: 'roundrobin',
      checkKind: 'http',
      weight: slot?.weight ?? 0,
      sessions: left + servers.filter(([, each]) => each.busyUntil > now).length,
      endpoints,
      requests: Math.floor(requests),
      errors: Math.floor(errors),
      durations: noDurations,
    };
  }

  private checkOf({ probedAt, task }: Server, now: number): 'passed' | 'failed' | 'pending' {
    if (now < probedAt) return 'pending';
    return this.marathon.isReachable(task, now) ? 'passed' : 'failed';
  }

  private countersOf(service: ServiceId, slot: SlotName): Counters {
    const key = `${service} ${slot}`;
    const known = this.counters.get(key);
    if (known !== undefined) return known;
    const counters = { requests: 0, errors: 0 };
    this.counters.set(key, counters);
    return counters;
  }
}
