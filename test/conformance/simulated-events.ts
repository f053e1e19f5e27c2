/** The events that the simulator sends, key by key against samples of what Marathon writes. */
import { startSimulator } from '../../src/simulator/simulator.ts';
import { until } from '../support/wait.ts';
import { type Check, must, mustEqual } from './check.ts';
import type { Reference } from './reference.ts';

type Event = Readonly<Record<string, unknown>> & { readonly eventType: string };

/** What the life of one app brings about. */
const expected = [
  'add_health_check_event',
  'api_post_event',
  'app_terminated_event',
  'deployment_info',
  'deployment_step_success',
  'deployment_success',
  'failed_health_check_event',
  'framework_message_event',
  'group_change_success',
  'health_status_changed_event',
  'instance_changed_event',
  'instance_health_changed_event',
  'remove_health_check_event',
  'status_update_event',
  'unhealthy_instance_kill_event',
];

export function simulatedEventChecks(reference: Reference): readonly Check[] {
  const path = 'marathon/events/events-marathon-1.8-to-1.11.json';
  return [
    {
      subject: path,
      holds: "the simulator's events have the same keys in the same order",
      run: async () => {
        const samples = keysByType(
          Object.values(reference.json(path) as Record<string, Event>).filter(
            (each) => typeof each === 'object',
          ),
        );
        const seen = keysByType(
          await lifeOfAnApp(reference.json('avi/app1.json') as Record<string, unknown>),
        );
        for (const type of expected) must(seen.has(type), `the simulator sent no ${type}`);
        for (const [type, forms] of seen) {
          const known = samples.get(type);
          if (known === undefined) continue;
          for (const form of forms)
            must(known.has(form), `${type} has ${form} instead of ${[...known].join(' or ')}`);
        }
        return `${[...seen.keys()].filter((type) => samples.has(type)).length} types`;
      },
    },
  ];
}

function keysByType(events: readonly Event[]): ReadonlyMap<string, ReadonlySet<string>> {
  const forms = new Map<string, Set<string>>();
  for (const event of events) {
    const known = forms.get(event.eventType) ?? new Set();
    forms.set(event.eventType, known.add(Object.keys(event).join(',')));
  }
  return forms;
}

/** Created, unhealthy until a task is killed for it, well again, heard of by a message, deleted. */
async function lifeOfAnApp(app: Readonly<Record<string, unknown>>): Promise<readonly Event[]> {
  const events: Event[] = [];
  const simulator = await startSimulator({
    tasks: 'addresses',
    startDelayMs: 10,
    healthSpeed: 1000,
    log: ({ event }, message) => {
      if (message === 'event') events.push(event as Event);
    },
  });
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${simulator.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(10_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    mustEqual(`whether ${method} ${path} was accepted`, answer.ok, true);
    return await answer.json();
  };
  const count = (type: string) => events.filter(({ eventType }) => eventType === type).length;
  try {
    await call('POST', '/v2/apps', app);
    await until('the deployment to succeed', () => count('deployment_success') === 1);
    simulator.behaveApp('/app1', { unhealthy: true });
    await until('a task to be killed for its health', () => count('unhealthy_instance_kill_event') > 0);
    simulator.behaveApp('/app1', { unhealthy: false });
    const { tasks } = (await call('GET', '/v2/tasks')) as { tasks: { id: string }[] };
    simulator.frameworkMessage(tasks[0]?.id ?? '', 'hello');
    await call('DELETE', '/v2/apps/app1?force=false');
    await until('the end of the app', () => count('deployment_success') === 2);
    return events;
  } finally {
    await simulator.close();
  }
}
