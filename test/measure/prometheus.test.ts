/** What queries make of the answers of a Prometheus, of a bad one, and of none. */
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PrometheusRule } from '../../src/declared/rollout.ts';
import { createMeasurer, type Measurer } from '../../src/measure/measurer.ts';
import type { Measurement } from '../../src/plan/asks.ts';
import { freePort } from '../support/free-ports.ts';
import { type Asked, askWith, forever, type Other, startOther } from './others.ts';

let prometheus: Other;
let measurer: Measurer;
/** What is answered to each query. */
let answer: (query: string) => unknown;
let respond: (asked: Asked, response: ServerResponse) => void;

beforeEach(async () => {
  respond = (asked, response) => response.end(JSON.stringify(answer(asked.query.get('query') ?? '')));
  prometheus = await startOther((asked, response) => respond(asked, response));
  measurer = createMeasurer({ prometheus: prometheus.url, timeoutMs: 2000 });
});

afterEach(async () => {
  await measurer.close();
  await prometheus.close();
});

function vector(...values: readonly string[]): unknown {
  const result = values.map((value) => ({ metric: {}, value: [1_700_000_000.1, value] }));
  return { status: 'success', data: { resultType: 'vector', result } };
}

const plain: PrometheusRule = { query: 'q{app="{{app}}"}', min: null, max: null, againstOld: false };

async function measured(rule: Partial<PrometheusRule>, old = true): Promise<Measurement | undefined> {
  const ask = askWith({ prometheus: [{ ...plain, ...rule }], ...(old ? {} : { old: null }) });
  const [first, ...others] = await measurer.measure(ask, forever);
  expect(others).toEqual([]);
  return first;
}

describe('a value and its limits', () => {
  test.each([
    ['0.02', { max: 0.02 }, 'success', '0.02; good is at most 0.02', 0.02],
    ['0.021', { max: 0.02 }, 'failure', '0.021; good is at most 0.02', 0.021],
    ['5', { min: 5 }, 'success', '5; good is at least 5', 5],
    ['4.9', { min: 5 }, 'failure', '4.9; good is at least 5', 4.9],
    ['1e3', { min: 5, max: 9 }, 'failure', '1000; good is at least 5 and at most 9', 1000],
    ['-1', { min: -2, max: 0 }, 'success', '-1; good is at least -2 and at most 0', -1],
    ['+Inf', { max: 1 }, 'failure', 'Infinity; good is at most 1', null],
    ['-Inf', { max: 1 }, 'success', '-Infinity; good is at most 1', null],
  ] as const)('%s with %j: %s', async (value, limits, outcome, text, number) => {
    answer = () => vector(value);
    expect(await measured(limits)).toEqual({ what: 'q{app="/app1-100"}', outcome, text, value: number });
  });

  test('a scalar is as good as a vector of one', async () => {
    answer = () => ({ status: 'success', data: { resultType: 'scalar', result: [1, '7'] } });
    expect(await measured({ max: 8 })).toMatchObject({ outcome: 'success', value: 7 });
  });

  test.each([
    ['no sample', vector(), 'no data: there is no sample'],
    ['NaN', vector('NaN'), 'no data: it is NaN'],
  ])('%s is inconclusive', async (_, came, text) => {
    answer = () => came;
    expect(await measured({ max: 1 })).toMatchObject({ outcome: 'inconclusive', text, value: null });
  });
});

describe('against the old pool', () => {
  beforeEach(() => {
    answer = (query) => vector(query.includes('"/app1-100"') ? '0.3' : '0.2');
  });

  test.each([
    [
      { max: 1.6 },
      'success',
      '0.3, which is 1.5 times that of the old pool, /app1 (0.2); good is at most 1.6 times that',
    ],
    [
      { max: 1.4 },
      'failure',
      '0.3, which is 1.5 times that of the old pool, /app1 (0.2); good is at most 1.4 times that',
    ],
    [
      { min: 1, max: 2 },
      'success',
      '0.3, which is 1.5 times that of the old pool, /app1 (0.2); good is at least 1 times that and at most 2 times that',
    ],
    [
      { min: 2 },
      'failure',
      '0.3, which is 1.5 times that of the old pool, /app1 (0.2); good is at least 2 times that',
    ],
  ] as const)('%j: %s', async (limits, outcome, text) => {
    expect(await measured({ ...limits, againstOld: true })).toEqual({
      what: 'q{app="/app1-100"}',
      outcome,
      text,
      value: 0.3,
    });
    expect(prometheus.asked).toHaveLength(2);
    const [a, b] = prometheus.asked;
    expect(a?.query.get('time')).toBe(b?.query.get('time'));
  });

  test.each(['0', '-1', '+Inf', 'NaN'])('%s of the old pool is inconclusive', async (its) => {
    answer = (query) => vector(query.includes('"/app1-100"') ? '0.3' : its);
    expect(await measured({ max: 1, againstOld: true })).toMatchObject({
      outcome: 'inconclusive',
      value: 0.3,
    });
  });

  test('nothing of the old pool is inconclusive, and so is no old pool, which asks nobody', async () => {
    answer = (query) => (query.includes('"/app1-100"') ? vector('0.3') : vector());
    expect(await measured({ max: 1, againstOld: true })).toMatchObject({
      outcome: 'inconclusive',
      text: 'of the old pool, /app1: no data: there is no sample',
    });
    const before = prometheus.asked.length;
    expect(await measured({ max: 1, againstOld: true }, false)).toMatchObject({
      outcome: 'inconclusive',
      text: 'there is no old pool to compare with',
    });
    expect(prometheus.asked).toHaveLength(before);
  });

  test('an error about the old pool is an error', async () => {
    answer = (query) => (query.includes('"/app1-100"') ? vector('0.3') : vector('1', '2'));
    expect(await measured({ max: 1, againstOld: true })).toMatchObject({ outcome: 'error' });
  });
});

describe('the request', () => {
  test('is a GET with the query and the time, below the path that is given, with its user', async () => {
    await measurer.close();
    measurer = createMeasurer({ prometheus: prometheus.url.replace('//', '//u%40:p:q@').concat('/prom/') });
    answer = () => vector('1');
    await measured({ query: 'a + {{slot}} & b', max: 1 });
    const [asked] = prometheus.asked;
    expect(asked).toMatchObject({ method: 'GET', path: '/prom/api/v1/query', body: '' });
    expect(asked?.query.get('query')).toBe('a + b & b');
    expect(Number(asked?.query.get('time'))).toBeCloseTo(Date.now() / 1000, -2);
    expect(asked?.headers.authorization).toBe(`Basic ${Buffer.from('u@:p:q').toString('base64')}`);
  });

  test('all rules of an ask are answered, in their order', async () => {
    answer = (query) => vector(query);
    const prometheusRules = Array.from({ length: 30 }, (_, at) => ({ ...plain, query: String(at), max: 14 }));
    const all = await measurer.measure(askWith({ prometheus: prometheusRules }), forever);
    expect(all.map(({ value }) => value)).toEqual(prometheusRules.map((_, at) => at));
    expect(all.filter(({ outcome }) => outcome === 'success')).toHaveLength(15);
  });
});

describe('trouble is an error that says what was asked and what came', () => {
  const query = 'q{app="/app1-100"}';

  test.each([
    ['several samples', () => vector('1', '2'), 'with 2 samples; aggregate them, for example with sum(...)'],
    [
      'a range',
      () => ({ status: 'success', data: { resultType: 'matrix', result: [] } }),
      'with samples over a time',
    ],
    [
      'a text',
      () => ({ status: 'success', data: { resultType: 'string', result: [1, 'x'] } }),
      'with a text',
    ],
    [
      'a histogram',
      () => ({
        status: 'success',
        data: { resultType: 'vector', result: [{ metric: {}, histogram: [1, {}] }] },
      }),
      'with a histogram; ask for one number of it',
    ],
    ['no number', () => vector('many'), 'with "many", which is no number'],
    ['another JSON', () => ({ up: 1 }), 'with status 200, and no result: {"up":1}'],
  ])('%s', async (_, came, says) => {
    answer = came;
    const found = await measured({ max: 1 });
    expect(found).toMatchObject({ what: query, outcome: 'error', value: null });
    expect(found?.text).toContain(query);
    expect(found?.text).toContain(prometheus.url);
    expect(found?.text).toContain(says);
  });

  test.each([
    [
      'a bad query',
      400,
      '{"status":"error","errorType":"bad_data","error":"parse error\\nat 3"}',
      'bad_data: parse error\\nat 3',
    ],
    ['a page', 502, '<h1>Bad Gateway</h1>', 'with status 502, and no result: <h1>Bad Gateway</h1>'],
    ['nothing', 204, '', 'with status 204, and no result'],
    ['a redirect', 302, '', 'with status 302, and no result'],
    ['too much', 200, 'x'.repeat(1_100_000), 'with more than 1 MiB'],
  ])('%s', async (_, status, body, says) => {
    respond = (_asked, response) => response.writeHead(status, { location: '/elsewhere' }).end(body);
    const found = await measured({ max: 1 });
    expect(found).toMatchObject({ outcome: 'error', value: null });
    expect(found?.text).toContain(query);
    expect(found?.text).toContain(says);
    expect(prometheus.asked).toHaveLength(1);
  });

  test('silence, also in the middle of an answer', async () => {
    await measurer.close();
    measurer = createMeasurer({ prometheus: prometheus.url, timeoutMs: 100 });
    respond = () => undefined;
    expect((await measured({ max: 1 }))?.text).toBe(
      `no answer of Prometheus (${prometheus.url}) to ${query}: nothing within 0.1 s`,
    );
    respond = (_asked, response) => response.write('{');
    expect((await measured({ max: 1 }))?.text).toContain('not to the end');
  });

  test('nobody there, and no user or password in what is said of it', async () => {
    const port = await freePort();
    await measurer.close();
    measurer = createMeasurer({ prometheus: `http://baton:secret@127.0.0.1:${port}`, timeoutMs: 2000 });
    const found = await measured({ max: 1 });
    expect(found).toMatchObject({
      outcome: 'error',
      text: `no answer of Prometheus (http://127.0.0.1:${port}) to ${query}: nobody listens there`,
    });
  });

  test('no --prometheus', async () => {
    const none = createMeasurer({ prometheus: null });
    const found = await none.measure(askWith({ prometheus: [{ ...plain, max: 1 }] }), forever);
    await none.close();
    expect(found).toEqual([
      {
        what: query,
        outcome: 'error',
        text: `nobody was asked ${query}: Baton was started without --prometheus`,
        value: null,
      },
    ]);
  });

  test('an address that is none', async () => {
    const none = createMeasurer({ prometheus: 'prometheus' });
    const found = await none.measure(askWith({ prometheus: [{ ...plain, max: 1 }] }), forever);
    await none.close();
    expect(found).toMatchObject([
      { outcome: 'error', text: expect.stringContaining('could not be measured') },
    ]);
  });

  test('being cancelled', async () => {
    respond = () => stop.abort();
    const stop = new AbortController();
    const found = await measurer.measure(askWith({ prometheus: [{ ...plain, max: 1 }] }), stop.signal);
    expect(found).toMatchObject([
      { outcome: 'error', text: expect.stringContaining('the request was cancelled') },
    ]);
  });
});
