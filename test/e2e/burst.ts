/** A burst of events of every kind, true and false, about what there is and about what never was. */
import type { Chance } from './bad-days.ts';
import { baseIds } from './churn-apps.ts';

type Kind = (app: string, id: string, chance: Chance) => readonly [type: string, body: object];

const post: Kind = (id) => [
  'api_post_event',
  { uri: `/v2/apps${id}`, appDefinition: { id, version: '2020-01-01T00:00:00.000Z' } },
];

const kinds: readonly Kind[] = [
  post,
  (appId, taskId) => ['status_update_event', { appId, taskId, taskStatus: 'TASK_RUNNING' }],
  (appId, taskId) => ['status_update_event', { appId, taskId, taskStatus: 'TASK_FAILED' }],
  (appId, instanceId, chance) => [
    'health_status_changed_event',
    { appId, instanceId, alive: chance() < 0.5 },
  ],
  (runSpecId, instanceId) => ['instance_changed_event', { runSpecId, instanceId, condition: 'Running' }],
  (runSpecId, instanceId) => ['instance_health_changed_event', { runSpecId, instanceId, healthy: true }],
  () => ['group_change_success', { groupId: '/', version: '2020-01-01T00:00:00.000Z' }],
  (app) => [
    'deployment_info',
    { plan: { id: app, steps: [{ actions: [{ action: 'ScaleApplication', app }] }] } },
  ],
  (appId, taskId) => ['failed_health_check_event', { appId, taskId }],
  (app) => ['an_event_of_the_future', { about: app }],
];

const heard = /^(?!failed_health_check|an_event_of)/;

export interface Burst {
  /** As on the wire. */
  readonly frames: string;
  /** How many of them Baton asks for. */
  readonly heard: number;
}

/**
 * @param tasks those that run; half of the events are about one of them
 * @param announced whether apps that never were are announced, too: it takes 6 s to give up looking for those
 */
export function burstOf(
  count: number,
  tasks: readonly { readonly id: string; readonly app: string }[],
  chance: Chance,
  announced: boolean,
): Burst {
  const apps = [...baseIds, ...Array.from({ length: 30 }, (_, n) => `/never/was-${n}`)];
  const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T;
  const frames: string[] = [];
  let known = 0;
  for (let n = 0; n < count; n += 1) {
    const { app, id } =
      chance() < 0.5 ? pick(tasks) : { app: pick(apps), id: `never_was.instance-${n}._app.1` };
    const possible = announced || baseIds.has(app) ? kinds : kinds.filter((kind) => kind !== post);
    const [eventType, body] = pick(possible)(app, id, chance);
    if (heard.test(eventType)) known += 1;
    const data = JSON.stringify({ ...body, eventType, timestamp: '2020-01-01T00:00:00.000Z' });
    frames.push(`event: ${eventType}\r\ndata: ${data}\r\n\r\n`);
  }
  return { frames: frames.join(''), heard: known };
}
