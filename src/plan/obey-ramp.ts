/** What a person's command makes of a ramp that is under way. */
import { millis } from '../model/ids.ts';
import { percent } from '../model/weights.ts';
import type { Obedience, Obeying } from './obey.ts';
import { nameOf } from './reasons.ts';
import { declaredOf, risingIn } from './transition/ramp.ts';
import { abortedByHand } from './transition/reasons.ts';
import type { RampMemory } from './transition/types.ts';

/** Null: it is not about the ramp. */
export function obeyRamp({ now, command, by, why, memory, verdict }: Obeying): Obedience | null {
  const { ramp, transition, manual } = memory;
  if (ramp === null || ramp.way === null || transition !== null || manual !== null) return null;
  const { way } = ramp;
  const done = (next: RampMemory, text: string): Obedience => ({
    outcome: 'done',
    memory: { ...memory, ramp: next },
    text,
  });
  const refused = (problem: string): Obedience => ({ outcome: 'refused', problem });
  const goes = { ...way, paused: null, aborted: null };
  switch (command.verb) {
    case 'promote': {
      if (!command.full) return done({ ...ramp, since: millis(0), way: goes }, 'goes on with the next step');
      const step = Math.max(way.step, verdict.transition?.steps ?? 0);
      return done({ shares: way.goal, since: null, way: { ...goes, step } }, 'goes to the end');
    }
    case 'pause':
      if (way.aborted !== null) return refused('it went back already; resume begins it anew');
      if (way.paused !== null) return refused(`it has been paused by ${way.paused.by} already`);
      return done({ ...ramp, way: { ...way, paused: { since: now, by, why } } }, 'stays until it is resumed');
    case 'resume': {
      if (way.aborted !== null) return done({ ...ramp, way: null }, 'begins anew');
      if (way.paused === null) return refused('nobody has paused it');
      const began = way.paused.since;
      // What was left of a hold when it was paused is left of it still.
      const since = ramp.since === null ? null : millis(ramp.since + now - Math.max(began, ramp.since));
      return done({ ...ramp, since, way: goes }, 'goes on');
    }
    case 'abort': {
      if (way.aborted !== null) return refused('it went back already');
      const to = risingIn(way);
      const because = abortedByHand(to, by, why);
      const last = { outcome: 'aborted', to, startedAt: way.startedAt, endedAt: now, because } as const;
      const declared = declaredOf(verdict.pools.map(({ app, declaredWeight: weight }) => ({ app, weight })));
      const back = way.from.map(({ app, weight }) => `${nameOf(app)} ${percent(weight)}`).join(', ');
      const next = {
        shares: way.from,
        since: null,
        way: { ...way, paused: null, aborted: { because, declared } },
      };
      return {
        outcome: 'done',
        memory: { ...memory, last, ramp: next },
        text: `back to ${back}; it stays so until other weights are declared, or somebody resumes`,
      };
    }
    default:
      return null;
  }
}
