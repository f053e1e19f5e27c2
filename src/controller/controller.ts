/**
 * The loop, and the only place that knows all the ports: snapshot, declare, observe, plan, apply, verify, publish. A turn is
 * about the services that something has changed for; now and then it is about all.
 * It decides nothing itself; what is decided is in `plan`, what is done is in the driver.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Driver, Scope } from '../dataplane/driver.ts';
import type { Declaration, DeclareOptions, Diagnostic } from '../declared/types.ts';
import type { Gateway } from '../declared/vamp/gateway.ts';
import type { MarathonWatch } from '../marathon/watch.ts';
import type { Cluster } from '../model/app.ts';
import { type AppId, type Millis, serverName, type ServiceId, type TaskId } from '../model/ids.ts';
import type { Observer } from '../observe/facts.ts';
import type { ObservedService } from '../plan/observed.ts';
import type { Obeyed, Order } from '../plan/command.ts';
import type { PlanInput } from '../plan/plan.ts';
import { settleWishes } from '../plan/settle-wishes.ts';
import type { ServiceVerdict } from '../plan/verdict.ts';
import type { Store } from '../store/store.ts';
import { createAlarm } from './alarm.ts';
import { diagnosticChanges, movesOf, observedWeights, serviceChanges, type Weights } from './changes.ts';
import type { Asking } from './asking.ts';
import type { Clock } from './clock.ts';
import { withExternals, withoutExternals } from './externals.ts';
import type { Fulfilment } from './fulfil.ts';
import { createGateways, type GatewayAnswer, type GatewayChange } from './gateways.ts';
import { createOrders } from './orders.ts';
import { createDeclaring } from './declaring.ts';
import { type Basis, basisOf, changedServices, emptyBasis } from './due.ts';
import type { Remembered } from './memory.ts';
import { backoffAfter, createPace, restMs } from './pace.ts';
import { carry, codeOf, merged, messageOf, requestsOf, without } from './partial.ts';
import { createPicture } from './picture.ts';
import { createPlanning } from './planning.ts';
import { createRecord } from './record.ts';
import { staleness } from './staleness.ts';
import type { ControllerState } from './state.ts';
import { createTally } from './tally.ts';
import { createWithdrawn } from './withdrawn.ts';

export interface ControllerDependencies {
  readonly watch: MarathonWatch;
  readonly driver: Driver;
  readonly store: Store;
  readonly clock: Clock;
  readonly publish: Observer;
  readonly declareOptions: DeclareOptions;
  readonly fulfilment: Pick<Fulfilment, 'want' | 'states'>;
  readonly asking: Pick<Asking, 'ask' | 'answers'>;
  /** What the store held at the start. */
  readonly remembered: Remembered;
}

export interface Controller {
  /** Something may have changed; plan again soon. `whole`: it may be anything, on the data plane too. */
  wake(extent?: 'whole'): void;
  /** Takes the endpoints of these tasks out of rotation at once, before any turn. */
  withdraw(app: AppId, tasks: readonly TaskId[]): void;
  state(): ControllerState;
  /** Carries out what a person orders, as far as that is possible now; it is saved when this resolves. */
  order(order: Order): Promise<Obeyed>;
  gateways(): readonly Gateway[];
  /** Keeps or removes gateways, or says why not; it is saved when this resolves. */
  changeGateways(change: GatewayChange): Promise<GatewayAnswer>;
  /** Turns until the signal aborts; resolves then. A turn that fails is tried again with backoff. */
  run(signal: AbortSignal): Promise<void>;
}

export function createController(dependencies: ControllerDependencies): Controller {
  const { watch, driver, store, clock, publish, fulfilment, asking } = dependencies;
  const alarm = createAlarm();
  const withdrawn = createWithdrawn(driver, publish, (error) => {
    failed(error);
    alarm.wake();
  });
  const picture = createPicture(watch, clock, publish, () => withdrawn.forget());
  const planning = createPlanning();
  const declaring = createDeclaring(dependencies.declareOptions);
  const tally = createTally();
  const pace = createPace();
  const record = createRecord(store, dependencies.remembered, publish);
  const orders = createOrders(
    record,
    () => alarm.wake(),
    (order, obeyed) => publish({ kind: 'ordered', order, obeyed }),
  );
  const gateways = createGateways(record, clock, () => alarm.wake(), publish);
  const begunAt = clock();
  let failures = 0;
  let basis = emptyBasis;
  /** What was last acted on. */
  let declared: Declaration | null = null;
  /** The verdicts in force, sorted by service. */
  let services: readonly ServiceVerdict[] = [];
  let diagnostics: readonly Diagnostic[] = [];
  /** As of the last look at each service. */
  const observed = new Map<ServiceId, ObservedService>();
  let notReady: string | null = 'Marathon has not been read yet';
  let wasReady = false;
  /** Turns in a row after which the data plane did not run what was applied. */
  let outOfStep = 0;
  /** What is known to be carried: read back, or found at the start. */
  let carried: Map<ServiceId, Weights> | null = null;
  let isRunning = false;
  /** Services whose checks or sessions are awaited, or that were just changed. */
  let awaited: ReadonlySet<ServiceId> = new Set();

  /** False when nothing can be acted on yet. */
  async function turn(signal: AbortSignal): Promise<boolean> {
    const begun = clock();
    const { syncedAt } = watch.status();
    if (syncedAt === null) {
      notReady = watch.status().trouble ?? 'Marathon has not been read yet';
      return false;
    }
    const isWhole = pace.isWhole(begun) || failures > 0 || outOfStep > 0;
    if (isWhole) await look('all', signal);
    // Not the whole turn: a reload takes long with few services, too.
    const lookMs = clock() - begun;
    const { cluster: judged, looked } = await picture.take(syncedAt, services, {
      looked: isWhole ? 'all' : new Set(),
      look: (scope) => look(scope, signal),
      observed: () => withoutExternals(observed),
    });
    if (judged === null) {
      notReady = `the first answer of Marathon is not believed yet: ${picture.doubted()?.problem}`;
      return false;
    }
    const declaration = declaring(judged.apps, record.apps(), record.gateways());
    await gateways.regroup(declaration.gateways);
    const cluster = withExternals(judged, declaration.externals);
    const next = basisOf(cluster.apps, declaration.services, basis);
    const scope = looked === 'all' ? looked : new Set([...looked, ...dueAt(begun, next)]);
    if (scope !== 'all') await look(without(scope, looked), signal);
    // What apps without a service say is to be remembered and told of as soon.
    if (scope === 'all' || scope.size > 0 || declaration !== declared)
      await act(declaration, cluster, scope, signal);
    basis = next;
    declared = declaration;
    if (isWhole) pace.wholeDone(clock(), lookMs);
    return true;
  }

  async function look(scope: Scope, signal: AbortSignal): Promise<void> {
    if (scope !== 'all' && scope.size === 0) return;
    const { services: seen } = await driver.observe(signal, scope);
    for (const id of scope === 'all' ? [...observed.keys()] : scope) if (!seen.has(id)) observed.delete(id);
    for (const [id, service] of seen) observed.set(id, service);
  }

  /** Plans the services in scope and has them carried out. */
  async function act(
    declaration: Declaration,
    cluster: Cluster,
    scope: Scope,
    signal: AbortSignal,
  ): Promise<void> {
    const begun = clock();
    /** All is much: in between, events that take endpoints out have their turn. */
    const rest = async (): Promise<void> => {
      if (scope === 'all') await breathe();
    };
    const inScope = (id: ServiceId): boolean => scope === 'all' || scope.has(id);
    const verdict = await planning.plan(
      declaration.services.filter(({ id }) => inScope(id)),
      { now: begun, cluster, observed: { services: observed }, memory: record.planned(scope), ...news() },
    );
    await rest();
    await record.save(declaration.remembered, verdict.memory, scope);
    carried ??= new Map(observedWeights({ services: observed }));
    const moves = movesOf(carried, verdict.services);
    await rest();
    const target = withdrawn.heldIn(verdict.services);
    const applied = await driver.apply(target, signal, scope);
    await withdrawn.again(signal);
    const inStep = moves.length === 0 || (await verify(withdrawn.heldIn(target), scope, signal));
    outOfStep = inStep ? 0 : outOfStep + 1;
    if (inStep) {
      for (const move of moves) publish(move);
      carry(carried, verdict.services, scope);
    }
    const moved = new Set(moves.map(({ service }) => service));
    for (const { service } of verdict.services)
      tally.note(observed.get(service), moved.has(service), clock());
    report(merged(services, verdict.services, inScope), [...declaration.diagnostics, ...applied.diagnostics]);
    // What was just applied shows in the next observation: endpoints to be checked, sessions that begin to drain.
    awaited = new Set([
      ...applied.changed,
      ...services.filter((service) => service.watching).map((service) => service.service),
    ]);
    notReady = inStep ? null : 'HAProxy does not run what was applied';
    // Nobody is killed for traffic that was not seen to have moved.
    if (inStep) {
      fulfilment.want(settleWishes(services));
      asking.ask(services.flatMap(({ asks }) => asks));
    }
    const { changes } = applied;
    publish({ kind: 'reconciled', durationMs: clock() - begun, changes, services, diagnostics });
    if (scope === 'all') publish({ kind: 'counted', requests: requestsOf(observed.values()) });
    if (!wasReady && inStep) publish({ kind: 'ready' });
    wasReady ||= inStep;
  }

  /** What others have said and done since they were asked. */
  function news(): Pick<PlanInput, 'answers' | 'wishStates'> {
    return { answers: asking.answers(), wishStates: fulfilment.states() };
  }

  function dueAt(now: Millis, next: Basis): ReadonlySet<ServiceId> {
    const due = new Set([...changedServices(basis, next), ...awaited]);
    for (const { service, wakeAt } of services) if (wakeAt !== null && wakeAt <= now) due.add(service);
    return due;
  }

  async function verify(
    target: readonly ServiceVerdict[],
    scope: Scope,
    signal: AbortSignal,
  ): Promise<boolean> {
    const verified = await driver.verify(target, signal, scope);
    if (verified.outcome === 'no') publish({ kind: 'verify-failed', differences: verified.differences });
    return verified.outcome === 'yes';
  }

  function report(nextServices: readonly ServiceVerdict[], nextDiagnostics: readonly Diagnostic[]): void {
    for (const fact of serviceChanges(services, nextServices, begunAt)) {
      publish(fact);
      if (fact.kind !== 'service-vanished') continue;
      tally.forget(fact.service);
      planning.forget(fact.service);
    }
    for (const fact of diagnosticChanges(diagnostics, nextDiagnostics)) publish(fact);
    services = nextServices;
    diagnostics = nextDiagnostics;
  }

  /** The next turn that goes well tells that it is over. */
  function failed(error: unknown): void {
    failures += 1;
    publish({ kind: 'reconcile-failed', code: codeOf(error), problem: messageOf(error) });
  }

  function pauseMs(begun: Millis): number {
    const now = clock();
    if (outOfStep > 0) return backoffAfter(outOfStep);
    const times = services.flatMap(({ wakeAt }) => (wakeAt === null ? [] : [wakeAt]));
    return pace.pauseMs(now, now - begun, awaited.size > 0, times);
  }

  return {
    wake: (extent) => {
      if (extent === 'whole') pace.askWhole();
      alarm.wake();
    },
    withdraw(app, tasks) {
      // Before, there may be no data plane yet; the picture that the first turn takes knows it already.
      if (!isRunning) return;
      const services = basis.poolOf.get(app);
      withdrawn.take(new Set(tasks.map(serverName)), services === undefined ? 'all' : new Set(services));
    },
    state: () => ({
      marathon: watch.status(),
      services,
      realised: tally.realised(observed.values()),
      diagnostics,
      notReady: notReady ?? staleness(clock(), watch.status(), picture.doubted()),
    }),
    order: (order) => orders.give(order),
    gateways: () => gateways.all(),
    changeGateways: (change) => gateways.change(change),
    async run(signal) {
      isRunning = true;
      while (!signal.aborted) {
        let pause = restMs;
        const begun = clock();
        try {
          // A turn computes before it waits for anything: what is on its way out would not even be sent meanwhile.
          await withdrawn.settled();
          await gateways.takeAll(watch.status().syncedAt === null ? null : watch.snapshot().apps);
          const ordered = await orders.takeAll(begun, services);
          if (ordered.size > 0) awaited = new Set([...awaited, ...ordered]);
          const hasActed = await turn(signal);
          if (failures > 0) publish({ kind: 'reconcile-recovered', failures });
          failures = 0;
          pause = hasActed ? pauseMs(begun) : restMs;
        } catch (error) {
          if (signal.aborted) break;
          failed(error);
          pause = backoffAfter(failures) * (0.5 + Math.random() / 2);
          notReady = messageOf(error);
        }
        await alarm.wait(pause, signal);
      }
      orders.close();
      gateways.close();
      await record.flush();
    },
  };
}
