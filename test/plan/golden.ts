/** Golden files of the planner: situations in a small language, and what comes of each, in one file. */
import type { Health } from '../../src/model/app.ts';
import type { ObservedEndpoint } from '../../src/plan/observed.ts';
import { percent } from '../../src/model/weights.ts';
import { nameOf } from '../../src/plan/reasons.ts';
import type { ServiceVerdict } from '../../src/plan/verdict.ts';
import { type TestApp, type TestTask, World } from './world.ts';

export interface GoldenCase {
  readonly title: string;
  readonly input: string;
  readonly expected: string;
}

const divider = '----------';

/**
 * A file is a title line (`# …`), situations, a line of ten dashes, and the outcome of each situation. A situation is
 * a line an app: `app1-100 priority=10 up=2 unknown=1`; a line `then` (or `then +5s`) begins the next one.
 */
export function parseCase(text: string): GoldenCase {
  const [input = '', expected = ''] = text.split(`\n${divider}\n`);
  const title = /^# (.+)$/m.exec(input)?.[1];
  if (title === undefined) throw new Error('a golden file begins with a title line: # …');
  return { title, input, expected: expected.trimEnd() };
}

export function formatCase(input: string, outcome: string): string {
  return `${input}\n${divider}\n${outcome}\n`;
}

/** Plays the situations, each until the planner has settled, and writes down what each came to. */
export function play(input: string): string {
  const world = new World([]);
  const outcomes: string[] = [];
  for (const situation of situations(input)) {
    world.now += situation.laterMs;
    world.apps = situation.apps;
    const verdict = world.settle();
    outcomes.push(verdict.services.map(outcome).join('\n'));
  }
  return outcomes.join('\nthen\n');
}

export function lastService(input: string): ServiceVerdict | undefined {
  const world = new World([]);
  for (const situation of situations(input)) {
    world.now += situation.laterMs;
    world.apps = situation.apps;
    world.settle();
  }
  return world.verdict?.services[0];
}

function situations(
  input: string,
): readonly { readonly laterMs: number; readonly apps: readonly TestApp[] }[] {
  const list: { laterMs: number; apps: TestApp[] }[] = [{ laterMs: 0, apps: [] }];
  for (const line of input.split('\n')) {
    const then = /^then(?: \+(\d+)s)?$/.exec(line);
    if (then !== null) list.push({ laterMs: Number(then[1] ?? 0) * 1000, apps: [] });
    else if (line !== '' && !line.startsWith('#')) list.at(-1)?.apps.push(app(line));
  }
  return list;
}

const groups: Readonly<Record<string, Omit<TestTask, 'name'>>> = {
  up: task('up', 'passed'),
  down: task('down', 'passed'),
  unknown: task('unknown', 'passed'),
  unchecked: task('up', 'pending'),
  failing: task('up', 'failed'),
  dead: task('unknown', 'failed'),
  old: { ...task('up', 'passed'), old: true },
  unready: { ...task('up', 'passed'), notReady: true },
};

function task(health: Health, probe: ObservedEndpoint['check']): Omit<TestTask, 'name'> {
  return { health, probe };
}

function app(line: string): TestApp {
  const [id = '', ...words] = line.split(/\s+/);
  const keys = new Map(words.map((word) => word.split('=') as [string, string]));
  const number = (key: string) => (keys.has(key) ? { [key]: Number(keys.get(key)) } : {});
  const tasks: TestTask[] = [];
  for (const [key, count] of keys) {
    const kind = groups[key];
    if (kind === undefined) continue;
    for (let n = 0; n < Number(count); n += 1) tasks.push({ ...kind, name: `${id}-t${tasks.length}` });
  }
  return {
    id,
    priority: 0,
    tasks,
    ...number('priority'),
    ...number('weight'),
    ...number('instances'),
    ...number('sessions'),
    ...number('readyForMs'),
    ...number('readyCount'),
    ...number('joins'),
    ...number('drainTimeoutMs'),
    ...(keys.has('configuredAt') ? { configuredAt: `${keys.get('configuredAt')}T00:00:00.000Z` } : {}),
    ...(keys.get('failover') === 'false' ? { failover: false } : {}),
    ...(keys.get('drainThen') === 'keep' ? { drainThen: 'keep' as const } : {}),
  };
}

function outcome(service: ServiceVerdict): string {
  const pools = service.pools.toSorted((a, b) => b.priority - a.priority || (a.slot < b.slot ? -1 : 1));
  return [
    `${service.phase}, ratio ${service.ratio}, fail-over ${service.failover.join(' ') || '-'}: ${service.because.text}`,
    ...pools.map((pool) => {
      const place = `${pool.slot}/${pool.side}${pool.attached ? '' : ' unattached'}`;
      return `  ${nameOf(pool.app)} ${place} ${percent(pool.weight)} ${pool.state} (${pool.because.code}): ${pool.because.text}`;
    }),
  ].join('\n');
}
