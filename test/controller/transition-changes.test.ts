/** What differs between two verdicts about a transition is a fact, once. */
import { describe, expect, test } from 'vitest';
import { transitionChanges } from '../../src/controller/transition-changes.ts';
import { appId, millis } from '../../src/model/ids.ts';
import type { Judged, Manual } from '../../src/plan/transition/types.ts';
import type { ServiceVerdict } from '../../src/plan/verdict.ts';
import { because, ended, service, unjudged, verdict, view } from '../support/transitions.ts';

const begunAt = millis(500);
const changes = (before: ServiceVerdict | null, after: ServiceVerdict) =>
  transitionChanges(before, after, begunAt);
const kinds = (before: ServiceVerdict | null, after: ServiceVerdict) =>
  changes(before, after).map(({ kind }) => kind);

const plain = verdict();
const going = verdict({ transition: view() });
const held = { since: millis(2000), by: 'anna', why: 'lunch' };
const judged: Judged = {
  at: millis(3000),
  outcome: 'failure',
  measurements: [{ what: 'error rate', outcome: 'failure', text: '5 %, at most 1 %', value: 0.05 }],
};

/** Each case: from, to, and what is told; from the same to the same nothing is. */
const cases: readonly (readonly [string, ServiceVerdict, ServiceVerdict, readonly object[]])[] = [
  [
    'a start',
    plain,
    going,
    [
      {
        kind: 'transition-started',
        service,
        startedAt: 1000,
        to: ['/app1-100'],
        from: ['/app1'],
        steps: 3,
        weight: 500,
        because,
      },
      { kind: 'transition-phase-changed', service, left: null, phase: 'holding' },
    ],
  ],
  [
    'a step',
    going,
    verdict({ transition: view({ step: 2, weight: 2500, phase: 'shifting' }) }),
    [
      { kind: 'transition-stepped', service, step: 2, steps: 3, weight: 2500, because },
      { kind: 'transition-phase-changed', service, left: 'holding', phase: 'shifting' },
    ],
  ],
  [
    'a pause by a person',
    going,
    verdict({ transition: view({ phase: 'paused', paused: held }) }),
    [
      { kind: 'transition-paused', service, by: 'anna', why: 'lunch', because },
      { kind: 'transition-phase-changed', service, left: 'holding', phase: 'paused' },
    ],
  ],
  [
    'a pause that the step declares, and a person who pauses it as well',
    verdict({ transition: view({ phase: 'paused' }) }),
    verdict({ transition: view({ phase: 'paused', paused: held }) }),
    [{ kind: 'transition-paused', service, by: 'anna', why: 'lunch', because }],
  ],
  [
    'a step from one declared pause to the next',
    verdict({ transition: view({ phase: 'paused' }) }),
    verdict({ transition: view({ phase: 'paused', step: 2 }) }),
    [
      { kind: 'transition-stepped', service, step: 2, steps: 3, weight: 500, because },
      { kind: 'transition-paused', service, by: null, why: null, because },
    ],
  ],
  [
    'its end',
    verdict({ transition: view({ phase: 'paused', paused: held }) }),
    going,
    [
      { kind: 'transition-resumed', service, because },
      { kind: 'transition-phase-changed', service, left: 'paused', phase: 'holding' },
    ],
  ],
  [
    'a judgement',
    going,
    verdict({ transition: view({ judgement: { ...unjudged, made: 1, last: judged } }) }),
    [{ kind: 'judged', service, apps: ['/app1-100'], judged }],
  ],
  [
    'an abort',
    verdict({ transition: view({ phase: 'paused', paused: held }) }),
    verdict({ lastTransition: ended({ outcome: 'aborted' }) }, { '/app1-100': 'aborted' }),
    [
      { kind: 'transition-ended', service, ended: ended({ outcome: 'aborted' }) },
      { kind: 'transition-phase-changed', service, left: 'paused', phase: null },
      { kind: 'latched', service, app: '/app1-100', because: plain.pools[1]?.because },
    ],
  ],
  [
    'an abort by a judgement that nobody has seen before',
    going,
    verdict({ lastTransition: ended({ outcome: 'aborted', judged }) }),
    [
      { kind: 'judged', service, apps: ['/app1-100'], judged },
      { kind: 'transition-ended', service, ended: ended({ outcome: 'aborted', judged }) },
      { kind: 'transition-phase-changed', service, left: 'holding', phase: null },
    ],
  ],
  [
    'an end long after the last judgement',
    verdict({ transition: view({ judgement: { ...unjudged, made: 1, last: judged } }) }),
    verdict({ lastTransition: ended({ judged }) }),
    [
      { kind: 'transition-ended', service, ended: ended({ judged }) },
      { kind: 'transition-phase-changed', service, left: 'holding', phase: null },
    ],
  ],
  [
    'a newer one that supersedes it',
    going,
    verdict({
      transition: view({ startedAt: millis(4000), to: [appId('app1-200')] }),
      lastTransition: ended({ outcome: 'superseded', endedAt: millis(4000) }),
    }),
    [
      { kind: 'transition-ended', service, ended: ended({ outcome: 'superseded', endedAt: millis(4000) }) },
      expect.objectContaining({ kind: 'transition-started', to: ['/app1-200'] }),
      { kind: 'transition-phase-changed', service, left: 'holding', phase: 'holding' },
    ],
  ],
  [
    'a retry',
    verdict({}, { '/app1-100': 'aborted' }),
    verdict({}, { '/app1-100': 'waiting' }),
    [{ kind: 'unlatched', service, app: '/app1-100' }],
  ],
  [
    'weights by hand',
    plain,
    verdict({ manual: { ...held, weights: [{ app: appId('app1'), weight: 2000 }] } }),
    [
      {
        kind: 'manual-set',
        service,
        manual: { ...held, weights: [{ app: '/app1', weight: 2000 }] },
      },
    ],
  ],
  [
    'their release',
    verdict({ manual: { ...held, weights: [] } }),
    plain,
    [{ kind: 'manual-released', service }],
  ],
];

describe.each(cases)('%s', (_, before, after, facts) => {
  test('is told', () => expect(changes(before, after)).toEqual(facts));
  test('once', () => expect(changes(after, { ...after })).toEqual([]));
});

test('other weights by hand are told again', () => {
  const manual = (weight: number): Manual => ({ ...held, weights: [{ app: appId('app1'), weight }] });
  expect(kinds(verdict({ manual: manual(1) }), verdict({ manual: manual(2) }))).toEqual(['manual-set']);
});

describe('a service that is seen first', () => {
  const old = { since: millis(100), by: 'anna', why: null };

  test('has been told of by the Baton before this one', () => {
    const after = verdict(
      {
        transition: view({ startedAt: millis(100), paused: old, phase: 'paused' }),
        lastTransition: ended({ startedAt: millis(10), endedAt: millis(50) }),
        manual: { ...old, weights: [] },
      },
      { '/app1-100': 'aborted' },
    );
    // From here on this Baton takes the time of the phase.
    expect(changes(null, after)).toEqual([
      { kind: 'transition-phase-changed', service, left: null, phase: 'paused' },
    ]);
  });

  test('is told of where something began since', () => {
    const manual = { ...held, weights: [] };
    const after = verdict({ transition: view(), lastTransition: ended(), manual });
    expect(kinds(null, after)).toEqual([
      'transition-ended',
      'transition-started',
      'transition-phase-changed',
      'manual-set',
    ]);
  });
});
