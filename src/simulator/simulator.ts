/** A Marathon that runs in this process: puts the state machine, the tasks, the probes and the HTTP side together. */
import { randomUUID } from 'node:crypto';
import { type Control, type ControlState, createControl } from './control.ts';
import { advance } from './deployments.ts';
import { dialectOf, type MarathonVersion } from './dialect.ts';
import { createEventHub } from './event-hub.ts';
import { createFaultLayer } from './faults-layer.ts';
import type { Faults } from './faults.ts';
import { createGate, type SimulatorAuth } from './gate.ts';
import { createProber } from './health-prober.ts';
import { handle } from './http-server.ts';
import { takeProbe } from './instance-health.ts';
import type { ProbeResult } from './instance-health.ts';
import { changeLeader } from './leader.ts';
import { taskEnded, taskListening } from './instances.ts';
import { startNodes } from './nodes.ts';
import { createReadiness } from './readiness.ts';
import { createTally } from './tally.ts';
import { createTaskAddresses } from './task-addresses.ts';
import type { TaskHost, TaskListener } from './task-host.ts';
import { createTaskRunner } from './task-runner.ts';
import { createTimers } from './timers.ts';
import type { Instance, World } from './world.ts';

export interface SimulatorOptions {
  /** Which version's API, events and ids; 1.10. */
  readonly marathonVersion?: MarathonVersion;
  /** Where the API listens; 127.0.0.1. */
  readonly host?: string;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** What Marathon, or the Admin Router before it, asks of who reads /v2; nothing. */
  readonly auth?: SimulatorAuth;
  /** How many nodes serve this Marathon, each on a port of its own after the first one's; 1. */
  readonly nodes?: number;
  /**
   * Divides all intervals and graces of health checks, their timeouts down to one second, and the times of
   * `unreachableStrategy`; 1.
   */
  readonly healthSpeed?: number;
  /** `real`: HTTP servers, the default. `addresses`: nothing listens. */
  readonly tasks?: 'real' | 'addresses';
  /** The agent's address, on which tasks listen; 127.0.0.1. */
  readonly taskHost?: string;
  /** From TASK_STARTING to TASK_RUNNING, in ms; 100. */
  readonly startDelayMs?: number;
  /** Between two heartbeats of the event stream, in ms; 10,000. */
  readonly heartbeatMs?: number;
  /** What a task gets to end by itself when its app does not say, in ms; 3,000. */
  readonly killGraceMs?: number;
  /** How long after its deployment began a new definition can be read, in ms; 0. */
  readonly visibilityDelayMs?: number;
  /** What chances of faults are drawn from that name no seed of their own; 1. */
  readonly seed?: number;
  readonly log?: (fields: Readonly<Record<string, unknown>>, message: string) => void;
}

export interface Simulator extends Control {
  /** The first node's. */
  readonly url: string;
  readonly urls: readonly string[];
  /** Bad days, by order. */
  readonly faults: Faults;
  /** How many clients follow the event stream. */
  subscribers(): number;
  /** Ends every open event stream; nothing else changes. */
  closeStreams(): void;
  /** As if another node had taken over: streams end, health is unknown until probed, deployments begin anew. */
  changeLeader(): void;
  /** The process id of the process that runs the tasks; null while there is none. */
  taskProcess(): number | null;
  close(): Promise<void>;
}

/** @throws Error when it cannot listen */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const log = options.log ?? (() => {});
  const onError = (error: unknown): void => log({ err: error }, 'the simulator failed inside');
  const timers = createTimers(onError);
  const stop = new AbortController();
  const dialect = dialectOf(options.marathonVersion ?? '1.10');
  const tally = createTally(() => performance.now(), dialect.metrics.resetMs);
  const hub = createEventHub({
    heartbeatMs: options.heartbeatMs ?? 10_000,
    timers,
    now: () => faults.now(),
    slowConsumer: dialect.slowConsumer,
  });
  const faults = createFaultLayer({
    seed: options.seed ?? 1,
    timers,
    publish: (event) => hub.publish(event),
    writesEmptyLists: dialect.writesEmptyLists,
    changeLeader: takeOver,
    failLeader: () => nodes.fail(),
    revokeTokens: () => gate.revoke(),
    clockJumped(ms) {
      for (const app of world.apps.values()) app.delayUntil += ms;
    },
  });
  const gate = createGate(options.auth, () => faults.now());
  const taskHost = options.taskHost ?? '127.0.0.1';
  const real = options.tasks !== 'addresses';

  const listener: TaskListener = {
    listening: (task, address, ports) => taskListening(world, task, address, ports),
    ended: (task, how, message) => taskEnded(world, task, how, message),
  };
  const runner = real ? createTaskRunner(listener) : null;
  const tasks: TaskHost = runner ?? createTaskAddresses(taskHost, listener, timers);
  const control = createControl(() => world);

  function takeOver(health: 'forget' | 'keep'): void {
    nodes.elect();
    tally.reset();
    changeLeader(world, hub, health);
  }

  let looking: NodeJS.Immediate | null = null;
  const world: World = {
    settings: {
      taskHost,
      startDelayMs: options.startDelayMs ?? 100,
      killGraceMs: options.killGraceMs ?? 3_000,
      visibilityDelayMs: options.visibilityDelayMs ?? 0,
      agentId: '5a1f0000-0000-4000-8000-000000000000-S0',
      speed: options.healthSpeed ?? 1,
    },
    dialect,
    apps: new Map(),
    groups: new Map([['/', []]]),
    enforceRole: new Map(),
    rootVersions: new Map(),
    deployments: new Map(),
    byTask: new Map(),
    orphans: new Map(),
    tasks,
    health: createProber({
      speed: options.healthSpeed ?? 1,
      timers,
      signal: stop.signal,
      real,
      answer: (instance) => simulatedAnswer(control, instance),
      report: (instance, index, result, graceMs) => takeProbe(world, instance, index, result, graceMs),
    }),
    readiness: createReadiness({
      speed: options.healthSpeed ?? 1,
      timers,
      signal: stop.signal,
      real,
      answer: (instance) => (control.behaviour(instance).unready ? 503 : 200),
      changed: () => world.wake(),
    }),
    timers,
    now: () => faults.now(),
    uuid: randomUUID,
    emit(event) {
      log({ event }, 'event');
      tally.event(event);
      faults.event(event);
    },
    count: (what) => tally.count(what),
    wake() {
      looking ??= setImmediate(() => {
        looking = null;
        if (!stop.signal.aborted) advance(world);
      });
    },
    lastVersion: 0,
  };

  const side = {
    world,
    hub,
    tally,
    control,
    faults,
    gate,
    onError,
    leader: () => nodes.leader(),
    changeLeader: () => takeOver('forget'),
  };
  const nodes = await startNodes({
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    count: options.nodes ?? 1,
    redirectsStreams: dialect.redirectsStreams,
    handle: (request, response, node) => void handle(side, request, response, node),
    onError,
  });
  const url = nodes.urls[0] ?? '';
  log({ url }, 'the simulator listens');

  return {
    url,
    urls: nodes.urls,
    faults: faults.control,
    subscribers: () => hub.subscribers(),
    closeStreams: () => hub.closeStreams(),
    changeLeader: () => takeOver('forget'),
    taskProcess: () => runner?.pid() ?? null,
    behaveApp: (app, change) => control.behaveApp(app, change),
    behaveTask: (task, change) => control.behaveTask(task, change),
    crashTask: (task, how) => control.crashTask(task, how),
    crashApp: (app, how) => control.crashApp(app, how),
    notice: (task) => control.notice(task),
    frameworkMessage: (task, text) => control.frameworkMessage(task, text),
    unreachable: (where) => control.unreachable(where),
    reachable: (where) => control.reachable(where),
    tasks: () => control.tasks(),
    async close() {
      stop.abort();
      timers.close();
      if (looking !== null) clearImmediate(looking);
      hub.closeStreams();
      await Promise.all([nodes.close(), tasks.close()]);
    },
  };
}

/** For tasks that no probe can reach. */
function simulatedAnswer(control: ControlState, instance: Instance): ProbeResult {
  if (control.isCrashed(instance)) return { alive: false, cause: 'Connection refused' };
  if (control.behaviour(instance).unhealthy) return { alive: false, cause: '503 Service Unavailable' };
  return { alive: true };
}
