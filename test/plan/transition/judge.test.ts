/** Judgement: windows, limits, and what counts as no data. */
import { describe, expect, it } from 'vitest';
import type { AnalysisRule } from '../../../src/declared/rollout.ts';
import { millis } from '../../../src/model/ids.ts';
import { latencyBoundsMs, noDurations, quantileMs } from '../../../src/model/latency.ts';
import type { Measurement, Outcome } from '../../../src/plan/asks.ts';
import { judge, type Judgement, unjudged } from '../../../src/plan/transition/judge.ts';
import type { JudgementMemory, Window } from '../../../src/plan/transition/types.ts';

const rule: AnalysisRule = {
  maxErrorRate: 0.01,
  maxP95Ms: null,
  minRequests: 50,
  intervalMs: 10_000,
  failureLimit: 1,
  inconclusiveLimit: 0,
  prometheus: [],
  webhook: null,
};

function counters(requests: number, errors = 0, durations = noDurations): Window {
  return { since: millis(0), requests, errors, durations };
}

/** Judges at these times, s, with these counters, one after the other. */
function judged(
  looks: readonly (readonly [number, Window, (readonly Measurement[] | null)?])[],
  change: Partial<AnalysisRule> = {},
): readonly Judgement[] {
  let memory: JudgementMemory = unjudged;
  return looks.map(([at, seen, answers = null]) => {
    const now = millis(at * 1000);
    const judgement = judge({
      now,
      rule: { ...rule, ...change },
      memory,
      counters: { ...seen, since: now },
      answers,
    });
    memory = judgement.memory;
    return judgement;
  });
}

function outcomes(judgements: readonly Judgement[]): readonly (Outcome | null)[] {
  return judgements.map(({ memory }) => memory.last?.outcome ?? null);
}

function said(outcome: Outcome): readonly Measurement[] {
  return [{ what: 'somebody', outcome, text: outcome, value: null }];
}

describe('the window', () => {
  it('is judged once in an interval, on what was counted in it', () => {
    const looks = judged([
      [1, counters(1000, 500)],
      [10, counters(1100, 500)],
      [11, counters(1100, 500)],
      [12, counters(1100, 600)],
    ]);
    expect(outcomes(looks)).toEqual([null, null, 'success', 'success']);
    expect(looks.map(({ dueAt }) => dueAt)).toEqual([11_000, 11_000, 21_000, 21_000]);
  });

  it('goes on while it has too few requests, so that little traffic is judged late and not never', () => {
    const looks = judged([
      [0, counters(0)],
      [10, counters(49)],
      [20, counters(98, 2)],
    ]);
    expect(outcomes(looks)).toEqual([null, 'inconclusive', 'failure']);
    expect(looks[2]?.memory.last?.measurements[0]).toMatchObject({ value: 2 / 98 });
  });

  it('begins anew when the counters have', () => {
    const looks = judged([
      [0, counters(1000)],
      [10, counters(60, 60)],
      [20, counters(160, 60)],
    ]);
    expect(outcomes(looks)).toEqual([null, null, 'success']);
  });
});

describe('limits', () => {
  const bad = (n: number) => counters(100 * n, 50 * n);

  it('bears as many failures in a row as declared, and condemns with the next', () => {
    const looks = judged([
      [0, counters(0)],
      [10, bad(1)],
      [20, bad(2)],
    ]);
    expect(looks.map(({ condemnedBy }) => condemnedBy?.what ?? null)).toEqual([null, null, 'error rate']);
  });

  it('counts them in a row: a good one in between forgives', () => {
    const looks = judged([
      [0, counters(0)],
      [10, bad(1)],
      [20, counters(200, 50)],
      [30, counters(300, 100)],
    ]);
    expect(looks.map(({ memory }) => memory.failures)).toEqual([0, 1, 0, 1]);
  });

  it('is as strict as it is written: the greatest good value is good', () => {
    const looks = judged([
      [0, counters(0)],
      [10, counters(100, 1)],
      [20, counters(1100, 12)],
    ]);
    expect(outcomes(looks)).toEqual([null, 'success', 'failure']);
  });
});

describe('latency', () => {
  const slow = (count: number) => noDurations.map((_, index) => (index === 8 ? count : 0));

  it('is judged by the 95th percentile', () => {
    const change = { maxErrorRate: null, maxP95Ms: 190 };
    expect(
      outcomes(
        judged(
          [
            [0, counters(0)],
            [10, counters(100, 0, slow(100))],
          ],
          change,
        ),
      ),
    ).toEqual([null, 'failure']);
    expect(
      outcomes(
        judged(
          [
            [0, counters(0)],
            [10, counters(100, 0, slow(100))],
          ],
          { ...change, maxP95Ms: 200 },
        ),
      ),
    ).toEqual([null, 'success']);
  });

  it('has no end beyond the last bound', () => {
    const endless = noDurations.map((_, index) => (index === latencyBoundsMs.length ? 60 : 0));
    const [, last] = judged(
      [
        [0, counters(0)],
        [10, counters(60, 0, endless)],
      ],
      { maxErrorRate: null, maxP95Ms: 30_000 },
    );
    expect(last?.memory.last).toMatchObject({ outcome: 'failure' });
    expect(quantileMs(endless, 0.95)).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([
    [noDurations, null],
    [noDurations.map((_, index) => (index === 0 ? 10 : 0)), 5],
    [noDurations.map((_, index) => (index === 2 ? 100 : 0)), 20],
  ])('quantile of %j', (durations, expected) => {
    expect(quantileMs(durations, 1)).toBe(expected);
  });
});

describe('others', () => {
  const change = { webhook: { url: 'http://judge/', onError: 'hold' } } as const;
  const good = counters(100);

  it('are asked when the interval is over, and awaited', () => {
    const looks = judged(
      [
        [0, counters(0)],
        [9, good],
        [10, good],
        [11, good, said('success')],
      ],
      change,
    );
    expect(looks.map(({ asks }) => asks)).toEqual([false, false, true, false]);
    expect(outcomes(looks)).toEqual([null, null, null, 'success']);
  });

  it.each([
    ['failure', 'failure'],
    ['error', 'error'],
    ['inconclusive', 'inconclusive'],
    ['success', 'success'],
  ] as const)('that say %s while the own numbers are good make it %s', (outcome, expected) => {
    const looks = judged(
      [
        [0, counters(0)],
        [10, good, said(outcome)],
      ],
      change,
    );
    expect(outcomes(looks)).toEqual([null, expected]);
  });

  it('never make good what the own numbers call bad', () => {
    const looks = judged(
      [
        [0, counters(0)],
        [10, counters(100, 50), said('success')],
      ],
      change,
    );
    expect(outcomes(looks)).toEqual([null, 'failure']);
  });
});
