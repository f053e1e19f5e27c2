/** The summary and the verdict of the demo. */
import { expect, test } from 'vitest';
import type { PhaseSummary } from '../../src/cli/demo/load-record.ts';
import { movedIn } from '../../src/cli/demo/play.ts';
import { story } from '../../src/cli/demo/story.ts';
import { createStyle, duration, grouped, sharePercent, styleFor } from '../../src/cli/demo/style.ts';
import { complaints, type Outcome, renderSummary, type StepResult } from '../../src/cli/demo/summary.ts';

const plain = createStyle({ colour: false, unicode: true });

function results(): readonly StepResult[] {
  return story.map((step, index) => ({
    step,
    requests: 2012 + index,
    failures: 0,
    moved: step.move === null ? null : { firstMs: 12, allMs: 914 },
    settled: { requests: 2000, byCarrier: 2000 },
    ratio: step.side === 'B' ? 100 : 0,
    reloads: { preparing: index === 0 ? 1 : 0, moving: 0 },
  }));
}

function outcome(more: Partial<Outcome> = {}): Outcome {
  return {
    results: results(),
    steps: story.length,
    trouble: null,
    requests: 12_087,
    failures: 0,
    failed: [],
    latency: { p50: 0.84, p99: 4.7, max: 25 },
    ...more,
  };
}

test('the summary of a demo that passed', () => {
  expect(renderSummary(outcome(), plain).join('\n')).toBe(
    ` Summary              requests failed  first    all    share side ratio reloads
 app1 serves             2,012      0      -      - 100.00 %    A     0       0
   app1 declares the service and serves it
 app1 → app1-100         2,013      0  12 ms 0.91 s 100.00 %    B   100       0
   POST app1-100, ab_config priority 10; then Marathon: healthy
 app1-100 → app1-200     2,014      0  12 ms 0.91 s 100.00 %    A     0       0
   POST app1-200, ab_config priority 20; then Marathon: healthy
 app1-200 serves         2,015      0      -      - 100.00 %    A     0       0
   app1 is scaled to 0, listener stays up
 app1-200 → app1-100     2,016      0  12 ms 0.91 s 100.00 %    B   100       0
   Marathon: both tasks of app1-200 are unhealthy
 app1-100 → app1-200     2,017      0  12 ms 0.91 s 100.00 %    A     0       0
   Marathon: both tasks of app1-200 are healthy again

 first, all: from Marathon's word until the first request began on the version,
 and until every new request did. share: of the requests that began after.
 ratio: percent on side B.

 12,087 requests, 0 failed, p50 0.8 ms, p99 4.7 ms, max 25.0 ms
 1 reload to prepare (a new service, a version first seen), 0 caused by a move

✓ Demo passed: 4 moves, 12,087 requests, 0 failed, 0 reloads caused by a move.`,
  );
});

test('anything that went wrong is said, and nothing is passed then', () => {
  const [first, second, ...rest] = results();
  if (first === undefined || second === undefined) throw new Error('no story');
  const astray = { ...second, settled: { requests: 2000, byCarrier: 1998 } };
  const reloaded = { ...second, reloads: { preparing: 0, moving: 1 } };
  const failed = [
    {
      kind: 'status',
      detail: '503 no server',
      client: 'keep-alive',
      phase: 'start',
      begunAt: 0,
      failedAt: 1,
    },
  ] as const;
  const bad: readonly (readonly [Outcome, RegExp])[] = [
    [outcome({ failures: 2, failed }), /2 requests failed/],
    [outcome({ trouble: 'step 2: waited in vain', results: [first] }), /step 2: waited in vain/],
    [outcome({ results: [first, second] }), /4 steps not played/],
    [outcome({ results: [first, astray, ...rest] }), /2 requests went elsewhere than to app1-100/],
    [outcome({ results: [first, reloaded, ...rest] }), /1 reload caused by the move/],
  ];
  for (const [each, complaint] of bad) {
    expect(complaints(each).join('; ')).toMatch(complaint);
    const text = renderSummary(each, plain).join('\n');
    expect(text).toContain('Demo failed: ');
    expect(text).not.toContain('Demo passed');
  }
  expect(renderSummary(outcome({ failures: 2, failed }), plain)).toContain(
    ' failed: status, keep-alive client, in "start": 503 no server',
  );
});

test('a share that is not whole never reads as whole', () => {
  expect(sharePercent(1)).toBe('100.00 %');
  expect(sharePercent(1999.99 / 2000)).toBe('99.99 %');
  expect([grouped(0), grouped(999), grouped(1000), grouped(1_234_567)]).toEqual([
    '0',
    '999',
    '1,000',
    '1,234,567',
  ]);
  expect([duration(3.4), duration(914), duration(12_340)]).toEqual(['3 ms', '0.91 s', '12.3 s']);
});

test('colour and glyphs follow the terminal, the locale and NO_COLOR', () => {
  const looks = (isTerminal: boolean, env: Record<string, string>) => {
    const { paint, glyphs } = styleFor(isTerminal, env);
    return [paint.red('x') !== 'x', glyphs.full];
  };
  expect(looks(true, { LANG: 'en_US.UTF-8' })).toEqual([true, '█']);
  expect(looks(true, { LANG: 'en_US.UTF-8', LC_ALL: 'C' })).toEqual([true, '#']);
  expect(looks(true, { LC_ALL: '', LANG: 'C.utf8', NO_COLOR: '1' })).toEqual([false, '█']);
  expect(looks(false, {})).toEqual([false, '#']);
});

test("a move is measured by when the requests began, from Marathon's word on", () => {
  const [, step, , still] = story;
  if (step === undefined || still === undefined) throw new Error('no story');
  const phase = (apps: PhaseSummary['apps']): PhaseSummary => ({
    name: '',
    startedAt: 0,
    requests: 0,
    failures: 0,
    apps,
    latency: { p50: 0, p99: 0, max: 0 },
  });
  const answers = (firstBegunAt: number, lastBegunAt: number) => ({ answers: 9, firstBegunAt, lastBegunAt });
  const clean = phase({ '/app1': answers(0, 1090), '/app1-100': answers(1100, 5000) });
  expect(movedIn(clean, step, 1000)).toEqual({ firstMs: 100, allMs: 100 });
  const overlapping = phase({ '/app1': answers(0, 1250), '/app1-100': answers(1100, 5000) });
  expect(movedIn(overlapping, step, 1000)).toEqual({ firstMs: 100, allMs: 250 });
  expect(movedIn(clean, step, 2000)).toEqual({ firstMs: 0, allMs: 0 });
  expect(movedIn(clean, still, 1000)).toBeNull();
});
