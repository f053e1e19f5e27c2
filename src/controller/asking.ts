/** What the planner wants to know of others: each ask is measured once, and its answer kept for as long as it is asked for. */
import type { Measurer } from '../measure/measurer.ts';
import type { Answers, Ask, Measurement } from '../plan/asks.ts';

export interface Asking {
  /** All asks that stand now. What is not among them is of no interest any more: it is cancelled, or its answer forgotten. */
  ask(asks: readonly Ask[]): void;
  /** To those of the asks that have been answered. */
  answers(): Answers;
  /** Cancels all that is under way, and waits until it has ended. Nothing is asked after that. */
  close(): Promise<void>;
}

/** A webhook for each of many services must not all be called at one moment. */
const atOnce = 16;

/** @param onAnswer called when an answer has come that is still of interest */
export function createAsking(measure: Measurer['measure'], onAnswer: () => void): Asking {
  let wanted: ReadonlyMap<string, Ask> = new Map();
  let answers: Answers = new Map();
  const underWay = new Map<string, AbortController>();
  /** What has been cancelled and not ended yet still counts. */
  const running = new Set<Promise<void>>();
  let isClosed = false;

  function startMore(): void {
    for (const [id, ask] of wanted) {
      if (isClosed || running.size >= atOnce) return;
      if (answers.has(id) || underWay.has(id)) continue;
      const stop = new AbortController();
      const ended = measure(ask, stop.signal).then((measurements) => {
        running.delete(ended);
        if (!stop.signal.aborted) keep(id, measurements);
        startMore();
      });
      underWay.set(id, stop);
      running.add(ended);
    }
  }

  function keep(id: string, measurements: readonly Measurement[]): void {
    underWay.delete(id);
    answers = new Map([...answers, [id, measurements]]);
    onAnswer();
  }

  function cancel(isUnwanted: (id: string) => boolean): void {
    for (const [id, stop] of underWay) {
      if (!isUnwanted(id)) continue;
      stop.abort();
      underWay.delete(id);
    }
  }

  return {
    ask(asks) {
      wanted = new Map(asks.map((each) => [each.id, each]));
      cancel((id) => !wanted.has(id));
      if ([...answers.keys()].some((id) => !wanted.has(id)))
        answers = new Map([...answers].filter(([id]) => wanted.has(id)));
      startMore();
    },
    answers: () => answers,
    async close() {
      isClosed = true;
      cancel(() => true);
      await Promise.all(running);
    },
  };
}
