/** `baton run --shadow`: a Baton beside another load balancer. It carries nothing, and leaves no trace on disk. */
import { startApi } from '../../api/server.ts';
import type { Config } from '../../config/config.ts';
import type { ShadowConfig } from '../../config/shadow.ts';
import { systemClock } from '../../controller/clock.ts';
import { idle } from '../../controller/idle.ts';
import { createController } from '../../controller/controller.ts';
import { loadMemory } from '../../controller/memory.ts';
import { createShadow } from '../../controller/shadow.ts';
import { factOfMarathon } from '../../controller/translate.ts';
import { drivers } from '../../dataplane/drivers.ts';
import { placeName, readServers } from '../../dataplane/marathon-lb/statistics.ts';
import { backendNames } from '../../declared/serving/backend-names.ts';
import { createMarathonWatch } from '../../marathon/create-watch.ts';
import { fanOut, type Fact, type Observer } from '../../observe/facts.ts';
import { createLogObserver } from '../../observe/log.ts';
import { createMetrics } from '../../observe/metrics.ts';
import { createNoStore } from '../../store/nothing.ts';
import { aborted } from '../aborted.ts';
import { declareOptions } from '../declare-options.ts';
import { keepHeapSmall, shareMessageEvent } from '../heap.ts';
import { loggerFor } from '../logger.ts';
import { watchOptions, withoutCredentials } from '../marathon.ts';
import { version } from '../version.ts';

/** Runs until the signal aborts. Resolves to the exit code. */
export async function serveShadow(
  config: Config,
  { of, intervalMs }: ShadowConfig,
  signal: AbortSignal,
): Promise<number> {
  keepHeapSmall();
  shareMessageEvent();
  const metrics = createMetrics({
    ready: () => notReady() === null,
    now: systemClock,
    pendingReads: () => watch.status().pending,
    realised: () => controller.state().realised,
  });
  const log = createLogObserver(await loggerFor(config));
  const publish = fanOut([metrics.observe, withoutMoves(log)]);
  publish({ kind: 'starting', version, marathon: config.marathon.map(withoutCredentials), stateDir: null });
  const options = declareOptions(config);
  const store = createNoStore();
  const watch = createMarathonWatch({
    ...watchOptions(config),
    wake: () => controller.wake(),
    withdraw: (app, tasks) => controller.withdraw(app, tasks),
    notify: (notice) => publish(factOfMarathon(notice)),
  });
  const controller = createController({
    ...idle,
    watch,
    driver: drivers.memory({}, { notify: () => {} }),
    store,
    clock: systemClock,
    publish,
    declareOptions: options,
    remembered: await loadMemory(store),
  });
  const shadow = createShadow({
    of: placeName(of),
    intervalMs,
    read: (signal) => readServers(of, signal),
    controller: () => controller.state(),
    names: () => backendNames(watch.snapshot().apps, options),
    clock: systemClock,
    publish,
  });
  const notReady = () => (signal.aborted ? 'Baton is stopping' : controller.state().notReady);
  const api = await startApi(config.listen, {
    state: () => controller.state(),
    metrics: metrics.render,
    notReady,
    shadow: () => shadow.state(),
  });
  const inner = new AbortController();
  try {
    publish({ kind: 'listening', address: api.address });
    const running = [watch, controller, shadow].map((part) => part.run(inner.signal));
    await Promise.race([aborted(signal), Promise.all(running)]);
    publish({ kind: 'stopping', because: 'asked to' });
    inner.abort();
    await Promise.all(running);
  } finally {
    inner.abort();
    await api.close();
  }
  publish({ kind: 'stopped' });
  return 0;
}

/** A shadow moves no traffic, so it tells of none that moved. */
function withoutMoves(observe: Observer): Observer {
  const moves: ReadonlySet<Fact['kind']> = new Set(['ready', 'traffic-moved', 'phase-changed']);
  return (fact) => {
    if (!moves.has(fact.kind)) observe(fact);
  };
}
