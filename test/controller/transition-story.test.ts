/** The facts of whole transitions, as the planner takes them: each thing once, in order, the last judgement too. */
import { expect, test } from 'vitest';
import { transitionChanges } from '../../src/controller/transition-changes.ts';
import type { AnalysisRule, Rollout } from '../../src/declared/rollout.ts';
import { millis } from '../../src/model/ids.ts';
import type { HistoryEntry } from '../../src/model/history.ts';
import { createJournalObserver } from '../../src/observe/journal.ts';
import type { Command } from '../../src/plan/command.ts';
import type { ServiceVerdict } from '../../src/plan/verdict.ts';
import { up, World } from '../plan/world.ts';

const analysis: AnalysisRule = {
  maxErrorRate: 0.01,
  maxP95Ms: null,
  minRequests: 10,
  intervalMs: 10_000,
  failureLimit: 0,
  inconclusiveLimit: 5,
  prometheus: [],
  webhook: null,
};
const steps: Rollout['steps'] = [
  { weight: 5, holdMs: 30_000, pause: false, analysis: true },
  { weight: 100, holdMs: 0, pause: false, analysis: false },
];

/** Plays the seconds one after the other, and tells what the history of the service says. */
function story(errors: (seconds: number) => number, orders: Readonly<Record<number, Command>> = {}) {
  const world = new World([{ id: 'app1', priority: 0, tasks: up('app1', 2) }]);
  const entries: HistoryEntry[] = [];
  const observe = createJournalObserver(
    { append: (entry) => void entries.push(entry), backwards: () => entries.toReversed() },
    () => millis(world.now),
  );
  let before: ServiceVerdict | null = world.settle().services[0] ?? null;
  for (let seconds = 0; seconds < 60; seconds += 1) {
    world.now += 1000;
    const old = { id: 'app1', priority: 0, tasks: up('app1', 2), requests: 1000 * seconds };
    const fresh = { id: 'app1-100', priority: 10, tasks: up('app1-100', 2), rollout: { steps, analysis } };
    world.apps = [old, { ...fresh, requests: 50 * seconds, errors: errors(seconds) }];
    const command = orders[seconds];
    if (command !== undefined) world.order(command);
    const [after] = world.turn().services;
    if (after === undefined) throw new Error('no service');
    for (const fact of transitionChanges(before, after, millis(0))) observe(fact);
    before = after;
  }
  return entries.map(({ kind, facts }) => (kind === 'judged' ? `judged ${String(facts['outcome'])}` : kind));
}

test('a canary that goes well', () => {
  expect(story(() => 0)).toEqual([
    'transition-started',
    'judged success',
    'transition-stepped',
    'transition-ended',
  ]);
});

test('one that fails at once: the judgement that condemns it is told, once', () => {
  expect(story((seconds) => 5 * seconds)).toEqual([
    'transition-started',
    'judged failure',
    'transition-ended',
    'latched',
  ]);
});

test('one that is paused, goes on, and fails then', () => {
  const orders = { 15: { verb: 'pause' }, 20: { verb: 'resume' } } as const;
  expect(story((seconds) => (seconds < 21 ? 0 : 10 * (seconds - 20)), orders)).toEqual([
    'transition-started',
    'judged success',
    'transition-paused',
    'transition-resumed',
    'judged failure',
    'transition-ended',
    'latched',
  ]);
});

test('one that somebody sends back, and lets try again', () => {
  const orders = { 15: { verb: 'abort' }, 20: { verb: 'retry' } } as const;
  expect(story(() => 0, orders)).toEqual([
    'transition-started',
    'judged success',
    'transition-ended',
    'latched',
    'transition-started',
    'unlatched',
    'judged success',
    'transition-stepped',
    'transition-ended',
  ]);
});
