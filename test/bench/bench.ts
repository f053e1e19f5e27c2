#!/usr/bin/env node
/** `npm run bench`: how long it takes from an event of Marathon's to HAProxy's state, and at what cost. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { version } from '../../src/cli/version.ts';
import { findBinary } from '../../src/dataplane/haproxy/binary.ts';
import { until } from '../support/wait.ts';
import { measureAborts } from './abort.ts';
import { appsOf, tasksPerApp } from './apps.ts';
import { type Cleanup, createCleanup } from './children.ts';
import { buildBaton, type Controller, startBaseline, startBaton } from './controllers.ts';
import { startTasks } from './haproxy.ts';
import { startMarathon } from './marathon.ts';
import { type Measured, measure } from './measure.ts';
import { machineOf } from './numbers.ts';
import { markdownOf, type Report } from './report.ts';

const usage = `usage: npm run bench -- [--apps 10,100,1000] [--repetitions 40] [--json FILE]

Runs a simulated Marathon, Baton and a real HAProxy, and measures from an event's
bytes to HAProxy's state; then the same for an emulation of a controller that
renders and reloads everything at each event. Prints Markdown; --json writes all
numbers to a file. --no-baseline leaves the second out. --profile DIR writes
profiles of Baton's CPU time there. All of it takes six minutes.
`;

interface Options {
  readonly sizes: readonly number[];
  readonly repetitions: number;
  readonly json: string | null;
  readonly baseline: boolean;
  readonly profile: string | null;
}

function readOptions(argv: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      apps: { type: 'string', default: '10,100,1000' },
      repetitions: { type: 'string', default: '40' },
      json: { type: 'string' },
      'no-baseline': { type: 'boolean', default: false },
      profile: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const sizes = values.apps.split(',').map(Number);
  const repetitions = Number(values.repetitions);
  const whole = [...sizes, repetitions].every(
    (value) => Number.isInteger(value) && value >= 1 && value <= 1000,
  );
  if (values.help || !whole) return null;
  return {
    sizes,
    repetitions,
    json: values.json ?? null,
    baseline: !values['no-baseline'],
    profile: values.profile ?? null,
  };
}

/** Both controllers over one cluster, one after the other; what is measured to its end is pushed to `results`. */
async function benchSize(
  apps: number,
  options: Options,
  binary: string,
  cleanup: Cleanup,
  results: Measured[],
): Promise<void> {
  const marathon = await startMarathon(cleanup);
  const taskPort = await startTasks(binary, cleanup);
  const definitions = appsOf(apps, taskPort);
  await marathon.call('PUT', '/v2/apps', definitions);
  const tasks = definitions.length * tasksPerApp;
  await until(
    'all tasks to be healthy',
    async () => {
      const answer = await marathon.call<{ apps: { tasksHealthy: number }[] }>('GET', '/v2/apps');
      return answer.apps.reduce((sum, app) => sum + app.tasksHealthy, 0) === tasks;
    },
    { deadlineMs: 120_000, everyMs: 500 },
  );
  await marathon.listen();
  const built = await buildBaton(cleanup);
  const profile = options.profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
  const starts: readonly (() => Promise<Controller>)[] = [
    () => startBaton(built, marathon.url, binary, cleanup, profile),
    ...(options.baseline ? [() => startBaseline(marathon.url, binary, cleanup)] : []),
  ];
  for (const start of starts) {
    const controller = await start();
    const effort = {
      apps,
      repetitions: options.repetitions,
      burst: Math.min(25, options.repetitions),
      restMs: Math.min(3000, 100 * options.repetitions),
      sustainedSeconds: Math.min(10, options.repetitions),
    };
    const say = (line: string): void =>
      void process.stderr.write(`${apps} services, ${controller.name}: ${line}\n`);
    results.push(await measure(controller, marathon, effort, say));
    await controller.end();
  }
  const abortConfirmed = await measureAborts(apps, taskPort, binary, cleanup);
  const own = results.findLastIndex((each) => each.controller === 'Baton');
  const measured = results[own];
  if (measured !== undefined) results[own] = { ...measured, abortConfirmed };
}

const options = readOptions(process.argv.slice(2));
if (options === null) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  const binary = await findBinary(null);
  const machine = machineOf(binary);
  const results: Measured[] = [];
  const report = (): Report => ({ machine, baton: version, repetitions: options.repetitions, results });
  const print = (): void => void process.stdout.write(markdownOf(report()));
  for (const apps of options.sizes) {
    const cleanup = createCleanup();
    let stopping: Promise<void> = Promise.resolve();
    // Somebody's patience may end before a run on a busy machine: what was measured until then is worth to be seen.
    const stop = (signal: NodeJS.Signals): void => {
      process.stderr.write(`${signal} amid ${apps} services: what was measured until now\n`);
      stopping = cleanup.run().finally(() => {
        print();
        process.exit(130);
      });
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
    try {
      await benchSize(apps, options, binary, cleanup, results);
    } catch (error) {
      // What is measured may be gone before all is cleaned up.
      await stopping;
      print();
      throw error;
    } finally {
      await cleanup.run();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
    }
  }
  print();
  if (options.json !== null) await writeFile(options.json, `${JSON.stringify(report(), null, 2)}\n`);
}
