/** The picture of Marathon that a turn acts on: judged, and where it is doubted held against what the data plane serves now. */
import type { Scope } from '../dataplane/driver.ts';
import type { MarathonWatch } from '../marathon/watch.ts';
import type { Cluster } from '../model/app.ts';
import type { Millis } from '../model/ids.ts';
import type { Observer } from '../observe/facts.ts';
import type { Observed } from '../plan/observed.ts';
import type { ServiceVerdict } from '../plan/verdict.ts';
import type { Clock } from './clock.ts';
import type { Doubted } from './staleness.ts';
import { createTrust } from './trust.ts';

/** The data plane, as far as it has been looked at. */
export interface Sight {
  /** What this turn has looked at already. */
  readonly looked: Scope;
  readonly look: (scope: Scope) => Promise<void>;
  /** As of the last look at each service. */
  readonly observed: () => Observed;
}

export interface Taken {
  /** Null: nothing may be acted on yet. */
  readonly cluster: Cluster | null;
  /** What this turn has looked at by now. */
  readonly looked: Scope;
}

export interface Picture {
  /**
   * Looks at what is doubted before it is judged. A fact is published when a doubt begins and when the last one is gone.
   * @param syncedAt when Marathon's whole list was last read
   * @param services the verdicts in force
   */
  take(syncedAt: Millis, services: readonly ServiceVerdict[], sight: Sight): Promise<Taken>;
  doubted(): Doubted | null;
}

/** @param isTaken called at the very moment when Marathon's state is taken as it is known then */
export function createPicture(
  watch: Pick<MarathonWatch, 'snapshot' | 'reread'>,
  clock: Clock,
  publish: Observer,
  isTaken: () => void,
): Picture {
  const trust = createTrust(() => watch.reread());
  let doubted: Doubted | null = null;

  function judge(syncedAt: Millis, services: readonly ServiceVerdict[], observed: Observed): Cluster | null {
    isTaken();
    const reading = { cluster: watch.snapshot(), syncedAt };
    const { cluster, doubt } = trust.judge(clock(), reading, services, observed);
    if (doubt !== null && doubted === null) publish({ kind: 'read-doubted', problem: doubt });
    if (doubt === null && doubted !== null) publish({ kind: 'read-believed' });
    doubted = doubt === null ? null : { since: doubted?.since ?? clock(), problem: doubt };
    return cluster;
  }

  return {
    async take(syncedAt, services, { looked, look, observed }) {
      let seen = looked;
      async function lookAtDoubted(): Promise<void> {
        seen = trust.concerned(watch.snapshot(), services);
        await look(seen);
      }
      const wasDoubted = doubted !== null;
      if (wasDoubted && looked !== 'all') await lookAtDoubted();
      let cluster = judge(syncedAt, services, observed());
      if (doubted !== null && !wasDoubted && looked !== 'all') {
        await lookAtDoubted();
        cluster = judge(syncedAt, services, observed());
      }
      return { cluster, looked: seen };
    },
    doubted: () => doubted,
  };
}
