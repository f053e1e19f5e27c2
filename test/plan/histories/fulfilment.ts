/** Who carries out wishes in a history: after a while, or never, or not at all. */
import type { AppId } from '../../../src/model/ids.ts';
import { millis } from '../../../src/model/ids.ts';
import type { SettledWish } from '../../../src/plan/settle-wishes.ts';
import type { Wish, WishState } from '../../../src/plan/wishes.ts';
import type { SimMarathon } from './marathon.ts';

export type Mood = 'obeys' | 'refuses' | 'fails';

interface Entry {
  readonly wish: Wish;
  readonly since: number;
  outcome: WishState['outcome'];
  dueAt: number;
}

export class SimFulfilment {
  mood: Mood = 'obeys';
  /** What was carried out, in order. */
  readonly done: Wish[] = [];
  readonly delayMs: number;
  private readonly marathon: SimMarathon;
  private entries = new Map<AppId, Entry>();

  constructor(delayMs: number, marathon: SimMarathon) {
    this.delayMs = delayMs;
    this.marathon = marathon;
  }

  /** The same wish is asked for once; what is not wished for any more is let go. */
  want(now: number, wishes: readonly SettledWish[]): void {
    const next = new Map<AppId, Entry>();
    for (const { wish } of wishes) {
      const known = this.entries.get(wish.app);
      const isSame = known !== undefined && whatOf(known.wish) === whatOf(wish);
      next.set(
        wish.app,
        isSame ? known : { wish, since: now, outcome: 'under-way', dueAt: now + this.delayMs },
      );
    }
    this.entries = next;
    this.step(now);
  }

  step(now: number): void {
    for (const entry of this.entries.values()) {
      if (entry.outcome === 'refused' || now < entry.dueAt) continue;
      entry.dueAt = now + 30_000;
      if (this.mood === 'refuses') entry.outcome = 'refused';
      else if (this.mood === 'fails') entry.outcome = 'failed';
      else if (entry.outcome !== 'done') {
        entry.outcome = 'done';
        this.done.push(entry.wish);
        this.carryOut(entry.wish);
      }
    }
  }

  private carryOut(wish: Wish): void {
    if (wish.kind === 'scale') this.marathon.scale(wish.app, wish.instances);
    else if (wish.kind === 'kill') this.marathon.kill(wish.app, wish.tasks);
    else this.marathon.apps.delete(wish.app);
  }

  nextAt(now: number): number {
    const times = [...this.entries.values()]
      .filter(({ outcome }) => outcome === 'under-way' || outcome === 'failed')
      .map(({ dueAt }) => dueAt);
    return Math.min(...times.filter((at) => at > now), Number.POSITIVE_INFINITY);
  }

  states(): ReadonlyMap<AppId, WishState> {
    return new Map(
      [...this.entries].map(([app, { wish, since, outcome }]) => [
        app,
        {
          wish,
          since: millis(since),
          outcome,
          problem: outcome === 'refused' || outcome === 'failed' ? 'no' : null,
        },
      ]),
    );
  }

  /** A restart. */
  forget(): void {
    this.entries.clear();
  }
}

function whatOf(wish: Wish): string {
  const { because: _, ...what } = wish;
  return JSON.stringify(what);
}
