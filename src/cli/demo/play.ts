/** Plays one step of the story: does it, waits for Marathon's word and for the traffic, and measures. */
import { appId } from '../../model/ids.ts';
import type { ServiceView } from './baton-view.ts';
import type { Cast } from './cast.ts';
import type { Load } from './load.ts';
import type { LoadSummary, PhaseSummary } from './load-record.ts';
import type { Step } from './story.ts';
import { counted, duration, grouped } from './style.ts';
import type { StepResult } from './summary.ts';
import { until } from './wait.ts';

export interface Stage {
  readonly cast: Cast;
  readonly signal: AbortSignal;
  /** Requests to count after each step is done. */
  readonly requests: number;
  /** How Baton's API showed the service a moment ago. */
  service(): ServiceView | null;
  /** The load; begins when it is first asked for. */
  load(): Load;
  /** Null before it has begun. */
  runningLoad(): Load | null;
  event(text: string): void;
  /** Says what is waited for. */
  waitingFor(what: () => string): void;
}

/** Its counts are final when the load has stopped: {@link finalResult}. */
export interface PlayedStep {
  readonly step: Step;
  readonly saidAt: number;
  readonly settled: StepResult['settled'];
  readonly ratio: number;
  readonly reloads: StepResult['reloads'];
}

/** @returns what was measured, and the result as it stands while the last requests are still under way */
export async function playStep(
  step: Step,
  stage: Stage,
): Promise<{ readonly played: PlayedStep; readonly result: StepResult }> {
  const { cast, signal } = stage;
  const wait = { signal, trouble: () => cast.trouble(), detail: () => stateOf(stage.service()) };
  const reloadsBefore = await cast.baton.reloads();
  stage.runningLoad()?.mark(step.title);
  await step.perform(cast.marathon);
  stage.event(step.action);
  stage.waitingFor(() => `waiting until Marathon says that ${step.word}`);
  const saidAt = await until(`Marathon to say that ${step.word}`, () => step.said(cast.marathon), wait);
  stage.event(`Marathon: ${step.word}`);
  const reloadsAtWord = await cast.baton.reloads();
  stage.waitingFor(() => `Baton: ${stage.service()?.because.text ?? 'no service yet'}`);
  await until(`all traffic to be on ${step.carrier}`, () => isShown(step, stage.service()), wait);
  const load = stage.load();
  await until(`an answer of ${step.carrier}`, () => answeredBy(step.carrier, load), wait);
  const doneAt = performance.now();
  stage.waitingFor(
    () =>
      `counting requests on ${step.carrier}: ${grouped(sum(load.begunSince(doneAt)))} of ${grouped(stage.requests)}`,
  );
  const counted = await until(
    `${stage.requests} requests`,
    () => {
      const answers = load.begunSince(doneAt);
      return sum(answers) >= stage.requests ? answers : null;
    },
    wait,
  );
  const reloadsAfter = await cast.baton.reloads();
  const played = {
    step,
    saidAt,
    settled: { requests: sum(counted), byCarrier: counted[appId(step.carrier)] ?? 0 },
    ratio: stage.service()?.ratio ?? 0,
    reloads: { preparing: reloadsAtWord - reloadsBefore, moving: reloadsAfter - reloadsAtWord },
  };
  const [result] = finalResults([played], { phases: load.snapshot().phases.slice(-1) });
  if (result === undefined) throw new Error('the load has no phase');
  stage.event(`done: ${shortResult(result)}`);
  return { played, result };
}

/** Each step is one phase of the load. */
export function finalResults(
  played: readonly PlayedStep[],
  { phases }: Pick<LoadSummary, 'phases'>,
): readonly StepResult[] {
  return played.flatMap((each, index) => {
    const phase = phases[index];
    return phase === undefined ? [] : [finalResult(each, phase)];
  });
}

function finalResult({ step, saidAt, settled, ratio, reloads }: PlayedStep, phase: PhaseSummary): StepResult {
  const { requests, failures } = phase;
  return { step, requests, failures, moved: movedIn(phase, step, saidAt), settled, ratio, reloads };
}

/** Measured by when the requests began. HAProxy may have been quicker than Marathon's word: that counts as 0. */
export function movedIn(phase: PhaseSummary, step: Step, saidAt: number): StepResult['moved'] {
  if (step.move === null) return null;
  const carrier = appId(step.carrier);
  const first = phase.apps[carrier]?.firstBegunAt ?? saidAt;
  const others = Object.entries(phase.apps).filter(([app]) => app !== carrier);
  const last = Math.max(...others.map(([, answers]) => answers.lastBegunAt), first);
  return { firstMs: Math.max(0, first - saidAt), allMs: Math.max(0, last - saidAt) };
}

/** For the list of steps and the plain lines. */
export function shortResult({ moved, requests, failures }: StepResult): string {
  const count = `${counted(requests, 'request')}, ${failures} failed`;
  return moved === null ? count : `${duration(moved.allMs)}, ${count}`;
}

function isShown(step: Step, service: ServiceView | null): boolean {
  if (service === null) return false;
  const carrier = service.pools.find(({ app }) => app === appId(step.carrier));
  return (
    carrier?.weight === 100 &&
    carrier.side === step.side &&
    service.ratio === (step.side === 'B' ? 100 : 0) &&
    (step.shown?.(service) ?? true)
  );
}

function answeredBy(app: string, load: Load): boolean {
  return load.snapshot().phases.at(-1)?.apps[appId(app)] !== undefined;
}

function stateOf(service: ServiceView | null): string {
  if (service === null) return 'Baton shows no such service';
  return service.pools
    .map(({ app, weight, state, because }) => `${app} ${weight} % ${state} (${because.text})`)
    .join(', ');
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((a, b) => a + b, 0);
}
