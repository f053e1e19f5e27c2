/**
 * The loop, and the only place that knows all the ports: snapshot, declare, observe, plan, apply, verify, publish.
 * It decides nothing itself; what is decided is in `plan`, what is done is in the driver.
 */
import type { Driver } from '../dataplane/driver.ts';
import { declare } from '../declared/declare.ts';
import type { DeclareOptions, Diagnostic } from '../declared/types.ts';
import type { MarathonWatch } from '../marathon/watch.ts';
import type { Cluster } from '../model/app.ts';
import { type AppId, type Millis, serverName, type ServiceId, type TaskId } from '../model/ids.ts';
import type { Observer, PoolRequests } from '../observe/facts.ts';
import type { Observed } from '../plan/observed.ts';
import { plan } from '../plan/plan.ts';
import type { ServiceVerdict, Verdict } from '../plan/verdict.ts';
import type { Store } from '../store/store.ts';
import { createAlarm } from './alarm.ts';
import {
  diagnosticChanges,
  movesOf,
  observedWeights,
  serviceChanges,
  wantedWeights,
  type Weights,
} from './changes.ts';
import type { Clock } from './clock.ts';
import { type Remembered, saveMemory } from './memory.ts';
import type { ControllerState, Realised } from './state.ts';
import { createTrust } from './trust.ts';
import { createWithdrawn } from './withdrawn.ts';

export interface ControllerDependencies {
  readonly watch: MarathonWatch;
  readonly driver: Driver;
  readonly store: Store;
  readonly clock: Clock;
  readonly publish: Observer;
  readonly declareOptions: DeclareOptions;
  /** What the store held at the start. */
  readonly remembered: Remembered;
}

export interface Controller {
  /** Something may have changed; plan again soon. */
  wake(): void;
  /** Takes the endpoints of these tasks out of rotation at once, before any turn. */
  withdraw(tasks: readonly TaskId[]): void;
  state(): ControllerState;
  /** Turns until the signal aborts; resolves then. A turn that fails is tried again with backoff. */
  run(signal: AbortSignal): Promise<void>;
}

/** How often the data plane is asked although nothing woke the loop: it marks dead servers down by itself. */
const restMs = 1000;
/** The same while a check or a drain is awaited; at least as long as a turn takes, so that half of a core stays free. */
const watchMs = 50;
const backoffMs = { first: 100, most: 5000 };
const withdrawTimeoutMs = 2000;
/** Without a sign of life from Marathon for so long, Baton is not ready. Traffic goes on. */
const silenceMs = 30_000;

export function createController(dependencies: ControllerDependencies): Controller {
  const { watch, driver, store, clock, publish, declareOptions } = dependencies;
  const alarm = createAlarm();
  const trust = createTrust(() => watch.reread());
  const withdrawn = createWithdrawn();
  let doubted: string | null = null;
  let failures = 0;
  let remembered = dependencies.remembered;
  let saved = JSON.stringify(remembered);
  let services: readonly ServiceVerdict[] = [];
  let diagnostics: readonly Diagnostic[] = [];
  let realised: ReadonlyMap<ServiceId, Realised> = new Map();
  let baselines: ReadonlyMap<ServiceId, Baseline> = new Map();
  let notReady: string | null = 'Marathon has not been read yet';
  let wasReady = false;
  /** Turns in a row after which the data plane did not run what was applied. */
  let outOfStep = 0;
  /** What is known to be carried: read back, or found at the start. */
  let carried: ReadonlyMap<ServiceId, Weights> | null = null;

  function silence(): string | null {
    const { heardAt, trouble } = watch.status();
    if (heardAt === null || clock() - heardAt <= silenceMs) return null;
    const seconds = Math.round((clock() - heardAt) / 1000);
    return `nothing was heard of Marathon for ${seconds} s${trouble === null ? '' : `: ${trouble}`}`;
  }

  async function turn(signal: AbortSignal): Promise<Verdict | null> {
    const begun = clock();
    if (watch.status().syncedAt === null) {
      notReady = watch.status().trouble ?? 'Marathon has not been read yet';
      return null;
    }
    const observed = await driver.observe(signal);
    const cluster = judge(observed, watch.status().syncedAt ?? begun);
    if (cluster === null) return null;
    const declaration = declare(cluster.apps, remembered.apps, declareOptions);
    const verdict = plan({
      now: clock(),
      services: declaration.services,
      cluster,
      observed,
      memory: remembered.plan,
    });
    remembered = { apps: declaration.remembered, plan: verdict.memory };
    await save();
    carried ??= observedWeights(observed);
    const moves = movesOf(carried, verdict.services);
    const target = withdrawn.heldIn(verdict.services);
    const applied = await driver.apply(target, signal);
    // What an event took out while this was on its way may be in rotation again.
    if (withdrawn.servers().size > 0) await driver.withdraw(withdrawn.servers(), signal);
    const inStep = moves.length === 0 || (await verify(withdrawn.heldIn(target), signal));
    outOfStep = inStep ? 0 : outOfStep + 1;
    if (inStep) {
      for (const move of moves) publish(move);
      carried = new Map(verdict.services.map((service) => [service.service, wantedWeights(service)]));
    }
    report(verdict.services, [...declaration.diagnostics, ...applied.diagnostics]);
    measure(observed, moves);
    notReady = inStep ? null : 'HAProxy does not run what was applied';
    publish({
      kind: 'reconciled',
      durationMs: clock() - begun,
      changes: applied.changes,
      services,
      diagnostics,
      requests: requestsOf(observed),
    });
    if (!wasReady && inStep) publish({ kind: 'ready' });
    wasReady ||= inStep;
    // What was just applied shows in the next observation: endpoints to be checked, sessions that begin to drain.
    return applied.changes > 0 ? { ...verdict, watching: true } : verdict;
  }

  /** The picture that may be acted on, and a fact when that changes. */
  function judge(observed: Observed, syncedAt: Millis): Cluster | null {
    const groups = services.map(({ service, pools }) => ({
      name: service,
      apps: pools.map(({ app }) => app),
    }));
    withdrawn.forget();
    const { cluster, doubt } = trust.judge(
      clock(),
      { cluster: watch.snapshot(), syncedAt },
      groups,
      observed,
    );
    if (doubt !== null && doubted === null) publish({ kind: 'read-doubted', problem: doubt });
    if (doubt === null && doubted !== null) publish({ kind: 'read-believed' });
    doubted = doubt;
    if (cluster === null) notReady = `the first answer of Marathon is not believed yet: ${doubt}`;
    return cluster;
  }

  async function verify(target: readonly ServiceVerdict[], signal: AbortSignal): Promise<boolean> {
    const verified = await driver.verify(target, signal);
    if (verified.outcome === 'no') publish({ kind: 'verify-failed', differences: verified.differences });
    return verified.outcome === 'yes';
  }

  /** Before anything is applied, so that a Baton that is killed now finds slots and sides as they are. */
  async function save(): Promise<void> {
    const text = JSON.stringify(remembered);
    if (text === saved) return;
    try {
      await saveMemory(store, remembered);
      saved = text;
    } catch (error) {
      publish({ kind: 'memory-not-saved', problem: messageOf(error) });
    }
  }

  function report(nextServices: readonly ServiceVerdict[], nextDiagnostics: readonly Diagnostic[]): void {
    for (const fact of serviceChanges(services, nextServices)) publish(fact);
    for (const fact of diagnosticChanges(diagnostics, nextDiagnostics)) publish(fact);
    services = nextServices;
    diagnostics = nextDiagnostics;
  }

  function measure(observed: Observed, moves: readonly { readonly service: ServiceId }[]): void {
    const moved = new Set(moves.map((move) => move.service));
    baselines = nextBaselines(baselines, observed, moved, clock());
    realised = realisedOf(baselines, observed);
  }

  return {
    wake: () => alarm.wake(),
    withdraw(tasks) {
      const servers = new Set(tasks.map(serverName));
      withdrawn.add(servers);
      driver.withdraw(servers, AbortSignal.timeout(withdrawTimeoutMs)).then(
        (count) => publish({ kind: 'endpoints-withdrawn', count }),
        (error: unknown) => {
          // The next turn that goes well tells that it is over.
          failures += 1;
          publish({ kind: 'reconcile-failed', code: codeOf(error), problem: messageOf(error) });
          alarm.wake();
        },
      );
    },
    state: () => ({
      marathon: watch.status(),
      services,
      realised,
      diagnostics,
      notReady: notReady ?? silence(),
    }),
    async run(signal) {
      while (!signal.aborted) {
        let pauseMs = restMs;
        const begun = clock();
        try {
          const verdict = await turn(signal);
          if (failures > 0) publish({ kind: 'reconcile-recovered', failures });
          failures = 0;
          pauseMs =
            outOfStep > 0
              ? Math.min(backoffMs.most, backoffMs.first * 2 ** (outOfStep - 1))
              : pauseAfter(verdict, begun, clock());
        } catch (error) {
          if (signal.aborted) break;
          failures += 1;
          pauseMs =
            Math.min(backoffMs.most, backoffMs.first * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);
          notReady = messageOf(error);
          publish({ kind: 'reconcile-failed', code: codeOf(error), problem: messageOf(error) });
        }
        await alarm.wait(pauseMs, signal);
      }
    },
  };
}

function pauseAfter(verdict: Verdict | null, begun: Millis, now: Millis): number {
  if (verdict === null) return restMs;
  const planned = verdict.wakeAt === null ? restMs : Math.max(0, verdict.wakeAt - now);
  return Math.min(planned, verdict.watching ? Math.max(watchMs, now - begun) : restMs);
}

function requestsOf(observed: Observed): readonly PoolRequests[] {
  return [...observed.services.values()].flatMap(({ service, slots }) =>
    slots.flatMap(({ app, slot, requests }) => (app === null ? [] : [{ service, app, slot, requests }])),
  );
}

interface Baseline {
  readonly since: Millis;
  readonly requests: ReadonlyMap<AppId, number>;
}

/** Counters at the time of each service's last move; a service that is new begins now. */
function nextBaselines(
  baselines: ReadonlyMap<ServiceId, Baseline>,
  observed: Observed,
  moved: ReadonlySet<ServiceId>,
  now: Millis,
): ReadonlyMap<ServiceId, Baseline> {
  return new Map(
    [...observed.services.values()].map(({ service, slots }) => {
      const known = moved.has(service) ? undefined : baselines.get(service);
      return [service, known ?? { since: now, requests: countsOf(slots) }];
    }),
  );
}

function realisedOf(
  baselines: ReadonlyMap<ServiceId, Baseline>,
  observed: Observed,
): ReadonlyMap<ServiceId, Realised> {
  return new Map(
    [...observed.services.values()].map(({ service, slots }) => {
      const baseline = baselines.get(service);
      const counts = [...countsOf(slots)].map(
        ([app, count]) => [app, count - (baseline?.requests.get(app) ?? 0)] as const,
      );
      return [service, { since: baseline?.since ?? (0 as Millis), requests: new Map(counts) }];
    }),
  );
}

function countsOf(
  slots: readonly { readonly app: AppId | null; readonly requests: number }[],
): ReadonlyMap<AppId, number> {
  return new Map(slots.flatMap(({ app, requests }) => (app === null ? [] : [[app, requests] as const])));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unexpected';
}
