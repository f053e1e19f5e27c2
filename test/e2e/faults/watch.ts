/** Watches the weights of a service all the time: they make 100, or nobody is up; and which of them were seen. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Scene, Weights } from './scene.ts';

export interface Watch {
  /** Looks in which the weights did not make 100 although somebody was up. */
  wrong(): readonly string[];
  /** The weights seen since this was called last. */
  seen(): readonly Weights[];
  stop(): Promise<void>;
}

const everyMs = 80;

export function watch(scene: Scene): Watch {
  const stop = new AbortController();
  const wrong: string[] = [];
  let seen = new Map<string, Weights>();

  async function look(): Promise<void> {
    const { phase, pools } = await scene.view();
    const weights = scene.weightsIn({ pools });
    seen.set(JSON.stringify(weights), weights);
    const total = pools.reduce((sum, { weight }) => sum + Math.round(weight * 100), 0);
    if (total !== 10_000 && phase !== 'down') wrong.push(`${phase}: ${JSON.stringify(weights)}`);
  }

  async function follow(): Promise<void> {
    while (!stop.signal.aborted) {
      // A Baton that is down says nothing.
      await look().catch(() => undefined);
      await pause(everyMs);
    }
  }

  const done = follow();
  return {
    wrong: () => wrong,
    seen() {
      const found = [...seen.values()];
      seen = new Map();
      return found;
    },
    async stop() {
      stop.abort();
      await done;
    },
  };
}
