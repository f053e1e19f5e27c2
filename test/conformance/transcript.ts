/** A recorded rolling upgrade, replayed through the real client: from the cluster before it to the one after it. */
import { startFakeMarathon } from '../marathon/support/fake-marathon.ts';
import { until } from '../support/wait.ts';
import { type Check, must, mustEqual } from './check.ts';
import { eventsIn, inPieces, type WireEvent, watching } from './events.ts';
import type { Reference } from './reference.ts';

interface Group {
  readonly apps?: readonly Definition[];
  readonly groups?: readonly Group[];
}

type Definition = Readonly<Record<string, unknown>> & { readonly id: string; readonly version: string };

interface Plan {
  readonly plan: {
    readonly original: Group;
    readonly target: Group;
    readonly version: string;
    readonly steps: readonly { readonly actions: readonly { readonly app: string }[] }[];
  };
}

interface Status {
  readonly taskId: string;
  readonly taskStatus: string;
  readonly appId: string;
  readonly host: string;
  readonly ports: readonly number[];
  readonly version: string;
  readonly timestamp: string;
}

export function transcriptChecks(reference: Reference): readonly Check[] {
  const path = 'zdd/event-bus-log-base-min-over.txt';
  return [
    {
      subject: path,
      holds: 'replayed through the client it leaves the apps, versions, tasks and health that it describes',
      run: () => replay(eventsIn(reference.text(path))),
    },
  ];
}

async function replay(events: readonly WireEvent[]): Promise<string> {
  const first = events.find(({ type }) => type === 'deployment_info');
  must(first !== undefined, 'it has no deployment_info');
  const { plan } = JSON.parse(first.data) as Plan;
  const changed = new Set(plan.steps.flatMap(({ actions }) => actions.map(({ app }) => app)));
  const fake = await startFakeMarathon();
  const show = (app: Definition, statuses: readonly Status[], alive: ReadonlySet<string>): void => {
    fake.apps.set(app.id, {
      ...app,
      tasks: tasksOf(app.id, statuses, alive),
      tasksRunning: 0,
      deployments: [],
    });
  };
  for (const app of appsOf(plan.original)) show(app, [], new Set());

  // What Marathon would answer follows the transcript; the client hears of it only through the events.
  const statuses: Status[] = [];
  const alive = new Set<string>();
  for (const { type, data } of events) {
    const event = JSON.parse(data) as Status & { alive?: boolean; taskId?: string };
    if (type === 'status_update_event') statuses.push(event);
    if (type === 'health_status_changed_event' && event.alive === true) alive.add(event.taskId);
  }
  const after = (): void => {
    for (const app of appsOf(plan.target)) show(app, statuses, alive);
  };
  let seen = 0;
  try {
    await watching(
      fake.url,
      () => (seen += 1),
      async (watch) => {
        await until('the cluster as it was', () => watch.status().syncedAt !== null);
        const before = watch.snapshot();
        after();
        for (const socket of fake.streams) await inPieces(socket, Buffer.from(events.map(frameOf).join('')));
        await until(
          'the cluster as it came to be',
          () => {
            const { apps } = watch.snapshot();
            return [...apps.values()].some((app) => app.version === plan.version && app.tasks.length > 0);
          },
          { detail: () => [...watch.snapshot().apps.values()].map(({ id, version }) => `${id} ${version}`) },
        );
        const { apps } = watch.snapshot();
        mustEqual(
          'the apps',
          [...apps.keys()].sort(),
          appsOf(plan.target)
            .map(({ id }) => id)
            .sort(),
        );
        for (const [id, app] of apps) {
          if (!changed.has(id)) {
            must(app === before.apps.get(id), `${id} was read again although nothing is said of it`);
            continue;
          }
          mustEqual(`the version of ${id}`, app.version, plan.version);
          mustEqual(
            `the running tasks of ${id}`,
            app.tasks.filter(({ state }) => state === 'TASK_RUNNING').map((task) => [task.id, task.ports]),
            running(id, statuses).map(({ taskId, ports }) => [taskId, ports]),
          );
          mustEqual(
            `the tasks of ${id} that are up`,
            app.tasks.filter(({ health }) => health === 'up').map((task) => String(task.id)),
            [...alive].sort(),
          );
        }
      },
    );
    return `${events.length} events (${seen} asked for), ${[...changed].join(', ')} at ${plan.version} with ${alive.size} tasks up`;
  } finally {
    await fake.close();
  }
}

function frameOf({ type, data }: WireEvent): string {
  return `event: ${type}\r\ndata: ${data}\r\n\r\n\r\n`;
}

function appsOf(group: Group): readonly Definition[] {
  return [...(group.apps ?? []), ...(group.groups ?? []).flatMap(appsOf)];
}

/** The last word on each task of an app, of those that run in the end; sorted by id. */
function running(app: string, statuses: readonly Status[]): readonly Status[] {
  const last = new Map(statuses.filter(({ appId }) => appId === app).map((each) => [each.taskId, each]));
  return [...last.values()]
    .filter(({ taskStatus }) => taskStatus === 'TASK_RUNNING')
    .sort((a, b) => (a.taskId < b.taskId ? -1 : 1));
}

function tasksOf(app: string, statuses: readonly Status[], alive: ReadonlySet<string>): readonly unknown[] {
  return running(app, statuses).map((status) => ({
    id: status.taskId,
    appId: app,
    state: status.taskStatus,
    host: status.host,
    ports: status.ports,
    version: status.version,
    startedAt: status.timestamp,
    healthCheckResults: alive.has(status.taskId)
      ? [{ alive: true, consecutiveFailures: 0, lastSuccess: status.timestamp, taskId: status.taskId }]
      : [],
  }));
}
