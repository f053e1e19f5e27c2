/** What is measured of one controller over one cluster, one thing after the other. */
import { setTimeout as pause } from 'node:timers/promises';
import { nameOf, newerVersion, tasksPerApp } from './apps.ts';
import type { Controller } from './controllers.ts';
import { serversOf, shareOf, when } from './haproxy.ts';
import type { Marathon, SeenEvent } from './marathon.ts';
import { measureSustained, type Sustained } from './sustained.ts';
import { cpuOf, memoryOf, type Spread, spreadOf } from './numbers.ts';

export interface Measured {
  readonly controller: string;
  readonly apps: number;
  readonly tasks: number;
  /** From the start of the process until all endpoints are servers in HAProxy, and until all take requests; ms. */
  readonly firstSync: { readonly present: number; readonly serving: number };
  /** From an event's bytes to HAProxy's state; ms. */
  readonly endpointLost: Spread;
  /** From the event that the task runs until it is a server in HAProxy. */
  readonly endpointAdded: Spread;
  /** From the same event until it takes requests: Marathon's and HAProxy's checks have passed. */
  readonly endpointServing: Spread;
  /** From the event that the last task of a pool died until its service's shares are another pool's; null where there is no such thing. */
  readonly poolMoved: Spread | null;
  /** From the new stream to the end of the whole read; ms. Null where nobody says. */
  readonly resync: Spread | null;
  /** From the decision to take a share back until it has been read back, without the planner; null where nobody reads back. */
  readonly abortConfirmed: Spread | null;
  /** A thousand events a second; null for whom a hundredth of that is too much. */
  readonly sustained: Sustained | null;
  readonly residentMb: number;
  readonly peakMb: number;
  /** Of the controller, without HAProxy. */
  readonly cpuPer1000Events: number;
  /** Of the controller while nothing happens, in percent of a core. */
  readonly cpuAtRest: number;
  readonly events: number;
}

export interface Effort {
  readonly apps: number;
  readonly repetitions: number;
  /** How many apps lose all their tasks at once for the measurement of CPU time. */
  readonly burst: number;
  readonly restMs: number;
  readonly sustainedSeconds: number;
}

const movingService = 0;

export async function measure(
  controller: Controller,
  marathon: Marathon,
  effort: Effort,
  say: (line: string) => void,
): Promise<Measured> {
  const isBaton = controller.name === 'Baton';
  const tasks = (effort.apps + 1) * tasksPerApp;
  const all = () => serversOf(controller.socket, null);
  const present = await when('all endpoints in HAProxy', all, (seen) => seen.present.size >= tasks, 50);
  const serving = await when('all endpoints to serve', all, (seen) => seen.serving.size >= tasks, 50);
  say(`first sync ${Math.round(present - controller.startedAt)} ms`);
  await pause(effort.restMs);

  const restCpu = cpuOf(controller.pid);
  const restAt = performance.now();
  await pause(effort.restMs);
  const cpuAtRest = ((cpuOf(controller.pid) - restCpu) * 100_000) / (performance.now() - restAt);

  const endpoints = await measureEndpoints(controller, marathon, effort);
  say(`endpoint lost p50 ${endpoints.lost.p50} ms`);
  const poolMoved = isBaton ? await measureMoves(controller, marathon, effort) : null;
  const resync = isBaton ? await measureResync(controller, marathon) : null;
  const cost = await measureCost(controller, marathon, effort);
  const memory = memoryOf(controller.pid);
  const sustained = isBaton ? await measureSustained(controller, marathon, effort.sustainedSeconds) : null;
  return {
    controller: controller.name,
    apps: effort.apps,
    tasks,
    firstSync: {
      present: Math.round(present - controller.startedAt),
      serving: Math.round(serving - controller.startedAt),
    },
    endpointLost: endpoints.lost,
    endpointAdded: endpoints.added,
    endpointServing: endpoints.serving,
    poolMoved,
    resync,
    abortConfirmed: null,
    ...memory,
    sustained,
    ...cost,
    cpuAtRest: rounded(cpuAtRest),
  };
}

/** One task dies and comes back; another app's each time. */
async function measureEndpoints(
  controller: Controller,
  marathon: Marathon,
  { apps, repetitions }: Effort,
): Promise<{ readonly lost: Spread; readonly added: Spread; readonly serving: Spread }> {
  const [lost, added, serving]: [number[], number[], number[]] = [[], [], []];
  for (let n = 0; n < repetitions; n += 1) {
    // Any but the first, whose tasks carry nothing; with one app there is no other.
    const app = apps === 1 ? 0 : 1 + ((n * 7) % (apps - 1));
    const backend = controller.backend(nameInHaproxy(controller, app), 'a');
    const { tasks } = await marathon.call<{ tasks: { id: string }[] }>(
      'GET',
      `/v2/apps/bench/${nameOf(app)}/tasks`,
    );
    const task = tasks[n % tasks.length]?.id ?? '';
    const from = marathon.events.length;
    const ask = () => serversOf(controller.socket, backend);
    const { present } = await ask();
    await marathon.call('POST', `/_sim/tasks/${encodeURIComponent(task)}/crash`, {});
    const gone = await when('the endpoint to go', ask, (seen) => seen.serving.size === tasksPerApp - 1);
    lost.push(gone - (await marathon.event(from, isStatus('TASK_FAILED'))).at);
    const back = await when('the endpoint to come', ask, (seen) =>
      [...seen.present].some((name) => !present.has(name)),
    );
    const served = await when('the endpoint to serve', ask, (seen) => seen.serving.size === tasksPerApp, 1);
    const running = await marathon.event(from, isStatus('TASK_RUNNING'));
    added.push(back - running.at);
    serving.push(served - running.at);
  }
  return { lost: spreadOf(lost), added: spreadOf(added), serving: spreadOf(serving) };
}

/** All tasks of the version that carries a service die at once; the older version takes over, and gives back. */
async function measureMoves(
  controller: Controller,
  marathon: Marathon,
  { repetitions }: Effort,
): Promise<Spread> {
  const service = nameInHaproxy(controller, movingService);
  const ask = () => shareOf(controller.socket, service);
  const own = await ask();
  const times: number[] = [];
  for (let n = 0; n < Math.ceil(repetitions / 4); n += 1) {
    const from = marathon.events.length;
    await marathon.call('POST', `/_sim/apps${newerVersion}/crash`, {});
    const moved = await when('the pool to move', ask, (row) => row !== own);
    const failures = marathon.events.slice(from).filter(isStatus('TASK_FAILED'));
    times.push(moved - Math.max(...failures.map(({ at }) => at)));
    await when('the pool to come back', ask, (row) => row === own, 5);
    await pause(200);
  }
  return spreadOf(times);
}

async function measureResync(controller: Controller, marathon: Marathon): Promise<Spread> {
  const times: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    const from = controller.log.length;
    await marathon.closeStreams();
    const line = (message: string) => () =>
      Promise.resolve(controller.log.slice(from).find((each) => each.message === message) ?? null);
    await when('the whole read', line('read the apps from Marathon'), (found) => found !== null, 1);
    const opened = await line('connected to Marathon')();
    const synced = await line('read the apps from Marathon')();
    times.push((synced?.at ?? 0) - (opened?.at ?? 0));
  }
  return spreadOf(times);
}

/** Whole apps die and come back; what that costs from the first event until all serve again. */
async function measureCost(
  controller: Controller,
  marathon: Marathon,
  { apps, burst }: Effort,
): Promise<{ readonly cpuPer1000Events: number; readonly events: number }> {
  const tasks = (apps + 1) * tasksPerApp;
  const from = marathon.events.length;
  const cpu = cpuOf(controller.pid);
  const dying = Array.from({ length: Math.min(burst, apps) }, (_, index) => nameOf(apps - 1 - index));
  for (const name of dying) await marathon.call('POST', `/_sim/apps/bench/${name}/crash`, {});
  const failed = dying.length * tasksPerApp;
  await when(
    'all to have come back',
    () => Promise.resolve(marathon.events.slice(from).filter(isStatus('TASK_RUNNING')).length),
    (count) => count >= failed,
    20,
  );
  await when(
    'all to serve',
    () => serversOf(controller.socket, null),
    ({ serving }) => serving.size >= tasks,
    100,
  );
  const events = marathon.events.length - from;
  return { cpuPer1000Events: rounded(((cpuOf(controller.pid) - cpu) * 1000) / events), events };
}

function isStatus(status: string): (event: SeenEvent) => boolean {
  return ({ type, data }) => type === 'status_update_event' && data['taskStatus'] === status;
}

function nameInHaproxy(controller: Controller, index: number): string {
  return controller.name === 'Baton' ? `bench_${nameOf(index)}` : nameOf(index);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
