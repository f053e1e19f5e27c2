/** A real Prometheus is asked as labels say, and its answers are judged. Skipped where there is no Prometheus. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMeasurer, type Measurer } from '../../src/measure/measurer.ts';
import type { Outcome } from '../../src/plan/asks.ts';
import { askWith, forever, type Other, startOther } from '../measure/others.ts';
import { findPrometheus, startPrometheus } from '../support/prometheus.ts';
import { until } from '../support/wait.ts';

const program = findPrometheus();
const metrics = [
  'requests{app="/app1",service="/app1",backend="app1_a",slot="a"} 200',
  'requests{app="/app1-100",service="/app1",backend="app1_b",slot="b"} 100',
  'errors{app="/app1"} 1',
  'errors{app="/app1-100"} 2',
  'nothing{app="/app1-100"} NaN',
  '',
].join('\n');

describe.skipIf(program === null)('a real Prometheus', () => {
  let app: Other;
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>;
  let measurer: Measurer;

  beforeAll(async () => {
    app = await startOther((_asked, response) =>
      response.setHeader('content-type', 'text/plain').end(metrics),
    );
    prometheus = await startPrometheus(program ?? '', new URL(app.url).host);
    measurer = createMeasurer({ prometheus: prometheus.url });
    await until(
      'it has scraped',
      async () => (await measured('requests{app="{{app}}"}', { max: 100 })) === 'success',
    );
  });

  afterAll(async () => {
    await measurer.close();
    await prometheus.stop();
    await app.close();
  });

  async function measured(
    query: string,
    limits: { readonly min?: number; readonly max?: number; readonly againstOld?: boolean },
  ): Promise<Outcome | undefined> {
    const ask = askWith({ prometheus: [{ query, min: null, max: null, againstOld: false, ...limits }] });
    return (await measurer.measure(ask, forever))[0]?.outcome;
  }

  test.each([
    ['errors{app="{{app}}"} / on(app) requests', { max: 0.02 }, 'success'],
    ['errors{app="{{app}}"} / on(app) requests', { max: 0.01 }, 'failure'],
    [
      "requests{service='{{service}}', backend='{{backend}}', slot='{{slot}}'}",
      { min: 100, max: 100 },
      'success',
    ],
    ['scalar(requests{app="{{app}}"})', { max: 100 }, 'success'],
    ['errors{app="{{app}}"}', { max: 2, againstOld: true }, 'success'],
    ['errors{app="{{app}}"}', { max: 1.9, againstOld: true }, 'failure'],
    ['errors{app="{{app}}"} > 1', { max: 9, againstOld: true }, 'inconclusive'],
    ['errors{app="{{app}}"} * 0', { max: 9, againstOld: true }, 'inconclusive'],
    ['errors{app="{{app}} "}', { max: 9 }, 'inconclusive'],
    ['nothing{app="{{app}}"}', { max: 9 }, 'inconclusive'],
    ['requests / 0', { max: 9 }, 'error'],
    ['sum(requests) / 0', { max: 9 }, 'failure'],
    ['requests', { max: 9 }, 'error'],
    ['requests[1m]', { max: 9 }, 'error'],
    ['"requests"', { max: 9 }, 'error'],
    ['requests{', { max: 9 }, 'error'],
  ] as const)('%s with %j is %s', async (query, limits, outcome) => {
    expect(await measured(query, limits)).toBe(outcome);
  });

  test('no value ends the literal in which it stands', async () => {
    const evil = '/app1-100"} or vector(0) #';
    const rule = { query: 'requests{app="{{slot}}"} or vector(9)', min: null, max: 9, againstOld: false };
    const ask = askWith({ prometheus: [rule] });
    const found = await measurer.measure({ ...ask, judged: { ...ask.judged, slot: evil } }, forever);
    expect(found).toMatchObject([{ outcome: 'success', value: 9 }]);
  });
});
