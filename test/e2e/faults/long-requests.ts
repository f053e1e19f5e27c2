/** Requests whose bodies do not end before they are told to: in progress on two of an app's tasks until then. */
import http from 'node:http';
import { until } from '../../support/wait.ts';
import type { Stage } from '../stage.ts';

export interface LongRequests {
  /** What has become of them, as far as anything has: the status, or what went wrong. */
  ends(): readonly (number | string)[];
  /** Ends their bodies, so that they are answered. */
  end(): void;
}

/** On each task: more than the load that comes has there at most times, so that the others are idler. */
const each = 2;

/** @param app no other request is sent to it meanwhile */
export async function openLong(stage: Stage, app: string): Promise<LongRequests> {
  const open: http.ClientRequest[] = [];
  const ends: (number | string)[] = [];
  const busy = new Map<string, number>();

  async function counts(): Promise<ReadonlyMap<string, number>> {
    const tasks = await stage.simulator.tasks();
    return new Map(tasks.filter((task) => task.app === app).map(({ id, requests }) => [id, requests]));
  }

  while (![...busy.values()].every((count) => count >= each) || busy.size < 2) {
    const before = await counts();
    const request = http.request({ host: '127.0.0.1', port: stage.port, method: 'POST', agent: false });
    request.flushHeaders();
    const task = await until('a task that has the request', async () => {
      const now = await counts();
      return [...now.keys()].find((id) => (now.get(id) ?? 0) > (before.get(id) ?? 0));
    });
    const count = busy.get(task) ?? 0;
    const isMeant = count < each && (busy.size < 2 || busy.has(task));
    if (!isMeant) {
      request.on('response', (response) => response.resume());
      request.end();
      continue;
    }
    busy.set(task, count + 1);
    open.push(request);
    request.on('response', (response) => {
      ends.push(response.statusCode ?? 0);
      response.resume();
    });
    request.on('error', (error) => ends.push(error.message));
  }
  return {
    ends: () => ends,
    end() {
      for (const request of open) request.end();
    },
  };
}
