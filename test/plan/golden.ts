/** Golden files of the planner: situations in a small language, and what comes of each, in one file. */
import type { Health } from '../../src/model/app.ts';
import type { ObservedEndpoint } from '../../src/plan/observed.ts';
import type { AnalysisRule, Rollout } from '../../src/declared/rollout.ts';
import { appId } from '../../src/model/ids.ts';
import type { Command } from '../../src/plan/command.ts';
import type { TransitionView } from '../../src/plan/transition/types.ts';
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
 * a line an app: `app1-100 priority=10 up=2 unknown=1`; a line `then` (or `then +5s`) begins the next one; one
 * that names no app has those of the one before. A line `ramp 10:60` says how fast shares of
 * equal priority move, from then on. A line `do abort` is a command, given when the situation has settled.
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
    const answers = enter(world, situation);
    const verdict = world.settle();
    outcomes.push([...answers, ...verdict.services.map(outcome)].join('\n'));
  }
  return outcomes.join('\nthen\n');
}

function enter(world: World, { laterMs, apps, ramp, commands }: Situation): readonly string[] {
  world.now += laterMs;
  world.apps = apps;
  world.gateway = ramp === null ? {} : { ramp };
  if (commands.length === 0) return [];
  world.settle();
  return commands.map((command) => {
    const obeyed = world.order(command);
    return `${command.verb}: ${obeyed.outcome}: ${obeyed.outcome === 'done' ? obeyed.text : obeyed.problem}`;
  });
}

export function lastService(input: string): ServiceVerdict | undefined {
  const world = new World([]);
  for (const situation of situations(input)) {
    enter(world, situation);
    world.settle();
  }
  return world.verdict?.services[0];
}

type Ramp = NonNullable<World['gateway']['ramp']>;

interface Situation {
  /** As the gateway says; null: at once. */
  readonly ramp: Ramp | null;
  readonly laterMs: number;
  readonly apps: readonly TestApp[];
  readonly commands: readonly Command[];
}

function situations(input: string): readonly Situation[] {
  const list: { laterMs: number; apps: TestApp[]; ramp: Ramp | null; commands: Command[] }[] = [
    { laterMs: 0, apps: [], ramp: null, commands: [] },
  ];
  for (const line of input.split('\n')) {
    const last = list.at(-1);
    if (last === undefined || line === '' || line.startsWith('#')) continue;
    const then = /^then(?: \+(\d+)s)?$/.exec(line);
    if (then !== null) list.push({ ...last, laterMs: Number(then[1] ?? 0) * 1000, apps: [], commands: [] });
    else if (line.startsWith('ramp ')) last.ramp = ramp(line.slice(5));
    else if (line.startsWith('do ')) last.commands.push(command(line.slice(3)));
    else last.apps.push(app(line));
  }
  list.forEach((each, index) => {
    if (each.apps.length === 0) each.apps = list[index - 1]?.apps ?? [];
  });
  return list;
}

/** `10:60`: by 10 points, for 60 s each. */
function ramp(text: string): Ramp {
  const [points, seconds] = text.split(':').map(Number);
  return { step: (points ?? 0) * 100, holdMs: (seconds ?? 0) * 1000 };
}

function command(text: string): Command {
  const [verb = '', rest = ''] = text.split(' ');
  if (verb === 'promote') return { verb, full: rest === '--full' };
  if (verb === 'weight') {
    const [name = '', percent] = rest.split('=');
    return { verb, app: appId(name), percent: Number(percent) };
  }
  return { verb: verb as 'pause' | 'resume' | 'abort' | 'retry' | 'rollback' };
}

/** `steps=5:60,25:pause,50:60:analysis,100`: weights, seconds to hold. */
function steps(text: string): Rollout['steps'] {
  return text.split(',').map((part) => {
    const [weight, ...words] = part.split(':');
    const seconds = words.find((word) => /^\d+$/.test(word));
    return {
      weight: Number(weight),
      holdMs: Number(seconds ?? 0) * 1000,
      pause: words.includes('pause'),
      analysis: words.includes('analysis'),
    };
  });
}

function rollout(keys: ReadonlyMap<string, string>): Partial<Rollout> {
  const rate = keys.get('maxErrorRate');
  const analysis: AnalysisRule | undefined =
    rate === undefined
      ? undefined
      : {
          maxErrorRate: Number(rate),
          maxP95Ms: null,
          minRequests: 50,
          intervalMs: 10_000,
          failureLimit: Number(keys.get('failureLimit') ?? 0),
          inconclusiveLimit: 0,
          prometheus: [],
          webhook: null,
        };
  return {
    ...(keys.has('steps') ? { steps: steps(keys.get('steps') ?? '') } : {}),
    ...(keys.has('strategy') ? { strategy: keys.get('strategy') as Rollout['strategy'] } : {}),
    ...(keys.has('capacity') ? { capacity: keys.get('capacity') as Rollout['capacity'] } : {}),
    ...(keys.has('retire') ? { retire: keys.get('retire') as Rollout['retire'] } : {}),
    ...(keys.has('affinity') ? { affinity: 'cookie' as const } : {}),
    ...(keys.has('match')
      ? { match: { kind: 'header', name: 'X', value: keys.get('match') ?? '' } as const }
      : {}),
    ...(analysis === undefined ? {} : { analysis }),
  };
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
    ...number('requests'),
    ...number('errors'),
    rollout: rollout(keys),
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
    ...(service.transition === null ? [] : [transition(service.transition)]),
    ...service.wishes.map(
      (wish) =>
        `  wish: ${wish.kind} ${nameOf(wish.app)}${wish.kind === 'scale' ? ` to ${wish.instances}` : ''}${wish.kind === 'kill' ? ` ${wish.tasks.join(' ')}` : ''}: ${wish.because.text}`,
    ),
  ].join('\n');
}

function transition({ phase, step, steps, weight, to, from }: TransitionView): string {
  const names = (apps: readonly string[]) => apps.map(nameOf).join(' and ');
  return `  transition from ${names(from)} to ${names(to)}: ${phase}, step ${step} of ${steps}, ${percent(weight)}`;
}
