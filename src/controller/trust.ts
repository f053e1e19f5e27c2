/** Which picture of Marathon the loop may act on: a read that takes suspiciously much away waits for a second one. */
import type { Scope } from '../dataplane/driver.ts';
import type { Cluster, Task } from '../model/app.ts';
import { type AppId, type Millis, serverName, type ServerName, type ServiceId } from '../model/ids.ts';
import {
  appsWithLosses,
  type Doubt,
  doubtsAbout,
  type Group,
  lostOf,
  stillInPlace,
  withoutLosses,
} from '../model/trust.ts';
import type { Observed, ObservedEndpoint, ObservedService } from '../plan/observed.ts';
import type { ServiceVerdict } from '../plan/verdict.ts';

/** How long after a doubted read the next one begins: a proxy that answers nonsense may do so twice in a row. */
const confirmAfterMs = 1000;
/**
 * While an endpoint that reads name no more still passes the data plane's own checks, the reads are wrong or the task is on
 * its way out; for so long at most the data plane is believed. Where more than half of all tasks are gone from the
 * reads, it is believed for as long as half of those live on.
 */
const aliveForMs = 60_000;

export interface Reading {
  readonly cluster: Cluster;
  /** When Marathon's whole list was last read. */
  readonly syncedAt: Millis;
}

export interface Trusted {
  /** Null: nothing may be acted on yet. */
  readonly cluster: Cluster | null;
  /** Why the reading, or a part of it, is not believed yet, one sentence; null when it is. */
  readonly doubt: string | null;
}

export interface Trust {
  /** The services whose endpoints a reading leaves out: what is to be looked at before it is judged. */
  concerned(cluster: Cluster, services: readonly ServiceVerdict[]): Scope;
  /** @param services the verdicts in force: no service is to lose all of its endpoints unnoticed */
  judge(now: Millis, reading: Reading, services: readonly ServiceVerdict[], observed: Observed): Trusted;
}

interface Begun {
  readonly since: Millis;
  /** When the whole list was asked for again. */
  readonly askedAt: Millis | null;
}

/** `reread` asks for the whole list again. */
export function createTrust(reread: () => void): Trust {
  /** What is believed, with the losses that are not. */
  let known: Cluster | null = null;
  /** By whose loss it is: what is doubted of one service holds nothing back of another. */
  let doubted: ReadonlyMap<Doubt['group'], Begun> = new Map();

  function concerned(cluster: Cluster, services: readonly ServiceVerdict[]): Scope {
    return known === null ? 'all' : servicesOf(appsWithLosses(known, cluster), services);
  }

  /** Those that are not settled yet: by a second reading that agrees, and by checks that pass no more. */
  function unsettled(
    now: Millis,
    syncedAt: Millis,
    doubts: readonly Doubt[],
    isAlive: (doubt: Doubt, isOld: boolean) => boolean,
  ): readonly Doubt[] {
    const next = new Map<Doubt['group'], Begun>();
    let asks = false;
    for (const doubt of doubts) {
      // What was everybody's loss until now has been doubted as long.
      const begun = doubted.get(doubt.group) ?? doubted.get(null) ?? { since: now, askedAt: null };
      const { since, askedAt } = begun;
      const answered = askedAt !== null && syncedAt > askedAt;
      if (answered && !isAlive(doubt, now - since >= aliveForMs)) continue;
      const isDue = now - (askedAt ?? since) >= confirmAfterMs;
      next.set(doubt.group, isDue ? { since, askedAt: now } : begun);
      asks ||= isDue;
    }
    doubted = next;
    if (asks) reread();
    return doubts.filter(({ group }) => next.has(group));
  }

  return {
    concerned,
    judge(now, { cluster, syncedAt }, services, observed) {
      let seen: Served | null = null;
      const served = (): Served => (seen ??= servedIn(observed, concerned(cluster, services)));
      const before = known;
      if (before === null) {
        const [doubt] = unsettled(
          now,
          syncedAt,
          doubtsAtStart(cluster, served()),
          (_, isOld) => !isOld && missingFrom(cluster, served()).some(([, check]) => check === 'passed'),
        );
        if (doubt !== undefined) return { cluster: null, doubt: doubt.problem };
        known = cluster;
        return { cluster, doubt: null };
      }
      const found = doubtsAbout(
        before,
        cluster,
        () => services.map(groupOf),
        (task, service) => passes(task, observed.services.get(service as ServiceId)),
      );
      // It may be the last one that works.
      const doubts = unsettled(now, syncedAt, found, ({ group, apps }, isOld) => {
        const lost = lostOf(before, cluster, apps);
        const alive = lost.filter((task) => served().get(serverName(task.id)) === 'passed');
        if (!isOld) return alive.length > 0;
        return group === null && stillInPlace(alive, before, cluster).length * 2 >= lost.length;
      });
      if (doubts.length === 0) {
        known = cluster;
        return { cluster, doubt: null };
      }
      const apps = new Set(doubts.flatMap((doubt) => [...doubt.apps]));
      // What an event has taken out meanwhile must not come back by being remembered.
      const kept = (task: Task): Task =>
        served().has(serverName(task.id)) ? task : { ...task, health: 'down' };
      const held = withoutLosses(before, cluster, apps, kept);
      known = withoutLosses(before, cluster, apps);
      return { cluster: held, doubt: doubts.map(({ problem }) => problem).join('; ') };
    },
  };
}

function groupOf({ service, pools }: ServiceVerdict): Group {
  return { name: service, apps: pools.map(({ app }) => app) };
}

/** The endpoints in rotation, with what the data plane's own check says of each. */
type Served = ReadonlyMap<ServerName, ObservedEndpoint['check']>;

function servedIn(observed: Observed, scope: Scope): Served {
  const served = new Map<ServerName, ObservedEndpoint['check']>();
  for (const { service, slots } of observed.services.values()) {
    if (scope !== 'all' && !scope.has(service)) continue;
    for (const { endpoints } of slots)
      for (const [server, { inRotation, check }] of endpoints) if (inRotation) served.set(server, check);
  }
  return served;
}

function passes(task: Task, service: ObservedService | undefined): boolean {
  const server = serverName(task.id);
  const seen = service?.slots.map((slot) => slot.endpoints.get(server)) ?? [];
  return seen.some((endpoint) => endpoint?.inRotation === true && endpoint.check === 'passed');
}

/** A Baton that begins knows only what the data plane serves: that is what a first read may not take away at once. */
function doubtsAtStart(cluster: Cluster, served: Served): readonly Doubt[] {
  const missing = missingFrom(cluster, served).length;
  const problem = `it names ${missing} of the ${served.size} tasks that are served no more`;
  return missing * 2 > served.size ? [{ group: null, apps: new Set(), problem }] : [];
}

function missingFrom({ apps }: Cluster, served: Served) {
  const named = new Set<ServerName>();
  for (const { tasks } of apps.values()) for (const task of tasks) named.add(serverName(task.id));
  return [...served].filter(([server]) => !named.has(server));
}

/** The services that have a pool whose tasks are in doubt. */
function servicesOf(apps: ReadonlySet<AppId>, services: readonly ServiceVerdict[]): ReadonlySet<ServiceId> {
  const found = services.filter(({ pools }) => pools.some(({ app }) => apps.has(app)));
  return new Set(found.map(({ service }) => service));
}
