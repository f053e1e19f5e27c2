/** Metrics as Marathon writes them: Dropwizard's JSON of 1.4, that of 1.7 and later, and text for Prometheus. */
import type { MeterReading, TimerReading } from './meter.ts';
import type { Metrics } from './metrics.ts';

/** After `metrics-json` of Dropwizard 3. */
export function json14({ gauges, counters, meters, timers }: Metrics): object {
  return {
    version: '3.0.0',
    gauges: each(gauges, (value) => ({ value })),
    counters: each(counters, (count) => ({ count })),
    histograms: {},
    meters: each(meters, ({ count, ...rates }) => ({ count, ...rates14(rates), units: 'events/second' })),
    timers: each(timers, (timer) => ({
      count: timer.count,
      max: timer.max,
      mean: timer.mean,
      min: timer.min,
      ...quantilesOf(timer),
      stddev: timer.stddev,
      ...rates14(timer),
      duration_units: 'seconds',
      rate_units: 'calls/second',
    })),
  };
}

/** After `MetricsConversion` of Marathon. */
export function json17({ gauges, counters, meters, timers }: Metrics): object {
  return {
    version: '4.0.0',
    counters: each(counters, (count) => ({ count })),
    gauges: each(gauges, (value) => ({ value })),
    histograms: {},
    meters: each(meters, ({ count, ...rates }) => ({ count, ...rates17(rates), units: 'events/second' })),
    timers: each(timers, (timer) => ({
      count: timer.count,
      min: timer.min,
      mean: timer.mean,
      max: timer.max,
      ...quantilesOf(timer),
      stddev: timer.stddev,
      ...rates17(timer),
      duration_units: 'seconds',
      rate_units: 'calls/second',
    })),
  };
}

/** After `PrometheusReporter` of Marathon. */
export function prometheusText({ gauges, counters, meters, timers }: Metrics): string {
  const blocks = [
    ...[...gauges].map(([name, value]) => series(safe(name), 'gauge', String(value))),
    ...[...counters].map(([name, count]) => series(safe(name), 'counter', String(count))),
    ...[...meters].map(
      ([name, meter]) =>
        series(`${safe(name)}_count`, 'gauge', String(meter.count)) + rates(safe(name), meter),
    ),
    ...[...timers].map(([name, timer]) => summary(safe(name), timer)),
  ];
  return blocks.map((block) => `${block}\n`).join('');
}

type Rates = Omit<MeterReading, 'count'>;

function rates14({ m15Rate, m1Rate, m5Rate, meanRate }: Rates): object {
  return { m15_rate: m15Rate, m1_rate: m1Rate, m5_rate: m5Rate, mean_rate: meanRate };
}

function rates17({ m1Rate, m5Rate, m15Rate, meanRate }: Rates): object {
  return { m1_rate: m1Rate, m5_rate: m5Rate, m15_rate: m15Rate, mean_rate: meanRate };
}

function quantilesOf({ p50, p75, p95, p98, p99, p999 }: TimerReading): object {
  return { p50, p75, p95, p98, p99, p999 };
}

function summary(name: string, timer: TimerReading): string {
  const { p50, p75, p95, p98, p99, p999 } = timer;
  const quantiles = [
    ['0.5', p50],
    ['0.75', p75],
    ['0.95', p95],
    ['0.98', p98],
    ['0.99', p99],
    ['0.999', p999],
  ] as const;
  return [
    `# TYPE ${name} summary\n`,
    ...quantiles.map(([part, value]) => `${name}{quantile="${part}"} ${value.toFixed(6)}\n`),
    `${name}_count ${timer.count}\n`,
    ...(['min', 'mean', 'max', 'stddev'] as const).map((key) =>
      series(`${name}_${key}`, 'gauge', double(timer[key])),
    ),
    rates(name, timer),
  ].join('');
}

function rates(name: string, { meanRate, m1Rate, m5Rate, m15Rate }: Rates): string {
  return [
    series(`${name}_mean_rate`, 'gauge', double(meanRate)),
    series(`${name}_m1_rate`, 'gauge', double(m1Rate)),
    series(`${name}_m5_rate`, 'gauge', double(m5Rate)),
    series(`${name}_m15_rate`, 'gauge', double(m15Rate)),
  ].join('');
}

function series(name: string, type: 'gauge' | 'counter', value: string): string {
  return `# TYPE ${name} ${type}\n${name} ${value}\n`;
}

function safe(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_]/g, '_');
}

/** Java writes a fraction even where there is none. */
function double(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function each<T>(values: ReadonlyMap<string, T>, form: (value: T) => object): object {
  return Object.fromEntries([...values].map(([name, value]) => [name, form(value)]));
}
