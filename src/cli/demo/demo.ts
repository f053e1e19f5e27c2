/** `baton demo`: the whole of Baton on this machine, in about a minute. */
import { parseVerbFlags } from '../flags.ts';
import { type Cast, enter, healthSpeed } from './cast.ts';
import { startLoad } from './load.ts';
import type { LoadSummary } from './load-record.ts';
import { finalResults, type PlayedStep, playStep, shortResult } from './play.ts';
import { openShow, type Show } from './show.ts';
import { story } from './story.ts';
import { counted, styleFor } from './style.ts';
import { complaints, type Outcome, renderSummary } from './summary.ts';

const usage = `usage: baton demo [flags]

Plays the graceful migration of app1 on this machine: a simulated Marathon with
real task servers, Baton, a real HAProxy, and clients that count every failed
request. All ports are free ones of 127.0.0.1, and nothing is left behind.
Takes about a minute.

  --keep          leave it running at the end, and say how to play with it
  --requests N    requests to count after each step, 100 to 100000 (2000)
  -h, --help      this text

Exit code 0 only when every move happened and no request failed.
`;

/** The load that goes on with --keep, requests a second. */
const playRate = 50;

const exitCodes = { passed: 0, failed: 1, usage: 2, interrupted: 130 } as const;

interface DemoOptions {
  readonly keep: boolean;
  readonly requests: number;
}

export async function demo(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const values = parseVerbFlags(argv, {
    keep: { type: 'boolean', default: false },
    requests: { type: 'string', default: '2000' },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (values.help) {
    process.stdout.write(usage);
    return exitCodes.passed;
  }
  const requests = Number(values.requests);
  if (!Number.isInteger(requests) || requests < 100 || requests > 100_000) {
    process.stderr.write(`baton demo: --requests must be 100 to 100000, not ${values.requests}\n`);
    return exitCodes.usage;
  }
  // A terminal or a pipe that is closed must not leave anything behind either.
  const hangup = new AbortController();
  const onHangup = (): void => hangup.abort(new Error('nobody looks on any more'));
  process.on('SIGHUP', onHangup);
  process.stdout.on('error', onHangup);
  const either = AbortSignal.any([signal, hangup.signal]);
  try {
    return await perform({ keep: values.keep, requests }, either);
  } catch (error) {
    if (!either.aborted) throw error;
    return exitCodes.interrupted;
  } finally {
    process.off('SIGHUP', onHangup);
  }
}

async function perform(options: DemoOptions, signal: AbortSignal): Promise<number> {
  process.stdout.write('Starting a simulated Marathon, Baton and HAProxy.\n');
  const cast = await enter(signal);
  try {
    const style = styleFor(process.stdout.isTTY, process.env);
    const show = openShow({ cast, story, style, out: process.stdout, term: process.env['TERM'] });
    show.display.event(
      `Marathon (simulated, health checks ${healthSpeed} times as fast) on ${cast.marathon.url}`,
    );
    show.display.event(`Baton on ${cast.baton.url}, the service on http://127.0.0.1:${cast.servicePort}`);
    try {
      const outcome = await playAll(cast, show, options.requests, signal);
      const passed = complaints(outcome).length === 0;
      show.display.print(['', ...renderSummary(outcome, style)]);
      if (outcome.trouble !== null) show.display.print([await cast.lastWords()]);
      if (options.keep) await keepRunning(cast, show, signal);
      return passed ? exitCodes.passed : exitCodes.failed;
    } finally {
      await show.close();
      await show.runningLoad()?.stop();
      if (signal.aborted) show.display.print(['Stopping, and cleaning up.']);
    }
  } finally {
    await cast.leave();
  }
}

async function playAll(cast: Cast, show: Show, requests: number, signal: AbortSignal): Promise<Outcome> {
  const played: PlayedStep[] = [];
  let trouble: string | null = null;
  const stage = {
    ...show,
    cast,
    signal,
    requests,
    event: (text: string) => show.display.event(text),
  };
  for (const [index, step] of story.entries()) {
    show.begin(step);
    try {
      const { played: done, result } = await playStep(step, stage);
      played.push(done);
      show.end(shortResult(result), 'done');
    } catch (error) {
      signal.throwIfAborted();
      show.end('', 'failed');
      trouble = `step ${index + 1} (${step.title}): ${error instanceof Error ? error.message : String(error)}`;
      break;
    }
  }
  const summary = await endOfLoad(show);
  return {
    results: summary === null ? [] : finalResults(played, summary),
    steps: story.length,
    trouble,
    requests: summary?.requests ?? 0,
    failures: summary?.failures ?? 0,
    failed: summary?.failed ?? [],
    latency: summary?.latency ?? { p50: 0, p99: 0, max: 0 },
  };
}

async function endOfLoad(show: Show): Promise<LoadSummary | null> {
  show.waitingFor(() => 'all steps are played');
  return (await show.runningLoad()?.stop()) ?? null;
}

async function keepRunning(cast: Cast, show: Show, signal: AbortSignal): Promise<void> {
  const service = `http://127.0.0.1:${cast.servicePort}/`;
  const app = `${cast.marathon.url}/v2/apps/app1-200`;
  show.display.print([
    '',
    'It all keeps running. To play with it, in another terminal:',
    `  curl ${service}`,
    '      the service: who answers?',
    `  curl ${cast.baton.url}/v1/services`,
    '      Baton: who has what share, and why (also /v1/diagnostics, /metrics)',
    `  curl -X PUT -H 'Content-Type: application/json' ${app} \\`,
    `    -d '{"instances": 0}'`,
    '      Marathon: app1-200 to 0 instances; app1-100 takes over',
    `  baton simulate --help`,
    `      what else this Marathon can do; it listens on ${cast.marathon.url}`,
    '',
    `${playRate} requests a second go on, and what Baton does is told here.`,
    'Ctrl-C ends it and cleans up.',
    '',
  ]);
  const load = startLoad({ port: cast.servicePort, keepAlive: 2, newConnection: 2, ratePerSecond: playRate });
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
  const { requests, failures } = await load.stop();
  show.display.print(['', `Meanwhile ${counted(requests, 'request')}, ${failures} failed.`]);
}
