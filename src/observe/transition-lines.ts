/** Log lines of facts about transitions, orders and wishes. */
import { percent } from '../model/weights.ts';
import type { Measurement } from '../plan/asks.ts';
import type { Wish } from '../plan/wishes.ts';
import { type Line, line, readable, why } from './line.ts';
import type { TransitionFact } from './transition-facts.ts';

export const transitionMessages: Readonly<Record<TransitionFact['kind'], string>> = {
  'transition-started': 'transition started',
  'transition-stepped': 'transition took a step',
  'transition-phase-changed': 'transition changed phase',
  'transition-paused': 'transition paused',
  'transition-resumed': 'transition resumed',
  'transition-ended': 'transition ended',
  judged: 'judged the new version',
  latched: 'pool sent back; it takes nothing until it changes or somebody retries',
  unlatched: 'pool may carry traffic again',
  'manual-set': 'weights set by hand',
  'manual-released': 'weights are no longer set by hand',
  ordered: 'order received',
  'wish-fulfilled': 'asked Marathon for a change',
  'wish-failed': 'a change at Marathon failed',
};

export function transitionLine(fact: TransitionFact): Line {
  const message = transitionMessages[fact.kind];
  switch (fact.kind) {
    case 'transition-started': {
      const { service, to, from, steps, weight, because } = fact;
      return line('info', message, { service, to, from, steps, weight: percent(weight), ...why(because) });
    }
    case 'transition-stepped': {
      const { service, step, steps, weight, because } = fact;
      return line('info', message, { service, step, steps, weight: percent(weight), ...why(because) });
    }
    case 'transition-phase-changed':
      return line('debug', message, { service: fact.service, left: fact.left, phase: fact.phase });
    case 'transition-paused': {
      const { service, by, why: reason, because } = fact;
      return line('info', message, { service, by, why: reason, ...why(because) });
    }
    case 'transition-resumed':
      return line('info', message, { service: fact.service, ...why(fact.because) });
    case 'transition-ended': {
      const { outcome, to, startedAt, endedAt, because } = fact.ended;
      const isWell = outcome === 'complete' || outcome === 'superseded';
      const fields = { service: fact.service, outcome, to, durationMs: endedAt - startedAt };
      return line(isWell ? 'info' : 'warn', message, { ...fields, ...why(because) });
    }
    case 'judged': {
      const { outcome, measurements } = fact.judged;
      const isBad = outcome === 'failure' || outcome === 'error';
      const fields = {
        service: fact.service,
        apps: fact.apps,
        outcome,
        measured: measuredText(measurements),
      };
      return line(isBad ? 'warn' : outcome === 'success' ? 'debug' : 'info', message, fields);
    }
    case 'latched':
      return line('warn', message, { service: fact.service, app: fact.app, ...why(fact.because) });
    case 'unlatched':
      return line('info', message, { service: fact.service, app: fact.app });
    case 'manual-set': {
      const { by, why: reason, weights } = fact.manual;
      const shares = readable(Object.fromEntries(weights.map(({ app, weight }) => [app, weight])));
      return line('warn', message, { service: fact.service, by, why: reason, weights: shares });
    }
    case 'manual-released':
      return line('info', message, { service: fact.service });
    case 'ordered': {
      const { order, obeyed } = fact;
      const { verb, ...details } = order.command;
      const { outcome, ...answer } = obeyed;
      const fields = { service: order.service, verb, ...details, by: order.by, why: order.why, outcome };
      return line('info', message, { ...fields, ...answer });
    }
    case 'wish-fulfilled':
      return line('info', message, { service: fact.service, ...wishFields(fact.wish) });
    case 'wish-failed': {
      const { service, wish, outcome, problem } = fact;
      return line(outcome === 'refused' ? 'error' : 'warn', message, {
        service,
        ...wishFields(wish),
        outcome,
        problem,
      });
    }
  }
}

/** Every measurement in one sentence. */
export function measuredText(measurements: readonly Measurement[]): string {
  return measurements.map(({ what, text }) => `${what}: ${text}`).join('; ');
}

function wishFields(wish: Wish): Readonly<Record<string, unknown>> {
  const { kind, because, ...details } = wish;
  return { wish: kind, ...details, ...why(because) };
}
