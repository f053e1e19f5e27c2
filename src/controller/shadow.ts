/** Compares now and then what Baton would do with what another HAProxy has, and tells of differences that last. */
import type { BackendNames } from '../declared/serving/backend-names.ts';
import type { Millis } from '../model/ids.ts';
import type { Observer } from '../observe/facts.ts';
import {
  keyOf,
  type SeenServer,
  type ShadowDifference,
  shadowDifferences,
} from '../plan/shadow/differences.ts';
import { expectedBackends } from '../plan/shadow/expected.ts';
import { createAlarm } from './alarm.ts';
import type { Clock } from './clock.ts';
import type { ControllerState } from './state.ts';

export interface ShadowDependencies {
  /** The other HAProxy, for people. */
  readonly of: string;
  readonly intervalMs: number;
  /** All its servers. @throws Error when it cannot be read */
  readonly read: (signal: AbortSignal) => Promise<readonly SeenServer[]>;
  readonly controller: () => ControllerState;
  readonly names: () => BackendNames;
  readonly clock: Clock;
  readonly publish: Observer;
}

/** What has stood in two comparisons at least. */
export interface StandingDifference extends ShadowDifference {
  /** When it was first seen. */
  readonly since: Millis;
}

export interface ShadowState {
  readonly of: string;
  /** When both could last be compared; null before the first time. */
  readonly comparedAt: Millis | null;
  /** Why the differences are not of now; null when they are. */
  readonly trouble: string | null;
  readonly differences: readonly StandingDifference[];
}

export interface Shadow {
  state(): ShadowState;
  /** Compares until the signal aborts; resolves then. What cannot be read is asked again with growing pauses. */
  run(signal: AbortSignal): Promise<void>;
}

/** The longest pause, unless comparisons are rarer anyway. */
const mostBackoffMs = 60_000;
/** Until Baton itself is in step. */
const waitMs = 100;

export function createShadow(dependencies: ShadowDependencies): Shadow {
  const { of, intervalMs, controller, clock, publish } = dependencies;
  const alarm = createAlarm();
  /** Of the last comparison, also what was seen for the first time in it. */
  let sighted: ReadonlyMap<string, StandingDifference> = new Map();
  let standing: ReadonlyMap<string, StandingDifference> = new Map();
  let comparisons = 0;
  let failures = 0;
  let comparedAt: Millis | null = null;
  let trouble: string | null = 'nothing was compared yet';

  async function compare(signal: AbortSignal): Promise<void> {
    const seen = await dependencies.read(signal);
    const expected = expectedBackends(controller().services, dependencies.names());
    const now = clock();
    const next = new Map<string, StandingDifference>();
    for (const difference of shadowDifferences(expected, seen)) {
      const key = keyOf(difference);
      next.set(key, { ...difference, since: sighted.get(key)?.since ?? now });
    }
    // marathon-lb is slower than Baton: what is gone by the next time was only late.
    const lasting = new Map([...next].filter(([key]) => sighted.has(key)));
    const raised = [...lasting].filter(([key]) => !standing.has(key)).map(([, each]) => each);
    const cleared = [...standing].filter(([key]) => !lasting.has(key)).map(([, each]) => each);
    [sighted, standing, comparedAt] = [next, lasting, now];
    comparisons += 1;
    for (const difference of raised) publish({ kind: 'shadow-difference', change: 'raised', difference });
    for (const difference of cleared) publish({ kind: 'shadow-difference', change: 'cleared', difference });
    const changed = comparisons === 2 || raised.length + cleared.length > 0;
    publish({ kind: 'shadow-compared', of, changed, differences: [...lasting.values()] });
  }

  return {
    state: () => ({ of, comparedAt, trouble, differences: [...standing.values()] }),
    async run(signal) {
      while (!signal.aborted) {
        let pause = intervalMs;
        const { notReady } = controller();
        if (notReady !== null) {
          trouble = `Baton itself is not in step: ${notReady}`;
          pause = Math.min(waitMs, intervalMs);
        } else {
          try {
            await compare(signal);
            failures = 0;
            trouble = null;
          } catch (error) {
            if (signal.aborted) break;
            failures += 1;
            trouble = error instanceof Error ? error.message : String(error);
            publish({ kind: 'shadow-unreadable', problem: trouble });
            const grown = Math.min(Math.max(intervalMs, mostBackoffMs), intervalMs * 2 ** failures);
            pause = grown * (0.5 + Math.random() / 2);
          }
        }
        await alarm.wait(pause, signal);
      }
    },
  };
}
