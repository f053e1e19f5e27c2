/** A thousand events a second for some seconds: whether what they say still reaches HAProxy as soon as at the beginning. */
import { setTimeout as pause } from 'node:timers/promises';
import { serverName, taskId } from '../../src/model/ids.ts';
import { nameOf } from './apps.ts';
import type { Controller } from './controllers.ts';
import { serversOf, when } from './haproxy.ts';
import type { Marathon } from './marathon.ts';
import { cpuOf, spreadOf } from './numbers.ts';

export interface Sustained {
  /** What really came. */
  readonly eventsPerSecond: number;
  readonly seconds: number;
  /** Medians, in ms, from the event that a task has died until HAProxy sends it nothing more. */
  readonly firstSecondLag: number;
  readonly lastSecondLag: number;
  /** Of the controller, in percent of a core. */
  readonly cpu: number;
}

/** A task that dies and comes back makes seven events. */
const crashesPerSecond = 143;
/** The app whose tasks are watched: not among those that `Marathon.churn` lets die. */
const watched = 1;
const everyMs = 200;

export async function measureSustained(
  controller: Controller,
  marathon: Marathon,
  seconds: number,
): Promise<Sustained> {
  const from = marathon.events.length;
  const cpu = cpuOf(controller.pid);
  const begun = performance.now();
  const lags: { readonly second: number; readonly lag: number }[] = [];
  marathon.churn(crashesPerSecond, nameOf(watched));
  try {
    while (performance.now() - begun < seconds * 1000) {
      const second = Math.floor((performance.now() - begun) / 1000);
      const lag = await lose(controller, marathon);
      if (lag !== null) lags.push({ second, lag });
      await pause(everyMs);
    }
  } finally {
    marathon.churn(0, '');
  }
  const took = (performance.now() - begun) / 1000;
  const last = lags.at(-1)?.second ?? 0;
  const lagIn = (which: number): number =>
    spreadOf(lags.filter(({ second }) => second === which).map(({ lag }) => lag)).p50;
  return {
    eventsPerSecond: Math.round((marathon.events.length - from) / took),
    seconds: Math.round(took),
    firstSecondLag: lagIn(0),
    lastSecondLag: lagIn(last),
    cpu: Math.round(((cpuOf(controller.pid) - cpu) * 100) / took),
  };
}

/** One task of the watched app dies; resolves to how long HAProxy went on sending it requests, in ms. Null: none serves. */
async function lose(controller: Controller, marathon: Marathon): Promise<number | null> {
  const name = nameOf(watched);
  const { tasks } = await marathon.call<{ tasks: { id: string }[] }>('GET', `/v2/apps/bench/${name}/tasks`);
  const backend = controller.backend(`bench_${name}`, 'a');
  const { serving } = await serversOf(controller.socket, backend);
  const task = tasks.find(({ id }) => serving.has(`${backend}/${serverName(taskId(id))}`));
  // The last ones have died faster than others came up.
  if (task === undefined) return null;
  const server = `${backend}/${serverName(taskId(task.id))}`;
  const from = marathon.events.length;
  await marathon.call('POST', `/_sim/tasks/${encodeURIComponent(task.id)}/crash`, {});
  const gone = await when(
    'the endpoint to go',
    () => serversOf(controller.socket, backend),
    (seen) => !seen.serving.has(server),
  );
  const isIt = ({ type, data }: Marathon['events'][number]): boolean =>
    type === 'status_update_event' && data['taskId'] === task.id && data['taskStatus'] === 'TASK_FAILED';
  return gone - (await marathon.event(from, isIt)).at;
}
