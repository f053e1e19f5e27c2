/** A migration on a bad day: traffic moves on to the next version under load, while Marathon misbehaves and tasks die. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { randomFrom } from '../../src/simulator/random.ts';
import { listenerApp, versionApp } from '../support/apps.ts';
import { freeRow } from '../support/free-ports.ts';
import type { Load } from '../support/load.ts';
import { until } from '../support/wait.ts';
import { type DayName, faultsOf } from './bad-days.ts';
import { setStage, type Stage } from './stage.ts';
import { watchTheDead } from './the-dead.ts';

/** How often Baton reads the whole list at the least; what is dead may serve for no longer. */
const resyncMs = 3000;
/** A look at the state takes its time on a busy machine. */
const lookMs = 1500;
const dayMs = { least: 1500, most: 3500 };

export interface Course {
  readonly stage: Stage;
  readonly load: Load;
  /** The version that carries the traffic; 0 is the listener itself. */
  version: number;
}

/** A stage with the first version carrying a load. Baton is told to be quick: time is what tests have least of. */
export async function setCourse(): Promise<Course> {
  const stage = await setStage({
    // Nodes that go down come back on the ports that they had.
    simulator: { heartbeatMs: 300, nodes: 2, port: await freeRow(2) },
    flags: ['--resync', `${resyncMs}ms`, '--marathon-idle', '1s', '--request-timeout', '1s'],
  });
  await stage.startBaton();
  await stage.post(listenerApp('app1'));
  await stage.carried({ app1: 100 });
  await until('the listener', async () => (await fetch(`http://127.0.0.1:${stage.port}/`)).ok);
  return { stage, load: stage.load(400), version: 0 };
}

/**
 * Moves on by one version. What has chances is drawn from `seed`.
 * @throws Error when a request fails, a dead endpoint stays in rotation, or the migration does not complete
 */
export async function migrateOn(course: Course, seed: number, names: readonly DayName[]): Promise<void> {
  const { stage, load } = course;
  const { simulator } = stage;
  const chance = randomFrom(seed);
  const faults = faultsOf(names, chance);
  const before = load.failures().length;
  const [from, to] = [nameOf(course.version), nameOf(course.version + 1)];
  const ends = new AbortController();
  const dead = watchTheDead(stage, resyncMs + lookMs, ends.signal);
  try {
    const late = chance() < 0.5;
    if (!late) for (const fault of faults) simulator.faults.set(fault);
    await pause(chance() * 500);
    const posted = post(stage, versionApp(to, { service: 'app1', priority: 10 * (course.version + 1) }));
    if (late) {
      await pause(chance() * 300);
      for (const fault of faults) simulator.faults.set(fault);
    }
    await pause(chance() * 500);
    if (chance() < 0.5) await crashOne(stage, from, chance);
    await pause(dayMs.least + chance() * (dayMs.most - dayMs.least));
    simulator.faults.clear();
    await posted;
    course.version += 1;
    await stage.carried({ [to]: 100 });
    const answers = load.count();
    await until('more answers', () => load.count() >= answers + 50);
    const failures = load.failures().slice(before);
    expect(failures, `requests failed: ${failures.slice(0, 3).join('; ')}`).toEqual([]);
    const overdue = dead.overdue();
    expect(overdue, `the dead serve: ${JSON.stringify(overdue)}`).toEqual([]);
    expect(dead.looks()).toBeGreaterThan(5);
    if (course.version > 1) await removed(stage, from);
  } finally {
    simulator.faults.clear();
    ends.abort();
    await dead.done;
  }
}

const nameOf = (version: number): string => (version === 0 ? 'app1' : `app1-${version}`);

/** As pipelines do: what is refused is tried again. */
async function post(stage: Stage, app: Readonly<Record<string, unknown>>): Promise<void> {
  await until(`${String(app['id'])} to be taken`, () =>
    stage.post(app).then(
      () => true,
      (error: unknown) => /\b409\b[^]*already exists/.test(String(error)) || Promise.reject(error as Error),
    ),
  );
}

async function removed(stage: Stage, id: string): Promise<void> {
  await until(`${id} to be taken away`, () => stage.remove(id).then(() => true));
  await until(`${id} to be gone`, async () => {
    const { pools } = await stage.baton().service('/app1');
    return pools.every((pool) => pool.app !== `/${id}`);
  });
}

/** One task of the version that carries the traffic: the rest of it goes on. Marathon may not notice by itself. */
async function crashOne(stage: Stage, app: string, chance: () => number): Promise<void> {
  const tasks = await stage.simulator.tasks();
  const mine = tasks.filter((task) => task.app === `/${app}` && task.state === 'TASK_RUNNING');
  const one = mine[Math.floor(chance() * mine.length)];
  if (one !== undefined) stage.simulator.crashTask(one.id, { silent: chance() < 0.5 });
}
