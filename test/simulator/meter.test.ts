/** Meters and timers under a clock that the test sets: counts, rates, quantiles, and when durations are forgotten. */
import { describe, expect, test } from 'vitest';
import { createMeter, createTimer } from '../../src/simulator/meter.ts';

function clock(): { now: () => number; pass: (seconds: number) => void } {
  let ms = 1_000;
  return { now: () => ms, pass: (seconds) => void (ms += seconds * 1000) };
}

describe('a meter', () => {
  test('has no rates before anything was marked', () => {
    expect(createMeter(clock().now).read()).toEqual({
      count: 0,
      m1Rate: 0,
      m5Rate: 0,
      m15Rate: 0,
      meanRate: 0,
    });
  });

  test('takes the rate of the first five seconds for all averages', () => {
    const { now, pass } = clock();
    const meter = createMeter(now);
    for (let n = 0; n < 10; n += 1) meter.mark();
    pass(4.9);
    expect(meter.read()).toMatchObject({ count: 10, m1Rate: 0, m15Rate: 0 });
    pass(0.1);
    expect(meter.read()).toEqual({ count: 10, m1Rate: 2, m5Rate: 2, m15Rate: 2, meanRate: 2 });
  });

  test('forgets by halves, the sooner the shorter its minutes', () => {
    const { now, pass } = clock();
    const meter = createMeter(now);
    for (let n = 0; n < 5; n += 1) meter.mark();
    pass(5);
    meter.read();
    // A minute later an average over a minute is 1/e of what it was.
    pass(60);
    const { m1Rate, m5Rate, m15Rate, meanRate } = meter.read();
    expect(m1Rate).toBeCloseTo(Math.exp(-1), 10);
    expect(m5Rate).toBeCloseTo(Math.exp(-1 / 5), 10);
    expect(m15Rate).toBeCloseTo(Math.exp(-1 / 15), 10);
    expect(meanRate).toBeCloseTo(5 / 65, 10);
  });

  test('weighs what is new against what was', () => {
    const { now, pass } = clock();
    const meter = createMeter(now);
    pass(5);
    for (let n = 0; n < 50; n += 1) meter.mark();
    pass(5);
    expect(meter.read().m1Rate).toBeCloseTo(10 * (1 - Math.exp(-5 / 60)), 10);
  });
});

describe('a timer', () => {
  test('has the quantiles of Dropwizard, which lie between its samples', () => {
    const timer = createTimer(clock().now, null);
    for (const seconds of [5, 1, 2, 3, 4]) timer.update(seconds);
    expect(timer.read()).toMatchObject({
      count: 5,
      min: 1,
      max: 5,
      mean: 3,
      stddev: Math.sqrt(2.5),
      p50: 3,
      p75: 4.5,
      p95: 5,
      p999: 5,
    });
  });

  test('is all zero when nothing was timed, and one sample is each of its quantiles', () => {
    const timer = createTimer(clock().now, null);
    expect(new Set(Object.values(timer.read()))).toEqual(new Set([0]));
    timer.update(2);
    expect(timer.read()).toMatchObject({ min: 2, p50: 2, p999: 2, stddev: 0 });
  });

  test('forgets all durations from time to time, and never its count', () => {
    const { now, pass } = clock();
    const timer = createTimer(now, 5_000);
    timer.update(2);
    pass(4.999);
    expect(timer.read()).toMatchObject({ count: 1, max: 2 });
    pass(0.001);
    expect(timer.read()).toMatchObject({ count: 1, max: 0, p50: 0 });
    timer.update(1);
    expect(timer.read()).toMatchObject({ count: 2, max: 1 });
  });

  test('keeps the last 1,028 where it does not forget', () => {
    const { now, pass } = clock();
    const timer = createTimer(now, null);
    timer.update(9);
    pass(3600);
    for (let n = 0; n < 1027; n += 1) timer.update(1);
    expect(timer.read().max).toBe(9);
    timer.update(1);
    expect(timer.read()).toMatchObject({ count: 1029, max: 1 });
  });
});
