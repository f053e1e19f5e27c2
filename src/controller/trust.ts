/** Which picture of Marathon the loop may act on: a read that takes suspiciously much away waits for a second one. */
import type { Cluster, Task } from '../model/app.ts';
import { type Millis, serverName, type ServerName, type ServiceId } from '../model/ids.ts';
import { doubtAbout, type Group, withoutLosses } from '../model/trust.ts';
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

  return {
    judge(now, { cluster, syncedAt }, services, observed) {
      let seen: Served | null = null;
      const served = (): Served => (seen ??= servedIn(observed));
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

function servedIn(observed: Observed): Served {
  const slots = [...observed.services.values()].flatMap((service) => service.slots);
  const endpoints = slots.flatMap((slot) => [...slot.endpoints]);
  return new Map(
    endpoints.flatMap(([server, seen]) => (seen.inRotation ? [[server, seen.check] as const] : [])),
  );
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

function missingFrom(cluster: Cluster, served: Served) {
  const named = namedIn(cluster);
  return [...served].filter(([server]) => !named.has(server));
}

function namedIn({ apps }: Cluster): ReadonlySet<ServerName> {
  const named = new Set<ServerName>();
  for (const { tasks } of apps.values()) for (const task of tasks) named.add(serverName(task.id));
  return named;
}

/**
 * The services with an endpoint that the cluster does not name: what a doubt is about.
 * @param services the verdicts in force: what they put in rotation may not have been observed there yet
 */
export function servicesWithUnnamed(
  cluster: Cluster,
  services: readonly ServiceVerdict[],
  observed: Observed,
): ReadonlySet<ServiceId> {
  const named = namedIn(cluster);
  const found = new Set<ServiceId>();
  for (const { service, pools } of services) {
    if (pools.some(({ endpoints }) => endpoints.some(({ server }) => !named.has(server)))) found.add(service);
  }
  for (const { service, slots } of observed.services.values()) {
    if (slots.some(({ endpoints }) => [...endpoints.keys()].some((server) => !named.has(server))))
      found.add(service);
  }
  return found;
}
