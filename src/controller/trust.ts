/** Which picture of Marathon the loop may act on: a read that takes suspiciously much away waits for a second one. */
import { emptyCluster, type Cluster } from '../model/app.ts';
import { type Millis, serverName } from '../model/ids.ts';
import { doubtAbout, type Group, withoutLosses } from '../model/trust.ts';
import type { Observed } from '../plan/observed.ts';

/** How long after the first read the second one begins: a proxy that answers nonsense may do so twice in a row. */
const confirmAfterMs = 1000;

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
  judge(now: Millis, reading: Reading, groups: readonly Group[], observed: Observed): Trusted;
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
    judge(now, { cluster, syncedAt }, groups, observed) {
      const doubt = known === null ? doubtAtStart(cluster, observed) : doubtAbout(known, cluster, groups);
      if (doubt === null) return believe(cluster);
      doubted ??= { since: now, askedAt: null };
      if (doubted.askedAt !== null && syncedAt > doubted.askedAt) return believe(cluster);
      if (doubted.askedAt === null && now - doubted.since >= confirmAfterMs) {
        doubted = { since: doubted.since, askedAt: now };
        reread();
      }
      return { cluster: known === null ? null : withoutLosses(known, cluster), doubt };
    },
  };
}

/** A Baton that begins knows only what the data plane serves: that is what a first read may not take away at once. */
function doubtAtStart(cluster: Cluster, observed: Observed): string | null {
  const named = new Set(
    [...(cluster ?? emptyCluster).apps.values()].flatMap((app) =>
      app.tasks.map((task) => serverName(task.id)),
    ),
  );
  let serving = 0;
  let missing = 0;
  for (const { slots } of observed.services.values()) {
    for (const slot of slots) {
      for (const [server, { inRotation }] of slot.endpoints) {
        if (!inRotation) continue;
        serving += 1;
        if (!named.has(server)) missing += 1;
      }
    }
  }
  return missing * 2 > serving ? `it names ${missing} of the ${serving} tasks that are served no more` : null;
}
