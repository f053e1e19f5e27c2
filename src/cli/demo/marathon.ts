/** The demo's hand on the simulated Marathon: posts apps, makes tasks ill, and listens for Marathon's word on health. */
import { EventSource } from 'eventsource';
import { type AppId, appId } from '../../model/ids.ts';
import type { AppDefinition } from './apps.ts';

const requestMs = 10_000;

export interface MarathonHand {
  readonly url: string;
  post(app: AppDefinition): Promise<void>;
  scale(app: string, instances: number): Promise<void>;
  /** Whether all tasks of the app fail their probes, the ones to come too. */
  ill(app: string, ill: boolean): Promise<void>;
  instances(app: string): Promise<number>;
  /** How many instances Marathon says are healthy, and since when there are so many: `performance.now()`, ms. */
  healthy(app: string): { readonly count: number; readonly since: number };
  /** Whether the event stream has been opened. */
  listens(): boolean;
  close(): void;
}

export function reachMarathon(url: string): MarathonHand {
  const health = new Map<AppId, { readonly alive: Set<string>; since: number }>();
  const query = ['health_status_changed_event', 'status_update_event'].map((type) => `event_type=${type}`);
  const events = new EventSource(`${url}/v2/events?${query.join('&')}`);
  events.addEventListener('health_status_changed_event', ({ data }) => {
    const said: { appId: string; instanceId: string; alive: boolean } = JSON.parse(data);
    note(said.appId, said.instanceId, said.alive);
  });
  events.addEventListener('status_update_event', ({ data }) => {
    const said: { appId: string; taskId: string; taskStatus: string } = JSON.parse(data);
    // A task's id is its instance's, a container's name and a count.
    if (!alive.has(said.taskStatus)) note(said.appId, said.taskId.replace(/\._[^.]+\.\d+$/, ''), false);
  });

  function note(app: string, instance: string, isAlive: boolean): void {
    const id = appId(app);
    const known = health.get(id) ?? { alive: new Set<string>(), since: 0 };
    const before = known.alive.size;
    if (isAlive) known.alive.add(instance);
    else known.alive.delete(instance);
    if (known.alive.size !== before) known.since = performance.now();
    health.set(id, known);
  }

  return {
    url,
    async post(app) {
      await send(`${url}/v2/apps`, 'POST', app);
    },
    async scale(app, instances) {
      await send(`${url}/v2/apps/${app}`, 'PUT', { instances });
    },
    async ill(app, ill) {
      await send(`${url}/_sim/apps/${app}/behaviour`, 'PUT', { unhealthy: ill });
    },
    async instances(app) {
      const { tasks } = (await (await send(`${url}/v2/apps/${app}/tasks`, 'GET')).json()) as {
        tasks: unknown[];
      };
      return tasks.length;
    },
    healthy(app) {
      const known = health.get(appId(app));
      return { count: known?.alive.size ?? 0, since: known?.since ?? 0 };
    },
    listens: () => events.readyState === events.OPEN,
    close: () => events.close(),
  };
}

const alive: ReadonlySet<string> = new Set(['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING']);

async function send(url: string, method: string, body?: unknown): Promise<Response> {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(requestMs),
  });
  if (!answer.ok)
    throw new Error(`${method} ${url}: ${answer.status} ${(await answer.text()).slice(0, 300)}`);
  return answer;
}
