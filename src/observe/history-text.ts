/** Entries of the history as sentences for people. */
import { percent } from '../model/weights.ts';
import type { Command } from '../plan/command.ts';
import { nameOf } from '../plan/reasons.ts';
import type { Wish } from '../plan/wishes.ts';
import type { Fact } from './facts.ts';
import type { GatewayFact } from './gateway-facts.ts';
import { gatewayText } from './gateway-lines.ts';
import type { TransitionFact } from './transition-facts.ts';
import { measuredText } from './transition-lines.ts';

/** Facts that belong to the history of a service. */
export type HistoryFact =
  | Extract<Fact, { kind: 'traffic-moved' | 'phase-changed' }>
  | GatewayFact
  | Exclude<TransitionFact, { kind: 'transition-phase-changed' }>;

export function historyText(fact: HistoryFact): string {
  switch (fact.kind) {
    case 'traffic-moved':
      return `traffic: ${sharesText(Object.entries(fact.to))}; ${fact.because.text}`;
    case 'phase-changed':
      return `${fact.phase}: ${fact.because.text}`;
    case 'gateway-changed':
    case 'gateway-regrouped':
      return gatewayText(fact);
    case 'transition-started': {
      const { to, from, steps, weight, because } = fact;
      const way = `to ${names(to)}${from.length === 0 ? '' : ` from ${names(from)}`}`;
      const count = `${steps} ${steps === 1 ? 'step' : 'steps'}, first ${percent(weight)}`;
      return `transition ${way} begins (${count}): ${because.text}`;
    }
    case 'transition-stepped':
      return `step ${fact.step} of ${fact.steps} (${percent(fact.weight)}): ${fact.because.text}`;
    case 'transition-paused':
      return fact.by === null
        ? `paused: ${fact.because.text}`
        : `paused by ${fact.by}${fact.why === null ? '' : `: ${fact.why}`}`;
    case 'transition-resumed':
      return `goes on: ${fact.because.text}`;
    case 'transition-ended': {
      const { outcome, to, startedAt, endedAt, because } = fact.ended;
      const seconds = Math.round((endedAt - startedAt) / 1000);
      return `transition to ${names(to)} ${outcome} after ${seconds} s: ${because.text}`;
    }
    case 'judged':
      return `judged ${names(fact.apps)}, ${fact.judged.outcome}: ${measuredText(fact.judged.measurements)}`;
    case 'latched':
      return `${nameOf(fact.app)} was sent back: ${fact.because.text}`;
    case 'unlatched':
      return `${nameOf(fact.app)} may carry traffic again`;
    case 'manual-set': {
      const { by, why, weights } = fact.manual;
      const shares = sharesText(weights.map(({ app, weight }) => [app, weight]));
      return `weights set by hand by ${by}: ${shares}${why === null ? '' : `; ${why}`}`;
    }
    case 'manual-released':
      return 'weights are no longer set by hand';
    case 'ordered': {
      const { order, obeyed } = fact;
      const why = order.why === null ? '' : ` (${order.why})`;
      const answer =
        obeyed.outcome === 'done'
          ? obeyed.text
          : obeyed.outcome === 'refused'
            ? `refused, ${obeyed.problem}`
            : 'there is no such service';
      return `${order.by} ordered ${commandText(order.command)}${why}: ${answer}`;
    }
    case 'wish-fulfilled':
      return `asked Marathon to ${wishText(fact.wish)}: ${fact.wish.because.text}`;
    case 'wish-failed':
      return `could not ${wishText(fact.wish)} (${fact.outcome}): ${fact.problem}`;
  }
}

function commandText(command: Command): string {
  if (command.verb === 'weight') return `weight ${nameOf(command.app)}=${command.percent}`;
  return command.verb === 'promote' && command.full ? 'promote to the end' : command.verb;
}

function wishText(wish: Wish): string {
  const app = nameOf(wish.app);
  switch (wish.kind) {
    case 'scale':
      return `scale ${app} to ${wish.instances}`;
    case 'kill':
      return `kill ${wish.tasks.length} ${wish.tasks.length === 1 ? 'task' : 'tasks'} of ${app}`;
    case 'delete':
      return `delete ${app}`;
  }
}

function sharesText(shares: readonly (readonly [string, number])[]): string {
  if (shares.length === 0) return 'nobody';
  return shares
    .toSorted(([, a], [, b]) => b - a)
    .map(([app, share]) => `${nameOf(app)} ${percent(share)}`)
    .join(', ');
}

function names(apps: readonly string[]): string {
  return apps.map(nameOf).join(', ');
}
