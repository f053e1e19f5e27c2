/** A churn: apps are scaled, changed, killed, deleted and created again by chance, under changes of Marathon's leader. */
import { until } from '../support/wait.ts';
import type { Chance } from './bad-days.ts';
import { alive, base, definition, idOf, services, tasksOfEach } from './churn-apps.ts';
import type { ChurnStage } from './churn-stage.ts';

export interface RunningTask {
  readonly id: string;
  readonly app: string;
}

export interface Churn {
  /** Does `count` things, then waits until Baton has caught up. */
  go(count: number): Promise<void>;
  /** Brings the cluster back to what it was at the beginning, and waits until Baton serves exactly that. */
  restore(): Promise<void>;
  /** The tasks that run. */
  tasks(): Promise<readonly RunningTask[]>;
  /** How many tasks there have been, as far as anybody looked. */
  tasksSeen(): number;
}

/** Posts the apps; what happens to them is drawn from `chance`. */
export async function beginChurn(stage: ChurnStage, chance: Chance): Promise<Churn> {
  const { ask, baton } = stage;
  const seen = new Set<string>();
  const extra = new Set<string>();
  let created = 0;

  const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T;
  const anyApp = () => pick([...base, ...extra]);
  const change = (name: string, fields: object) => ask('PUT', `/v2/apps${idOf(name)}?force=true`, fields);
  const behave = (name: string, unhealthy: boolean) =>
    ask('PUT', `/_sim/apps${idOf(name)}/behaviour`, { unhealthy });
  const remove = (name: string) => ask('DELETE', `/v2/apps${idOf(name)}?force=true`);

  async function create(name: string): Promise<void> {
    await until(`${name} to be created`, async () => {
      const { status } = await ask('POST', '/v2/apps', definition(name));
      return status === 201 || (await ask('GET', `/v2/apps${idOf(name)}`)).status === 200;
    });
  }

  /** What happens in a week, and how often: the more lines, the oftener. */
  const happenings: readonly (() => Promise<unknown>)[] = [
    () => change(anyApp(), { instances: 1 + Math.floor(chance() * 6) }),
    () => change(anyApp(), { instances: 1 + Math.floor(chance() * 6) }),
    () => change(anyApp(), { env: { BUILD: String(chance()) } }),
    () => change(anyApp(), { env: { BUILD: String(chance()) } }),
    () => change(anyApp(), { env: { BUILD: String(chance()) } }),
    () => ask('DELETE', `/v2/apps${idOf(anyApp())}/tasks?force=true`),
    () => ask('POST', `/_sim/apps${idOf(anyApp())}/crash`),
    () => behave(anyApp(), true),
    () => behave(anyApp(), false),
    () => remove(anyApp()),
    () => create(pick(base)),
    async () => {
      // A version that never was, of a service that may come and go as a whole.
      created += 1;
      const name = chance() < 0.3 ? `x${created}` : `s${Math.floor(chance() * services)}-v${created + 2}`;
      extra.add(name);
      await create(name);
    },
    async () => {
      const [oldest] = extra;
      if (oldest === undefined) return;
      extra.delete(oldest);
      await remove(oldest);
    },
    () => ask('PUT', '/_sim/faults', { kind: 'leader-change' }),
    () => ask('PUT', '/_sim/faults', { kind: 'drop-stream', how: chance() < 0.5 ? 'fin' : 'reset' }),
  ];

  async function tasks(): Promise<readonly RunningTask[]> {
    const { body } = await ask('GET', '/v2/tasks?status=running');
    const running = (body as { tasks: readonly { id: string; appId: string }[] }).tasks;
    for (const { id } of running) seen.add(id);
    return running.map(({ id, appId }) => ({ id, app: appId }));
  }

  const runningTasks = async () => (await tasks()).map(({ id }) => id);

  /** The tasks that Baton knows, or that take requests. */
  async function inBaton(only: 'all' | 'in'): Promise<readonly string[]> {
    const all = await baton.services();
    const endpoints = all.flatMap(({ pools }) => pools.flatMap((pool) => pool.endpoints));
    return endpoints
      .filter((each) => only === 'all' || each.rotation === 'in')
      .map(({ task }) => String(task));
  }

  /** Baton knows every task that runs, or says why its app is nobody's pool. It may still look for what was announced. */
  async function caughtUp(): Promise<void> {
    let missing: readonly RunningTask[] = [];
    await until(
      'Baton to catch up',
      async () => {
        const [running, known] = [await tasks(), new Set(await inBaton('all'))];
        const waiting = (await baton.diagnostics()).filter(({ code }) => code === 'service-unknown');
        const without = new Set(waiting.map(({ app }) => String(app)));
        missing = running.filter(({ id, app }) => !known.has(id) && !without.has(app));
        return missing.length === 0;
      },
      { everyMs: 50, detail: () => missing },
    );
  }

  async function restore(): Promise<void> {
    for (const name of extra) await remove(name);
    extra.clear();
    for (const name of base) {
      await create(name);
      await behave(name, false);
      await change(name, { instances: tasksOfEach });
    }
    let last: unknown;
    await until(
      'Baton to serve exactly what runs',
      async () => {
        const deployments = (await ask('GET', '/v2/deployments')).body as readonly unknown[];
        const apps = ((await ask('GET', '/v2/apps')).body as { apps: readonly { id: string }[] }).apps;
        const [real, served] = [await runningTasks(), await inBaton('in')];
        last = {
          deployments: deployments.length,
          apps: apps.length,
          real: real.length,
          served: served.length,
        };
        return (
          deployments.length === 0 &&
          apps.length === alive.apps &&
          real.length === alive.tasks &&
          served.toSorted().join() === real.toSorted().join() &&
          (await pendingReads(stage)) === 0
        );
      },
      { everyMs: 100, detail: () => last },
    );
  }

  await baton.ready();
  await restore();
  return {
    async go(count) {
      for (let n = 0; n < count; n += 1) await pick(happenings)();
      await caughtUp();
    },
    restore,
    tasks,
    tasksSeen: () => seen.size,
  };
}

export const pendingReads = (stage: ChurnStage): Promise<number> =>
  stage.baton.metric('baton_marathon_pending_reads');
