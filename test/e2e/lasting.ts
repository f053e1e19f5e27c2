/** What a burst and a churn may leave behind: nothing. Memory, what is kept, and what is still to be read are as before. */
import { expect } from 'vitest';
import { randomFrom } from '../../src/simulator/random.ts';
import { type Heap, heapWithin, settledHeap } from '../support/heap.ts';
import { until } from '../support/wait.ts';
import { burstOf } from './burst.ts';
import { alive, baseIds } from './churn-apps.ts';
import { beginChurn, type Churn, pendingReads } from './churn.ts';
import { type ChurnStage, setChurnStage } from './churn-stage.ts';

export interface Lasting {
  readonly seed: number;
  /** Events in a burst, and how many bursts there are between two looks at the memory. */
  readonly burst: number;
  readonly bursts: number;
  /** Rounds before the first look at the memory: what is made once has been made then. */
  readonly warmUp: number;
  readonly rounds: number;
  readonly happeningsPerRound: number;
  /** Whether bursts announce apps that never come: it takes Baton 6 s to give up looking for those. */
  readonly announced: boolean;
  readonly tell?: (line: string) => void;
}

/** Memory may be this much more afterwards. */
const tolerance = 1.1;
/** What waits for the longest of Baton's timeouts is gone by then. */
const settleMs = 30_000;

/** @throws Error when Baton does not catch up, or anything has grown */
export async function leaveNothingBehind(lasting: Lasting): Promise<{ tasksSeen: number }> {
  const { rounds, tell = () => {} } = lasting;
  const chance = randomFrom(lasting.seed);
  const stage = await setChurnStage();
  const churn = await beginChurn(stage, chance);

  for (let round = 0; round < lasting.warmUp; round += 1) await churn.go(lasting.happeningsPerRound);
  await sendBurst(stage, churn, lasting, chance);
  await churn.restore();
  await expectOnlyTheLiving(stage);
  const before = await settledHeap(stage.baton);
  const most = before.used * tolerance;
  tell(`before: ${described(before)}`);

  for (let n = 0; n < lasting.bursts; n += 1) await sendBurst(stage, churn, lasting, chance);
  await churn.restore();
  await expectOnlyTheLiving(stage);
  tell(`after ${lasting.bursts} bursts: ${described(await heapWithin(stage.baton, most, settleMs))}`);

  for (let round = 0; round < rounds; round += 1) {
    await churn.go(lasting.happeningsPerRound);
    if (round % 10 === 9)
      tell(
        `${round + 1} rounds, ${churn.tasksSeen()} tasks: ${described(await settledHeap(stage.baton, 1))}`,
      );
  }
  await churn.restore();
  await expectOnlyTheLiving(stage);
  expect(await pendingReads(stage)).toBe(0);
  tell(`after the churn: ${described(await heapWithin(stage.baton, most, settleMs))}`);
  return { tasksSeen: churn.tasksSeen() };
}

/** All at once; every one is heard, few are worth a read of their own, and none is left over. */
async function sendBurst(
  stage: ChurnStage,
  churn: Churn,
  { burst, announced }: Lasting,
  chance: () => number,
): Promise<void> {
  const { baton, relay } = stage;
  const events = () => baton.metric('baton_marathon_events_total');
  const requests = () => baton.metric('baton_marathon_request_duration_seconds_count');
  await until('the stream', async () => (await baton.metric('baton_marathon_connected')) === 1);
  const { frames, heard } = burstOf(burst, await churn.tasks(), chance, announced);
  const [eventsBefore, requestsBefore] = [await events(), await requests()];
  await relay.inject(frames);
  await until('every event to be heard', async () => (await events()) >= eventsBefore + heard);
  await until('nothing to be left to read', async () => (await pendingReads(stage)) === 0);
  expect((await requests()) - requestsBefore).toBeLessThan(burst / 10);
}

/** What there is beside Marathon is what is alive there, and nothing of what was. */
async function expectOnlyTheLiving(stage: ChurnStage): Promise<void> {
  await until('what was deleted to be forgotten', async () => {
    const { labelled, ...counts } = await stage.kept();
    expect(counts).toEqual({
      rememberedApps: alive.apps,
      rememberedServices: alive.services,
      rememberedPools: alive.apps,
      files: alive.services,
      servers: alive.tasks,
      rowsOfChecks: alive.tasks,
      rowsOfSplits: alive.services,
    });
    expect([...labelled].filter((each) => !baseIds.has(each))).toEqual([]);
    return true;
  });
}

function described({ used, rss }: Heap): string {
  const inMb = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
  return `${inMb(used)} MB in use, ${inMb(rss)} MB resident`;
}
