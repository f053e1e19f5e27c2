/** What the client makes of Marathon's example answers, and what the users' own app definitions declare. */
import { plainOptions } from '../../src/declared/types.ts';
import { declare } from '../../src/declared/declare.ts';
import type { Declaration } from '../../src/declared/types.ts';
import { startFakeMarathon } from '../marathon/support/fake-marathon.ts';
import { until } from '../support/wait.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Cluster } from '../../src/model/app.ts';
import { type Check, must, mustEqual } from './check.ts';
import { watching } from './events.ts';
import type { Reference } from './reference.ts';

type Json = Readonly<Record<string, unknown>>;

export function readingChecks(reference: Reference): readonly Check[] {
  const avi = ['avi/app1.json', 'avi/app1-100.json', 'avi/app1-200.json'];
  const foreign = ['dcos-vip', 'zdd'].flatMap((folder) => reference.files(folder, '.json'));
  return [
    {
      subject: 'marathon/examples/app_list.json, app.json, tasks.json',
      holds: 'read by the client, with their instances, labels and tasks',
      run: () => readExamples(reference),
    },
    {
      subject: 'avi/*.json',
      holds: 'declare one service on port 80 with pools of priority 20, 10 and 0, and nothing to complain of',
      run: async () => {
        const { services, diagnostics } = await declared(avi.map((path) => reference.json(path)));
        mustEqual(
          'the services',
          services.map(({ id, listenerApp, listeners, pools }) => ({
            id,
            listenerApp,
            ports: listeners.map(({ declaredPort }) => declaredPort),
            pools: pools.map(({ app, priority, role, balance }) => [app, priority, role, balance]),
          })),
          [
            {
              id: '/app1',
              listenerApp: '/app1',
              ports: [80],
              pools: [
                ['/app1-200', 20, 'member', 'roundrobin'],
                ['/app1-100', 10, 'member', 'roundrobin'],
                ['/app1', 0, 'listener', 'roundrobin'],
              ],
            },
          ],
        );
        const complaints = diagnostics.filter(({ severity }) => severity !== 'info');
        mustEqual('warnings and errors', complaints, []);
        return `/app1 with ${services[0]?.pools.length ?? 0} pools`;
      },
    },
    {
      subject: 'dcos-vip/*.json, zdd/**/*.json',
      holds: 'read by the client; without Avi labels none declares a service, and none is an error',
      run: async () => {
        const { services, diagnostics } = await declared(foreign.map((path) => reference.json(path)));
        mustEqual('the services', services, []);
        mustEqual(
          'errors',
          diagnostics.filter(({ severity }) => severity === 'error'),
          [],
        );
        return `${foreign.length} apps`;
      },
    },
  ];
}

async function readExamples(reference: Reference): Promise<string> {
  const { apps } = reference.json('marathon/examples/app_list.json') as { apps: Json[] };
  const single = reference.json('marathon/examples/app.json') as Json;
  const { tasks } = reference.json('marathon/examples/tasks.json') as { tasks: Json[] };
  // The example of one app has no version because it is one to send; the tasks' apps are in no example.
  const sent = { ...single, version: '2015-09-25T15:13:48.343Z' };
  const ofTasks = tasks.map((task) => ({ ...sent, id: task['appId'], tasks: [task] }));
  const all: readonly Json[] = [...apps, sent, ...ofTasks];
  const fake = await startFakeMarathon();
  for (const app of all) fake.apps.set(String(app['id']), app);
  try {
    const cluster = await synced(fake.url);
    for (const wire of all) {
      const app = [...cluster.apps.values()].find(({ id }) => id === wire['id']);
      must(app !== undefined, `${String(wire['id'])} was not read`);
      mustEqual(`the instances of ${app.id}`, app.instances, wire['instances']);
      mustEqual(`the labels of ${app.id}`, app.labels, wire['labels']);
      mustEqual(
        `the tasks of ${app.id}`,
        app.tasks.map(({ id, host, ports, state }) => [id, host, ports, state]),
        ((wire['tasks'] ?? []) as Json[]).map(({ id, host, ports, state }) => [id, host, ports, state]),
      );
    }
    return `${all.length} apps, ${tasks.length} tasks`;
  } finally {
    await fake.close();
  }
}

/** Posted to the simulator, read by the client, and given to the reading of labels: the way they go in earnest. */
async function declared(apps: readonly unknown[]): Promise<Declaration> {
  const simulator = await startSimulator({ tasks: 'addresses' });
  try {
    for (const app of apps) {
      const answer = await fetch(`${simulator.url}/v2/apps`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(app),
        signal: AbortSignal.timeout(10_000),
      });
      mustEqual(`the status of ${(await answer.text()).slice(0, 60)}`, answer.status, 201);
    }
    const cluster = await synced(simulator.url);
    mustEqual('the number of apps', cluster.apps.size, apps.length);
    return declare(cluster.apps, [], plainOptions);
  } finally {
    await simulator.close();
  }
}

async function synced(url: string): Promise<Cluster> {
  let cluster: Cluster = { apps: new Map() };
  await watching(
    url,
    () => {},
    async (watch) => {
      await until('the first list', () => watch.status().syncedAt !== null, {
        detail: () => watch.status(),
      });
      cluster = watch.snapshot();
    },
  );
  return cluster;
}
