/** The history: a fold of the facts about a service into entries that people can read afterwards. */
import type { HistoryEntry } from '../model/history.ts';
import type { Millis, ServiceId } from '../model/ids.ts';
import type { Fact, Observer } from './facts.ts';
import { type HistoryFact, historyText } from './history-text.ts';
import { lineOf } from './log.ts';

export interface HistoryKeeper {
  append(entry: HistoryEntry): void;
  /** From the newest on. */
  backwards(service: ServiceId): Iterable<HistoryEntry>;
}

/** Told again and again while nothing changes, or anew by each Baton that begins: a repetition is no history. */
const repeating = { judged: 'outcome', 'phase-changed': 'phase' } as const;

const kinds: Readonly<Record<HistoryFact['kind'], true>> = {
  'traffic-moved': true,
  'phase-changed': true,
  'gateway-changed': true,
  'gateway-regrouped': true,
  'transition-started': true,
  'transition-stepped': true,
  'transition-paused': true,
  'transition-resumed': true,
  'transition-ended': true,
  judged: true,
  latched: true,
  unlatched: true,
  'manual-set': true,
  'manual-released': true,
  ordered: true,
  'wish-fulfilled': true,
  'wish-failed': true,
};

export function createJournalObserver(keeper: HistoryKeeper, now: () => Millis): Observer {
  return (fact) => {
    if (!isHistory(fact) || isForNobody(fact)) return;
    const entry = entryOf(fact, now());
    if (!isRepetition(entry, keeper)) keeper.append(entry);
  };
}

function isHistory(fact: Fact): fact is HistoryFact {
  return Object.hasOwn(kinds, fact.kind);
}

/** Whoever orders something of services that are not there, or the same again, must not fill the journal. */
function isForNobody(fact: HistoryFact): boolean {
  if (fact.kind === 'gateway-changed')
    return fact.outcome === 'unchanged' || (fact.outcome === 'refused' && fact.gateway === null);
  return fact.kind === 'ordered' && fact.obeyed.outcome === 'unknown';
}

function entryOf(fact: HistoryFact, at: Millis): HistoryEntry {
  const { service: _, ...facts } = lineOf(fact)?.fields ?? {};
  const service = fact.kind === 'ordered' ? fact.order.service : fact.service;
  return { at, service, kind: fact.kind, text: historyText(fact), facts };
}

function isRepetition({ service, kind, facts }: HistoryEntry, keeper: HistoryKeeper): boolean {
  if (kind !== 'judged' && kind !== 'phase-changed') return false;
  const what = repeating[kind];
  for (const before of keeper.backwards(service)) {
    if (before.kind === kind) return before.facts[what] === facts[what];
    // Each transition is judged anew.
    if (kind === 'judged' && before.kind === 'transition-started') return false;
  }
  return false;
}
