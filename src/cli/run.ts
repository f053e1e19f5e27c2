/** `baton run`: one Baton, wired together, started in order and stopped in reverse. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startApi } from '../api/server.ts';
import { type Config, readConfig } from '../config/config.ts';
import { optionsHelp } from '../config/help.ts';
import { systemClock } from '../controller/clock.ts';
import { createAsking } from '../controller/asking.ts';
import { type Controller, createController } from '../controller/controller.ts';
import { createDeployments, type Deployments } from '../controller/deployments.ts';
import { createFulfilment } from '../controller/fulfil.ts';
import { loadMemory } from '../controller/memory.ts';
import { factOfDriver, factOfMarathon } from '../controller/translate.ts';
import type { Driver } from '../dataplane/driver.ts';
import { drivers } from '../dataplane/drivers.ts';
import { createMarathonWatch } from '../marathon/create-watch.ts';
import { createMarathonWriter } from '../marathon/create-writer.ts';
import type { MarathonWatch } from '../marathon/watch.ts';
import { createMeasurer } from '../measure/measurer.ts';
import { fanOut, type Observer } from '../observe/facts.ts';
import { createJournalObserver } from '../observe/journal.ts';
import { createLogObserver } from '../observe/log.ts';
import { createMetrics, type Metrics } from '../observe/metrics.ts';
import { createFileStore } from '../store/file.ts';
import type { Journal } from '../store/journal.ts';
import { openFileJournal } from '../store/journal-file.ts';
import { lockStateDir } from '../store/lock.ts';
import { makeStateDir } from '../store/state-dir.ts';
import { aborted } from './aborted.ts';
import { declareOptions } from './declare-options.ts';
import { keepHeapSmall, shareMessageEvent } from './heap.ts';
import { loggerFor } from './logger.ts';
import { watchOptions, withoutCredentials, writerOptions } from './marathon.ts';
import { dryRun } from './planning/dry-run.ts';
import { surroundings } from './run-flags.ts';
import { shadowOnce } from './shadow/once.ts';
import { serveShadow } from './shadow/serve.ts';
import { version } from './version.ts';

const usage = `usage: baton run --marathon URL [flags]

Follows Marathon and steers HAProxy toward what the apps' labels declare.
Every flag can be an environment variable instead, named in brackets; a flag
wins over its variable. Variables that may repeat are separated by commas.

${optionsHelp()}

examples
  baton run --marathon http://marathon.mesos:8080
  baton run --marathon http://127.0.0.1:8080 --map-port 80=18080 --dry-run
  baton run --marathon http://marathon.mesos:8080 --group external --shadow
`;

/** The time, in ms, that a stop may take beyond the graces that were asked for. */
const stopDeadlineMs = 10_000;

/** Runs until the signal aborts. Resolves to the exit code. */
export async function run(argv: readonly string[], signal: AbortSignal): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(usage);
    return 0;
  }
  const config = readConfig(argv, surroundings());
  const { shadow } = config;
  if (shadow !== null)
    return shadow.once ? shadowOnce(config, shadow, signal) : serveShadow(config, shadow, signal);
  return config.dryRun ? dryRun(config, signal) : serve(config, signal);
}

async function serve(config: Config, signal: AbortSignal): Promise<number> {
  keepHeapSmall();
  shareMessageEvent();
  await makeStateDir(config.stateDir);
  const lock = await lockStateDir(config.stateDir);
  try {
    let address: string | null = null;
    const parts = await wire(config, () => address);
    const api = await startApi(config.listen, {
      state: () => parts.controller.state(),
      metrics: parts.metrics.render,
      notReady: parts.notReady,
      order: (order) => parts.controller.order(order),
      history: (service) => parts.journal.read(service),
      configuration: () => parts.driver.configuration(),
      vamp: {
        keeper: parts.controller,
        deployments: parts.deployments,
        allowTemplates: config.allowTemplates,
      },
    });
    address = api.address;
    try {
      parts.publish({ kind: 'listening', address: api.address });
      await work(config, parts, signal);
    } finally {
      await api.close();
      await parts.journal.close();
    }
    parts.publish({ kind: 'stopped' });
    return 0;
  } finally {
    await lock.release();
  }
}

interface Parts {
  readonly controller: Controller;
  readonly deployments: Deployments;
  readonly watch: MarathonWatch;
  readonly driver: Driver;
  readonly metrics: Metrics;
  readonly journal: Journal;
  readonly publish: Observer;
  readonly notReady: () => string | null;
  /** Lets go of what Marathon and others were asked for. */
  readonly close: () => Promise<void>;
  /** From now on /readyz fails. */
  readonly beginStop: () => void;
}

/** @param apiAddress where the API is bound, once it is */
async function wire(config: Config, apiAddress: () => string | null): Promise<Parts> {
  const logger = await loggerFor(config);
  let stopping = false;
  const notReady = () => (stopping ? 'Baton is stopping' : controller.state().notReady);
  const metrics = createMetrics({
    ready: () => notReady() === null,
    now: systemClock,
    pendingReads: () => watch.status().pending,
    realised: () => controller.state().realised,
  });
  const tell = fanOut([metrics.observe, createLogObserver(logger)]);
  const marathon = config.marathon.map(withoutCredentials);
  tell({ kind: 'starting', version, marathon, stateDir: config.stateDir });
  const journal = await openFileJournal({
    path: join(config.stateDir, 'journal.jsonl'),
    onDamaged: (lines, problem) => tell({ kind: 'journal-damaged', lines, problem }),
    onTrouble: (problem) => tell({ kind: 'journal-not-saved', problem }),
  });
  const publish = fanOut([tell, createJournalObserver(journal, systemClock)]);
  const store = createFileStore({
    path: join(config.stateDir, 'memory.json'),
    onDamaged: (keptAt, problem) => publish({ kind: 'memory-damaged', keptAt, problem }),
  });
  const driver = drivers.haproxy(
    {
      stateDir: config.stateDir,
      bind: config.bind,
      mode: config.haproxy,
      certificates: config.sslCerts,
      proxyProtocol: config.proxyProtocol,
      forwardedHeaders: config.forwardedHeaders,
      redispatch: config.redispatch,
      statistics: config.statsBind,
      appIds: config.appIdBind,
      api: apiAddress,
      log: config.haproxyLog,
      timeouts: config.haproxyTimeouts,
      listenerConnections: config.listenerMaxconn,
      spareSlots: config.spareSlots,
      binary: config.haproxyBinary,
      stopTimeoutMs: config.stopTimeoutMs,
      hardStopAfterMs: config.hardStopAfterMs,
    },
    {
      notify: (notice) => {
        publish(factOfDriver(notice));
        controller.wake('whole');
      },
    },
  );
  const watch = createMarathonWatch({
    ...watchOptions(config),
    wake: () => controller.wake(),
    withdraw: (app, tasks) => controller.withdraw(app, tasks),
    notify: (notice) => publish(factOfMarathon(notice)),
  });
  const writer = createMarathonWriter({
    ...writerOptions(config),
    notify: (notice) => publish(factOfMarathon(notice)),
  });
  const measurer = createMeasurer({ prometheus: config.prometheus });
  const wake = () => controller.wake();
  const fulfilment = createFulfilment({ writer, clock: systemClock, publish, wake });
  const asking = createAsking((ask, signal) => measurer.measure(ask, signal), wake);
  const controller = createController({
    watch,
    fulfilment,
    asking,
    driver,
    store,
    clock: systemClock,
    publish,
    declareOptions: declareOptions(config),
    remembered: await loadMemory(store),
  });
  const deployments = createDeployments({
    writer,
    cluster: () => watch.snapshot(),
    controller,
    publish,
  });
  return {
    controller,
    deployments,
    watch,
    driver,
    metrics,
    journal,
    publish,
    notReady,
    close: async () => {
      await Promise.all([fulfilment.close(), asking.close(), deployments.close()]);
      await Promise.all([writer.close(), measurer.close()]);
    },
    beginStop: () => {
      stopping = true;
    },
  };
}

/** From the data plane's start to its letting go. Traffic flows as it last was while Marathon is still being asked. */
async function work(config: Config, parts: Parts, signal: AbortSignal): Promise<void> {
  const { controller, watch, driver, publish } = parts;
  const inner = new AbortController();
  try {
    const steering = driver.start(signal).then(() => controller.run(inner.signal));
    const running = Promise.all([watch.run(inner.signal), steering]);
    await Promise.race([aborted(signal), running]);
    parts.beginStop();
    publish({ kind: 'stopping', because: 'asked to' });
    if (config.haproxy === 'bound') await pause(config.stopGraceMs);
    inner.abort();
    await running;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    inner.abort();
    await parts.close();
    await driver.stop(AbortSignal.timeout(config.stopTimeoutMs + stopDeadlineMs));
  }
}
