/** The table at the end, and the verdict. */
import type { Latency } from './latency.ts';
import type { LoadFailure } from './load-record.ts';
import type { Step } from './story.ts';
import { counted, duration, grouped, type Style, sharePercent } from './style.ts';

/** One step that was played to its end. */
export interface StepResult {
  readonly step: Step;
  readonly requests: number;
  readonly failures: number;
  /**
   * From Marathon's word until the first request began that the new version answered, and until every new request
   * was on it, ms; null when nothing was to move.
   */
  readonly moved: { readonly firstMs: number; readonly allMs: number } | null;
  /** Of the requests that began after the step was done: how many there were, and how many the carrier answered. */
  readonly settled: { readonly requests: number; readonly byCarrier: number };
  /** As Baton shows it, percent on side B. */
  readonly ratio: number;
  /** Reloads of HAProxy before and after Marathon's word: the latter would be the move's. */
  readonly reloads: { readonly preparing: number; readonly moving: number };
}

export interface Outcome {
  readonly results: readonly StepResult[];
  /** How many steps there are. */
  readonly steps: number;
  /** Why it did not go on; null when it played to the end. */
  readonly trouble: string | null;
  readonly requests: number;
  readonly failures: number;
  readonly failed: readonly LoadFailure[];
  readonly latency: Latency;
}

const failuresShown = 5;

/** What did not go as it should; none: the demo has passed. */
export function complaints(outcome: Outcome): readonly string[] {
  const found = outcome.trouble === null ? [] : [outcome.trouble];
  const missing = outcome.steps - outcome.results.length;
  if (missing > 0 && outcome.trouble === null) found.push(`${counted(missing, 'step')} not played`);
  for (const { step, settled, reloads } of outcome.results) {
    const astray = settled.requests - settled.byCarrier;
    if (astray > 0)
      found.push(`${step.title}: ${counted(astray, 'request')} went elsewhere than to ${step.carrier}`);
    if (reloads.moving > 0)
      found.push(`${step.title}: ${counted(reloads.moving, 'reload')} caused by the move`);
  }
  if (outcome.failures > 0) found.push(`${counted(outcome.failures, 'request')} failed`);
  return found;
}

export function renderSummary(outcome: Outcome, style: Style): readonly string[] {
  const { paint, glyphs } = style;
  const { results, latency } = outcome;
  const preparing = results.reduce((sum, { reloads }) => sum + reloads.preparing, 0);
  const wrong = complaints(outcome);
  const moves = results.filter(({ moved }) => moved !== null).length;
  return [
    paint.bold(row('Summary', ['requests', 'failed', 'first', 'all', 'share', 'side', 'ratio', 'reloads'])),
    ...results.flatMap((result) => resultLines(result, style)),
    '',
    paint.dim(" first, all: from Marathon's word until the first request began on the version,"),
    paint.dim(' and until every new request did. share: of the requests that began after.'),
    paint.dim(' ratio: percent on side B.'),
    '',
    ` ${counted(outcome.requests, 'request')}, ${grouped(outcome.failures)} failed, p50 ${ms(latency.p50)}, p99 ${ms(latency.p99)}, max ${ms(latency.max)}`,
    ` ${counted(preparing, 'reload')} to prepare (a new service, a version first seen), ${results.reduce((sum, { reloads }) => sum + reloads.moving, 0)} caused by a move`,
    ...outcome.failed.slice(0, failuresShown).map((failure) => paint.red(` failed: ${failureLine(failure)}`)),
    '',
    wrong.length === 0
      ? paint.green(
          paint.bold(
            `${glyphs.done} Demo passed: ${counted(moves, 'move')}, ${counted(outcome.requests, 'request')}, 0 failed, 0 reloads caused by a move.`,
          ),
        )
      : paint.red(`${glyphs.failed} Demo failed: ${wrong.join('; ')}.`),
  ];
}

function resultLines(result: StepResult, { paint, glyphs }: Style): readonly string[] {
  const { step, moved, settled } = result;
  const what =
    step.move === null ? `${step.carrier} serves` : `${step.move.from} ${glyphs.arrow} ${step.carrier}`;
  const share = settled.requests === 0 ? 0 : settled.byCarrier / settled.requests;
  const cells = [
    grouped(result.requests),
    grouped(result.failures),
    moved === null ? '-' : duration(moved.firstMs),
    moved === null ? '-' : duration(moved.allMs),
    sharePercent(share),
    step.side,
    String(result.ratio),
    String(result.reloads.moving),
  ];
  return [row(what, cells), paint.dim(`   ${step.move?.trigger ?? step.title}`)];
}

const cellWidths = [9, 7, 7, 7, 9, 5, 6, 8];

function row(what: string, cells: readonly string[]): string {
  return ` ${what.padEnd(20)}${cells.map((cell, index) => cell.padStart(cellWidths[index] ?? 0)).join('')}`;
}

function failureLine({ kind, detail, client, phase }: LoadFailure): string {
  return `${kind}, ${client} client, in "${phase}": ${detail}`;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
