/** How often something happens and how long it takes, counted as Dropwizard's `Meter` and `Timer` count it. */

/** What a meter says; rates are per second. */
export interface MeterReading {
  readonly count: number;
  readonly m1Rate: number;
  readonly m5Rate: number;
  readonly m15Rate: number;
  readonly meanRate: number;
}

/** What a timer says besides; in seconds. */
export interface TimerReading extends MeterReading {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  readonly stddev: number;
  readonly p50: number;
  readonly p75: number;
  readonly p95: number;
  readonly p98: number;
  readonly p99: number;
  readonly p999: number;
}

export interface Meter {
  mark(): void;
  read(): MeterReading;
}

export interface Timer {
  update(seconds: number): void;
  read(): TimerReading;
}

/** Averages move once in so many seconds. */
const tickSeconds = 5;
/** So many durations are remembered, as Dropwizard's own reservoir does. */
const mostKept = 1028;

/** `now` in ms, by a clock that never jumps. */
export function createMeter(now: () => number): Meter {
  const started = now();
  const averages = [1, 5, 15].map(movingAverage);
  let count = 0;
  let ticked = started;

  function tick(): void {
    const ticks = Math.floor((now() - ticked) / (tickSeconds * 1000));
    ticked += ticks * tickSeconds * 1000;
    for (const average of averages) average.tick(ticks);
  }

  return {
    mark() {
      tick();
      count += 1;
      for (const average of averages) average.add();
    },
    read() {
      tick();
      const [m1Rate = 0, m5Rate = 0, m15Rate = 0] = averages.map((average) => average.rate());
      const seconds = (now() - started) / 1000;
      return { count, m1Rate, m5Rate, m15Rate, meanRate: seconds === 0 ? 0 : count / seconds };
    },
  };
}

/**
 * `resetMs`: after which all durations are forgotten, as Marathon's `--metrics_histogram_reservoir_resetting_interval_ms`
 * has it since 1.7; null where the last ones are kept.
 */
export function createTimer(now: () => number, resetMs: number | null): Timer {
  const meter = createMeter(now);
  let durations: number[] = [];
  let since = now();

  function forget(): void {
    if (resetMs === null || now() - since < resetMs) return;
    durations = [];
    since = now();
  }

  return {
    update(seconds) {
      forget();
      meter.mark();
      durations.push(seconds);
      if (durations.length > mostKept) durations.shift();
    },
    read() {
      forget();
      const sorted = durations.toSorted((a, b) => a - b);
      const mean = sorted.reduce((sum, each) => sum + each, 0) / Math.max(1, sorted.length);
      const square = sorted.reduce((sum, each) => sum + (each - mean) ** 2, 0);
      return {
        ...meter.read(),
        min: sorted[0] ?? 0,
        mean,
        max: sorted.at(-1) ?? 0,
        stddev: sorted.length < 2 ? 0 : Math.sqrt(square / (sorted.length - 1)),
        p50: quantile(sorted, 0.5),
        p75: quantile(sorted, 0.75),
        p95: quantile(sorted, 0.95),
        p98: quantile(sorted, 0.98),
        p99: quantile(sorted, 0.99),
        p999: quantile(sorted, 0.999),
      };
    },
  };
}

/** An exponentially weighted one, as of Unix's load; the first tick sets it. */
function movingAverage(minutes: number) {
  const weight = 1 - Math.exp(-tickSeconds / 60 / minutes);
  let rate: number | null = null;
  let uncounted = 0;
  return {
    add: () => void (uncounted += 1),
    tick(times: number) {
      if (times === 0) return;
      const latest = uncounted / tickSeconds;
      uncounted = 0;
      const first = rate === null ? latest : rate + weight * (latest - rate);
      rate = first * (1 - weight) ** (times - 1);
    },
    rate: () => rate ?? 0,
  };
}

function quantile(sorted: readonly number[], part: number): number {
  const position = part * (sorted.length + 1);
  const index = Math.floor(position);
  const lower = sorted[Math.max(0, index - 1)] ?? 0;
  const upper = sorted[Math.min(sorted.length - 1, Math.max(0, index))] ?? lower;
  return index < 1 ? lower : lower + (position - index) * (upper - lower);
}
