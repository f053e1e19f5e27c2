/** Which picture of Marathon the loop may act on: a read that takes suspiciously much away waits for a second one. */
import type { Scope } from '../dataplane/driver.ts';
import type { Cluster, Task } from '../model/app.ts';
import { type AppId, type Millis, serverName, type ServerName, type ServiceId } from '../model/ids.ts';
import { appsWithLosses, doubtAbout, type Group, withoutLosses } from '../model/trust.ts';
import type { Observed, ObservedEndpoint, ObservedService } from '../plan/observed.ts';
import type { ServiceVerdict } from '../plan/verdict.ts';

/** How long after a doubted read the next one begins: a proxy that answers nonsense may do so twice in a row. */
const confirmAfterMs = 1000;
/**
 * While the endpoints that reads name no more still pass the data plane's own checks, the reads are wrong or the tasks
 * are on their way out; for so long at most the data plane is believed.
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
  /** Why the reading is not believed yet, one sentence; null when it is. */
  readonly doubt: string | null;
}

export interface Trust {
  /** @param services the verdicts in force: no service is to lose all of its endpoints unnoticed */
  /** The services whose endpoints a reading leaves out: what is to be looked at before it is judged. */
  concerned(cluster: Cluster, services: readonly ServiceVerdict[]): Scope;
  judge(now: Millis, reading: Reading, services: readonly ServiceVerdict[], observed: Observed): Trusted;
}

/** `reread` asks for the whole list again. */
export function createTrust(reread: () => void): Trust {
  let known: Cluster | null = null;
  let doubted: { readonly since: Millis; readonly askedAt: Millis | null } | null = null;

  function believe(cluster: Cluster): Trusted {
    known = cluster;
    doubted = null;
    return { cluster, doubt: null };
  }

  function concerned(cluster: Cluster, services: readonly ServiceVerdict[]): Scope {
    return known === null ? 'all' : servicesOf(appsWithLosses(known, cluster), services);
  }

  return {
    concerned,
    judge(now, { cluster, syncedAt }, services, observed) {
      let seen: Served | null = null;
      const served = (): Served => (seen ??= servedIn(observed, concerned(cluster, services)));
      const doubt =
        known === null
          ? doubtAtStart(cluster, served())
          : doubtAbout(
              known,
              cluster,
              () => services.map(groupOf),
              (task, service) => passes(task, observed.services.get(service as ServiceId)),
            );
      if (doubt === null) return believe(cluster);
      doubted ??= { since: now, askedAt: null };
      const answered = doubted.askedAt !== null && syncedAt > doubted.askedAt;
      const alive = now - doubted.since < aliveForMs && missingAlive(cluster, served());
      if (answered && !alive) return believe(cluster);
      if (now - (doubted.askedAt ?? doubted.since) >= confirmAfterMs) {
        doubted = { since: doubted.since, askedAt: now };
        reread();
      }
      return {
        cluster:
          known === null ? null : withoutLosses(known, cluster, (task) => served().has(serverName(task.id))),
        doubt,
      };
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

/** Whether any endpoint in rotation that the cluster does not name passes its check: it may be the last one. */
function missingAlive(cluster: Cluster, served: Served): boolean {
  return missingFrom(cluster, served).some(([, check]) => check === 'passed');
}

/** A Baton that begins knows only what the data plane serves: that is what a first read may not take away at once. */
function doubtAtStart(cluster: Cluster, served: Served): string | null {
  const missing = missingFrom(cluster, served).length;
  return missing * 2 > served.size
    ? `it names ${missing} of the ${served.size} tasks that are served no more`
    : null;
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
