/**
 * The Marathon of a run, in a process of its own: prints its address, and does what it is told to: ends its streams, or
 * lets so many tasks die a second.
 */
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { newerVersion } from './apps.ts';

const everyMs = 10;

const simulator = await startSimulator({ tasks: 'addresses', startDelayMs: 300, healthSpeed: 60 });
process.stdout.write(`${simulator.url}\n`);

let churning = new AbortController();

/** One task of each app after the other; never the tasks of the named app, nor those that carry a pool that moves. */
async function churn(perSecond: number, spared: string, signal: AbortSignal): Promise<void> {
  const begun = performance.now();
  for (let died = 0; ; ) {
    const running = (await simulator.tasks()).filter(
      ({ app, state }) => state === 'TASK_RUNNING' && app !== `/bench/${spared}` && app !== newerVersion,
    );
    if (running.length === 0) return;
    for (const { id } of inTurns(running)) {
      while ((performance.now() - begun) * perSecond < died * 1000) await pause(everyMs);
      if (signal.aborted) return;
      died += 1;
      simulator.crashTask(id);
    }
  }
}

/** Neighbours in the list are tasks of one app: of ten, one or two die, and then the next app's turn comes. */
function inTurns<T>(things: readonly T[]): readonly T[] {
  const step = 7;
  return Array.from({ length: step }, (_, first) => things.filter((__, at) => at % step === first)).flat();
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [order, count, spared] = line.split(' ');
    if (order === 'close-streams') simulator.closeStreams();
    if (order !== 'churn') return;
    churning.abort();
    churning = new AbortController();
    if (count !== '0') void churn(Number(count), spared ?? '', churning.signal);
  })
  .on('close', () => process.exit(0));
