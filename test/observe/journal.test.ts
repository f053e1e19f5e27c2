/** Facts folded into a history: one sentence each, and no repetitions. */
import { beforeEach, expect, test } from 'vitest';
import type { Gateway } from '../../src/declared/vamp/gateway.ts';
import type { HistoryEntry } from '../../src/model/history.ts';
import { appId, millis, serviceOf, taskId } from '../../src/model/ids.ts';
import type { Fact, Observer } from '../../src/observe/facts.ts';
import { createJournalObserver } from '../../src/observe/journal.ts';
import type { Outcome } from '../../src/plan/asks.ts';
import type { Wish } from '../../src/plan/wishes.ts';
import { because, ended, service } from '../support/transitions.ts';

const [app1, app100] = [appId('app1'), appId('app1-100')];
let entries: HistoryEntry[];
let observe: Observer;

beforeEach(() => {
  entries = [];
  observe = fresh();
});

/** As a Baton that begins does, on what was kept. */
function fresh(): Observer {
  const keeper = {
    append: (entry: HistoryEntry) => void entries.push(entry),
    backwards: (of: string) => entries.filter((each) => each.service === of).toReversed(),
  };
  return createJournalObserver(keeper, () => millis(5000));
}

const started: Fact = {
  kind: 'transition-started',
  service,
  startedAt: millis(1000),
  to: [app100],
  from: [app1],
  steps: 3,
  weight: 500,
  because,
};

function judged(outcome: Outcome): Fact {
  const measurements = [{ what: 'error rate', outcome, text: '5 %, at most 1 %', value: 0.05 }];
  return { kind: 'judged', service, apps: [app100], judged: { at: millis(1), outcome, measurements } };
}

function wish(more: Partial<Wish>): Wish {
  return { kind: 'scale', app: app100, instances: 3, because, ...more } as Wish;
}

const signed = { service, by: 'anna', why: 'it is slow' };

const route = {
  target: { kind: 'group' },
  condition: null,
  conditionStrength: 0,
  balance: null,
  rewrites: [],
} as const;
const gateway: Gateway = {
  name: 'app1',
  port: 8080,
  mode: 'http',
  sticky: null,
  virtualHosts: [],
  routes: [
    { ...route, path: '(1.0)', weight: 90 },
    {
      ...route,
      path: '(1.1)',
      weight: 10,
      condition: { kind: 'has-cookie', name: 'beta' },
      conditionStrength: 50,
    },
  ],
  ramp: null,
  immediate: false,
};
const applied = { kind: 'gateway-changed', service, by: 'anna', problems: [] } as const;

test.each<[Fact, string]>([
  [
    { ...applied, outcome: 'created', gateway },
    'anna created the gateway: (1.0) 90 %, (1.1) 10 % (50 % of those with has cookie beta)',
  ],
  [
    {
      ...applied,
      outcome: 'changed',
      gateway: { ...gateway, routes: [], ramp: { stepPercent: 5, holdMs: 60_000 } },
    },
    'anna changed the gateway: no routes; 5 % at a time, each for 60 s',
  ],
  [
    { ...applied, outcome: 'refused', gateway, problems: ['The port is taken.', 'And so on.'] },
    'anna wanted to change the gateway, and was refused: The port is taken. And so on.',
  ],
  [{ ...applied, outcome: 'deleted', gateway: null }, 'anna deleted the gateway'],
  [
    {
      kind: 'gateway-regrouped',
      service,
      came: ['(1.0)', '(1.1)'],
      gone: ['(0.9)'],
      gateway: { ...gateway, routes: gateway.routes.slice(0, 1) },
    },
    'the selector finds (1.0) and (1.1), and finds (0.9) no more: (1.0) 90 %',
  ],
  [
    {
      kind: 'traffic-moved',
      service,
      from: { [app1]: 10_000 },
      to: { [app1]: 500, [app100]: 9500 },
      because,
    },
    'traffic: app1-100 95 %, app1 5 %; priority 10 is the highest',
  ],
  [
    { kind: 'traffic-moved', service, from: {}, to: {}, because },
    'traffic: nobody; priority 10 is the highest',
  ],
  [{ kind: 'phase-changed', service, phase: 'aborted', because }, 'aborted: priority 10 is the highest'],
  [started, 'transition to app1-100 from app1 begins (3 steps, first 5 %): priority 10 is the highest'],
  [
    { kind: 'transition-stepped', service, step: 2, steps: 3, weight: 2500, because },
    'step 2 of 3 (25 %): priority 10 is the highest',
  ],
  [{ kind: 'transition-paused', service, by: 'anna', why: 'lunch', because }, 'paused by anna: lunch'],
  [
    { kind: 'transition-paused', service, by: null, why: null, because },
    'paused: priority 10 is the highest',
  ],
  [{ kind: 'transition-resumed', service, because }, 'goes on: priority 10 is the highest'],
  [
    { kind: 'transition-ended', service, ended: ended({ outcome: 'aborted' }) },
    'transition to app1-100 aborted after 199 s: priority 10 is the highest',
  ],
  [judged('failure'), 'judged app1-100, failure: error rate: 5 %, at most 1 %'],
  [{ kind: 'latched', service, app: app100, because }, 'app1-100 was sent back: priority 10 is the highest'],
  [{ kind: 'unlatched', service, app: app100 }, 'app1-100 may carry traffic again'],
  [
    {
      kind: 'manual-set',
      service,
      manual: { since: millis(1), by: 'anna', why: 'a try', weights: [{ app: app1, weight: 2000 }] },
    },
    'weights set by hand by anna: app1 20 %; a try',
  ],
  [{ kind: 'manual-released', service }, 'weights are no longer set by hand'],
  [
    {
      kind: 'ordered',
      order: { ...signed, command: { verb: 'weight', app: app100, percent: 20 } },
      obeyed: { outcome: 'done', text: 'app1-100 gets 20 %' },
    },
    'anna ordered weight app1-100=20 (it is slow): app1-100 gets 20 %',
  ],
  [
    {
      kind: 'ordered',
      order: { ...signed, why: null, command: { verb: 'promote', full: true } },
      obeyed: { outcome: 'refused', problem: 'no transition is under way' },
    },
    'anna ordered promote to the end: refused, no transition is under way',
  ],
  [
    { kind: 'wish-fulfilled', service, wish: wish({}) },
    'asked Marathon to scale app1-100 to 3: priority 10 is the highest',
  ],
  [
    { kind: 'wish-fulfilled', service, wish: wish({ kind: 'kill', tasks: [taskId('a.1')] }) },
    'asked Marathon to kill 1 task of app1-100: priority 10 is the highest',
  ],
  [
    { kind: 'wish-failed', service, wish: wish({ kind: 'delete' }), outcome: 'refused', problem: 'it runs' },
    'could not delete app1-100 (refused): it runs',
  ],
])('%j', (fact, text) => {
  observe(fact);
  expect(entries).toEqual([{ at: 5000, service, kind: fact.kind, text, facts: expect.any(Object) }]);
});

test('an entry carries what the log line carries', () => {
  observe({ kind: 'transition-stepped', service, step: 2, steps: 3, weight: 2500, because });
  expect(entries[0]?.facts).toEqual({
    step: 2,
    steps: 3,
    weight: '25 %',
    because: because.text,
    code: because.code,
  });
});

test('a judgement is told when it is another than the last, and anew in each transition', () => {
  for (const outcome of ['success', 'success', 'failure', 'failure', 'success'] as const)
    observe(judged(outcome));
  observe(started);
  observe(judged('success'));
  fresh()(judged('success'));
  expect(entries.map(({ kind, facts }) => (kind === 'judged' ? facts['outcome'] : kind))).toEqual([
    'success',
    'failure',
    'success',
    'transition-started',
    'success',
  ]);
});

test('a Baton that begins again does not tell of the phase that was', () => {
  const phase = (phase: 'settled' | 'down'): Fact => ({ kind: 'phase-changed', service, phase, because });
  observe(phase('settled'));
  const again = fresh();
  again(phase('settled'));
  again(phase('down'));
  again({ kind: 'phase-changed', service: serviceOf(appId('app2')), phase: 'down', because });
  expect(entries.map(({ service, facts }) => [service, facts['phase']])).toEqual([
    ['/app1', 'settled'],
    ['/app1', 'down'],
    ['/app2', 'down'],
  ]);
});

test.each<Fact>([
  { kind: 'endpoints-withdrawn', count: 1 },
  { kind: 'transition-phase-changed', service, left: null, phase: 'holding' },
  { kind: 'service-appeared', service },
  { kind: 'ordered', order: { ...signed, command: { verb: 'pause' } }, obeyed: { outcome: 'unknown' } },
  { kind: 'journal-not-saved', problem: 'full' },
])('$kind is no history', (fact) => {
  observe(fact);
  expect(entries).toEqual([]);
});

test('a gateway that is not there is refused without a trace, and one that stays as it is changes nothing', () => {
  observe({ ...applied, outcome: 'refused', gateway: null, problems: ['The port is taken.'] });
  observe({ ...applied, outcome: 'unchanged', gateway });
  expect(entries).toEqual([]);
  observe({ ...applied, outcome: 'changed', gateway });
  expect(entries.map(({ facts }) => facts)).toEqual([
    {
      by: 'anna',
      outcome: 'changed',
      problems: [],
      routes: '(1.0) 90 %, (1.1) 10 % (50 % of those with has cookie beta)',
    },
  ]);
});
