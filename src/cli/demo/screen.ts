/** The live screen as lines of at most 79 characters; pure, so that it can be looked at in a test. */
import { nameOf } from '../../plan/reasons.ts';
import type { PoolView, ServiceView } from './baton-view.ts';
import { counted, fit, grouped, type Style, sharePercent } from './style.ts';

export type Mark = 'done' | 'now' | 'next' | 'failed';

export interface Scene {
  readonly elapsedMs: number;
  readonly steps: readonly { readonly title: string; readonly mark: Mark; readonly result: string }[];
  /** What was done last. */
  readonly action: string;
  /** What is waited for. */
  readonly now: string;
  readonly address: string;
  /** Null before there is one. */
  readonly service: ServiceView | null;
  /** Answers of the last second by app. */
  readonly lastSecond: Readonly<Record<string, number>>;
  readonly requests: number;
  readonly failures: number;
  readonly p99Ms: number;
  readonly reloads: number;
}

const width = 79;
const barWidth = 24;
/** The screen has room for so many versions. */
const poolsShown = 3;
/** As many as the fullest screen has, so that it does not jump. */
export const screenLines = 23;

export function renderScreen(scene: Scene, style: Style): readonly string[] {
  const { paint } = style;
  const rule = paint.dim(` ${style.glyphs.rule.repeat(width - 2)}`);
  const lines = [
    title(scene, style),
    rule,
    ...scene.steps.map((step, index) => stepLine(step, index, scene.steps[index - 1], style)),
    rule,
    ` ${paint.cyan(fit(scene.action, width - 2))}`,
    ` ${fit(scene.now, width - 2)}`,
    '',
    ...serviceLines(scene, style),
  ];
  while (lines.length < screenLines - 2) lines.push('');
  const over = scene.steps.every(({ mark }) => mark !== 'now');
  return [...lines, counters(scene, style), paint.dim(over ? '' : ' Ctrl-C ends the demo and cleans up.')];
}

function title({ elapsedMs, steps }: Scene, { paint }: Style): string {
  const at = steps.findIndex((step) => step.mark === 'now' || step.mark === 'failed');
  const where = at < 0 ? 'done' : `step ${at + 1} of ${steps.length}`;
  const seconds = Math.floor(elapsedMs / 1000);
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  const left = ' Baton demo: traffic moves because of a label';
  return paint.bold(`${left}${`${where}   ${clock}`.padStart(width - left.length)}`);
}

function stepLine(
  step: Scene['steps'][number],
  index: number,
  before: Scene['steps'][number] | undefined,
  { paint, glyphs }: Style,
): string {
  const result = step.mark === 'next' && before?.mark === 'now' ? 'next' : step.result;
  const text = ` ${glyphs[step.mark]} ${index + 1}  ${fit(step.title, 40).padEnd(41)}${result.padStart(32)}`;
  const colour = { done: paint.green, now: paint.bold, next: paint.dim, failed: paint.red }[step.mark];
  return colour(text.trimEnd());
}

function serviceLines(scene: Scene, { paint, glyphs }: Style): readonly string[] {
  const { service } = scene;
  if (service === null) return [paint.dim(' no service yet')];
  const total = Object.values(scene.lastSecond).reduce((a, b) => a + b, 0);
  const head = ` ${nameOf(service.service)} on ${scene.address}: ${service.phase}, ${service.ratio} % on side B`;
  const columns = ` ${'version'.padEnd(10)}${'requests of the last second'.padEnd(barWidth + 9)}${'weight'.padStart(9)}${'priority'.padStart(10)}  side slot  up`;
  const pools = service.pools.slice(0, poolsShown).flatMap((pool) => {
    const share = total === 0 ? 0 : (scene.lastSecond[pool.app] ?? 0) / total;
    return poolLines(pool, share, { paint, glyphs });
  });
  return [paint.bold(fit(head, width)), paint.dim(columns), ...pools];
}

function poolLines(pool: PoolView, share: number, { paint, glyphs }: Style): readonly string[] {
  const colour = {
    active: paint.green,
    waiting: paint.yellow,
    draining: paint.cyan,
    standby: paint.dim,
    empty: paint.dim,
    aborted: paint.red,
  };
  // The least share still shows.
  const filled = share === 0 ? 0 : Math.max(1, Math.round(share * barWidth));
  const bar =
    colour[pool.state](glyphs.full.repeat(filled)) + paint.dim(glyphs.empty.repeat(barWidth - filled));
  const up = pool.endpoints.filter(({ health, probed }) => health === 'up' && probed === 'passed').length;
  const facts = [
    sharePercent(share).padStart(9),
    `${pool.weight} %`.padStart(9),
    String(pool.priority).padStart(10),
    `  ${pool.side}    ${pool.slot.padEnd(4)} ${up}/${pool.endpoints.length}`,
  ];
  const name = fit(nameOf(pool.app), 9).padEnd(10);
  return [
    ` ${pool.state === 'active' ? paint.bold(name) : name}${bar}${facts.join('')}`,
    `  ${colour[pool.state](fit(`${pool.state}: ${pool.because.text}`, width - 2))}`,
  ];
}

function counters(scene: Scene, { paint }: Style): string {
  const rate = Object.values(scene.lastSecond).reduce((a, b) => a + b, 0);
  const failed = `${grouped(scene.failures)} failed`;
  return [
    ` ${counted(scene.requests, 'request')}`,
    scene.failures === 0 ? paint.green(failed) : paint.red(failed),
    `${rate}/s`,
    `p99 ${scene.p99Ms.toFixed(1)} ms`,
    counted(scene.reloads, 'reload'),
  ].join('   ');
}
