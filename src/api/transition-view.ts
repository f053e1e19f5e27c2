/** What GET /v1/services says of transitions and of weights that were set by hand. */
import type { Held, Judged, JudgementMemory } from '../plan/transition/types.ts';
import type { ServiceVerdict } from '../plan/verdict.ts';
import { isoTime } from './answer.ts';

type Told = Pick<ServiceVerdict, 'transition' | 'lastTransition' | 'manual'>;

export function transitionViews({ transition: view, lastTransition: ended, manual }: Told) {
  return {
    /** The one that is under way; null when none is. */
    transition:
      view === null
        ? null
        : {
            phase: view.phase,
            startedAt: isoTime(view.startedAt),
            to: view.to,
            from: view.from,
            /** From 1. */
            step: view.step,
            steps: view.steps,
            /** Percent: the share that this step declares for the new pools. */
            weight: view.weight / 100,
            holdEndsAt: isoTime(view.holdEndsAt),
            paused: view.paused === null ? null : heldView(view.paused),
            judgement: judgementView(view.judgement),
            because: view.because,
          },
    lastTransition:
      ended === null
        ? null
        : {
            ...ended,
            startedAt: isoTime(ended.startedAt),
            endedAt: isoTime(ended.endedAt),
            judged: ended.judged == null ? null : judgedView(ended.judged),
          },
    manual:
      manual === null
        ? null
        : {
            ...heldView(manual),
            /** Percent. */
            weights: manual.weights.map(({ app, weight }) => ({ app, weight: weight / 100 })),
          },
  };
}

function heldView({ since, by, why }: Held) {
  return { since: isoTime(since), by, why };
}

/** How many there were, how many of a kind in a row, and the last one. */
function judgementView({ made, failures, inconclusive, errors, last }: JudgementMemory) {
  return {
    made,
    failures,
    inconclusive,
    errors,
    last: last === null ? null : judgedView(last),
  };
}

function judgedView(judged: Judged) {
  return { ...judged, at: isoTime(judged.at) };
}
