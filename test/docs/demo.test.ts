/** What the README shows of the demo is what the demo prints at its end, but for the numbers. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { story } from '../../src/cli/demo/story.ts';
import { createStyle } from '../../src/cli/demo/style.ts';
import { renderSummary } from '../../src/cli/demo/summary.ts';
import { root } from './root.ts';

test('the summary in the README', () => {
  const text = readFileSync(new URL('README.md', root), 'utf8');
  const shown = /```text\n( Summary [^]*?)\n```/.exec(text)?.[1] ?? '';
  const outcome = {
    results: story.map((step, index) => ({
      step,
      requests: 2_000,
      failures: 0,
      moved: step.move === null ? null : { firstMs: 10, allMs: 10 },
      settled: { requests: 1_000, byCarrier: 1_000 },
      ratio: step.side === 'B' ? 100 : 0,
      reloads: { preparing: index === 0 ? 1 : 0, moving: 0 },
    })),
    steps: story.length,
    trouble: null,
    requests: 13_000,
    failures: 0,
    failed: [],
    latency: { p50: 1, p99: 9, max: 50 },
  };
  const printed = renderSummary(outcome, createStyle({ colour: false, unicode: true })).join('\n');
  expect(withoutNumbers(shown)).toBe(withoutNumbers(printed));
});

/** Digits of names stay; measured values and the space that they leave go. */
function withoutNumbers(text: string): string {
  return text.replaceAll(/(?<![\w-])[\d,.]+(?: (?:ms|s)\b)?/g, '#').replaceAll(/ +/g, ' ');
}
