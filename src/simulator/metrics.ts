/** Marathon's metrics by their names, those of 1.4 and those since 1.7, of what a simulated one has numbers of. */
import type { Counts } from './tally.ts';
import type { MeterReading, TimerReading } from './meter.ts';

export interface Numbers extends Counts {
  readonly apps: number;
  readonly pods: number;
  readonly groups: number;
  readonly deployments: number;
  readonly running: number;
  readonly staged: number;
  readonly eventStreams: number;
}

/** By name, in the order of names. */
export interface Metrics {
  readonly gauges: ReadonlyMap<string, number>;
  readonly counters: ReadonlyMap<string, number>;
  readonly meters: ReadonlyMap<string, MeterReading>;
  readonly timers: ReadonlyMap<string, TimerReading>;
}

const service = 'service.mesosphere.marathon';
const jetty = 'org.eclipse.jetty.servlet.ServletContextHandler';
const streams = 'api.mesosphere.marathon.core.event.impl.stream.HttpEventStreamActorMetrics';

/** After the page on metrics in Marathon 1.4, and Dropwizard's `InstrumentedHandler`. */
export function metrics14(numbers: Numbers): Metrics {
  return {
    gauges: sorted([
      [`${service}.app.count`, numbers.apps],
      [`${service}.group.count`, numbers.groups],
      [`${service}.task.running.count`, numbers.running],
      [`${service}.task.staged.count`, numbers.staged],
      [`${service}.uptime`, Math.floor(numbers.uptimeMs)],
      [`${service}.leaderDuration`, Math.floor(numbers.leadershipMs)],
      [`${streams}.number-of-streams`, numbers.eventStreams],
    ]),
    counters: sorted([[`${jetty}.active-requests`, numbers.activeRequests]]),
    meters: sorted(
      numbers.responses.map((meter, index) => [`${jetty}.${index + 1}xx-responses`, meter.read()] as const),
    ),
    timers: sorted([
      [`${jetty}.dispatches`, numbers.requests.read()],
      [`${jetty}.requests`, numbers.requests.read()],
      ...[...numbers.requestsBy].map(
        ([method, timer]) => [`${jetty}.${method.toLowerCase()}-requests`, timer.read()] as const,
      ),
    ]),
  };
}

/** After the page on metrics in Marathon 1.7 and later, and its `MetricsIntegrationTest`. */
export function metrics17(numbers: Numbers): Metrics {
  const { deployments, dismissed, launched } = numbers.counted;
  return {
    gauges: sorted([
      ['marathon.apps.active.gauge', numbers.apps],
      ['marathon.deployments.active.gauge', numbers.deployments],
      ['marathon.groups.active.gauge', numbers.groups],
      ['marathon.http.event-streams.active.gauge', numbers.eventStreams],
      ['marathon.http.requests.active.gauge', numbers.activeRequests],
      ['marathon.instances.running.gauge', numbers.running],
      ['marathon.instances.staged.gauge', numbers.staged],
      ['marathon.leadership.duration.gauge.seconds', Math.floor(numbers.leadershipMs / 1000)],
      ['marathon.pods.active.gauge', numbers.pods],
      ['marathon.uptime.gauge.seconds', Math.floor(numbers.uptimeMs / 1000)],
    ]),
    counters: sorted([
      ['marathon.deployments.counter', deployments],
      ['marathon.deployments.dismissed.counter', dismissed],
      ['marathon.tasks.launched.counter', launched],
      ...[...numbers.taskUpdates].map(
        ([state, count]) =>
          [`marathon.mesos.task-updates.${state.toLowerCase().replaceAll('_', '-')}.counter`, count] as const,
      ),
    ]),
    meters: sorted(
      numbers.responses.map(
        (meter, index) => [`marathon.http.responses.${index + 1}xx.rate.meter`, meter.read()] as const,
      ),
    ),
    timers: sorted([
      ['marathon.http.requests.duration.timer.seconds', numbers.requests.read()],
      ...[...numbers.requestsBy].map(
        ([method, timer]) =>
          [`marathon.http.requests.${method.toLowerCase()}.duration.timer.seconds`, timer.read()] as const,
      ),
    ]),
  };
}

function sorted<T>(entries: readonly (readonly [name: string, value: T])[]): ReadonlyMap<string, T> {
  return new Map(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
