/** GET /metrics of each version: names, forms and numbers; the text for Prometheus; who may read it. */
import { afterEach, describe, expect, test } from 'vitest';
import type { MarathonVersion } from '../../src/simulator/dialect.ts';
import { type SimulatorOptions } from '../../src/simulator/simulator.ts';
import { until } from '../support/wait.ts';
import { rawClient } from './raw.ts';
import { appOf, type Rig, rig } from './support.ts';

interface Json {
  readonly version: string;
  readonly gauges: Readonly<Record<string, { readonly value: number }>>;
  readonly counters: Readonly<Record<string, { readonly count: number }>>;
  readonly histograms: object;
  readonly meters: Readonly<Record<string, Readonly<Record<string, unknown>> & { readonly count: number }>>;
  readonly timers: Readonly<Record<string, Readonly<Record<string, unknown>> & { readonly count: number }>>;
}

let it: Rig;
const raw = rawClient(() => it.sim.url);
afterEach(async () => {
  raw.close();
  await it.sim.close();
});

async function start(marathonVersion: MarathonVersion, more: SimulatorOptions = {}): Promise<void> {
  it = await rig({ marathonVersion, tasks: 'addresses', ...more });
}

async function read(): Promise<Json> {
  const answer = await it.call<Json>('GET', '/metrics');
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
  return answer.body;
}

/** Two apps in groups, three tasks that run, one app whose deployment lasts. */
async function cluster(): Promise<void> {
  await it.deploy('POST', '/v2/apps', appOf('/shop/eu/web', { instances: 2 }));
  await it.deploy('POST', '/v2/apps', appOf('/shop/db'));
  await it.call('POST', '/v2/apps', appOf('/slow', { env: { SIM_START_DELAY_MS: '3600000' } }));
  await until('the slow one to be staged', async () => (await it.app('/slow')).tasks.length === 1);
}

const rates = ['m1_rate', 'm5_rate', 'm15_rate', 'mean_rate'];
const quantiles = ['p50', 'p75', 'p95', 'p98', 'p99', 'p999'];

describe('1.4', () => {
  const marathon = 'service.mesosphere.marathon';
  const jetty = 'org.eclipse.jetty.servlet.ServletContextHandler';

  test('has the names and the form of Dropwizard 3', async () => {
    await start('1.4');
    await cluster();
    const json = await read();
    expect(Object.keys(json)).toEqual(['version', 'gauges', 'counters', 'histograms', 'meters', 'timers']);
    expect([json.version, json.histograms]).toEqual(['3.0.0', {}]);
    const value = (name: string) => json.gauges[`${marathon}.${name}`]?.value;
    expect(value('app.count')).toBe(3);
    // The root, /shop and /shop/eu.
    expect(value('group.count')).toBe(3);
    expect([value('task.running.count'), value('task.staged.count')]).toEqual([3, 1]);
    expect(value('uptime')).toBeGreaterThan(0);
    expect(value('leaderDuration')).toBeGreaterThan(0);
    expect(json.counters[`${jetty}.active-requests`]).toEqual({ count: 1 });
    expect(Object.keys(json.meters[`${jetty}.2xx-responses`] ?? {})).toEqual([
      'count',
      'm15_rate',
      'm1_rate',
      'm5_rate',
      'mean_rate',
      'units',
    ]);
    expect(Object.keys(json.timers[`${jetty}.dispatches`] ?? {})).toEqual([
      'count',
      'max',
      'mean',
      'min',
      ...quantiles,
      'stddev',
      'm15_rate',
      'm1_rate',
      'm5_rate',
      'mean_rate',
      'duration_units',
      'rate_units',
    ]);
    expect(json.timers[`${jetty}.get-requests`]).toMatchObject({
      duration_units: 'seconds',
      rate_units: 'calls/second',
    });
  });

  test('writes nothing for Prometheus', async () => {
    await start('1.4');
    for (const method of ['GET', 'POST'])
      expect((await it.call(method, '/metrics/prometheus')).status).toBe(404);
  });
});

describe.each(['1.7', '1.10'] as const)('%s', (version) => {
  const gauge = (json: Json, name: string) => json.gauges[`marathon.${name}.gauge`]?.value;

  test('has the names and the form of Marathon', async () => {
    await start(version);
    await cluster();
    const json = await read();
    expect(Object.keys(json)).toEqual(['version', 'counters', 'gauges', 'histograms', 'meters', 'timers']);
    expect([json.version, json.histograms]).toEqual(['4.0.0', {}]);
    expect(Object.keys(json.gauges)).toEqual(
      [
        'apps.active.gauge',
        'deployments.active.gauge',
        'groups.active.gauge',
        'http.event-streams.active.gauge',
        'http.requests.active.gauge',
        'instances.running.gauge',
        'instances.staged.gauge',
        'leadership.duration.gauge.seconds',
        'pods.active.gauge',
        'uptime.gauge.seconds',
      ].map((name) => `marathon.${name}`),
    );
    expect([gauge(json, 'apps.active'), gauge(json, 'groups.active')]).toEqual([3, 3]);
    expect([gauge(json, 'instances.running'), gauge(json, 'instances.staged')]).toEqual([3, 1]);
    expect(gauge(json, 'deployments.active')).toBe(1);
    expect(Object.keys(json.meters['marathon.http.responses.2xx.rate.meter'] ?? {})).toEqual([
      'count',
      ...rates,
      'units',
    ]);
    expect(Object.keys(json.timers['marathon.http.requests.duration.timer.seconds'] ?? {})).toEqual([
      'count',
      'min',
      'mean',
      'max',
      ...quantiles,
      'stddev',
      ...rates,
      'duration_units',
      'rate_units',
    ]);
  });

  test('counts deployments, launches and what Mesos says of tasks', async () => {
    await start(version);
    await cluster();
    it.sim.crashTask((await it.app('/shop/db')).tasks[0]?.id ?? '');
    const counts = Object.entries((await read()).counters).map(([name, { count }]) => [name, count]);
    expect(Object.fromEntries(counts)).toMatchObject({
      'marathon.deployments.counter': 3,
      'marathon.deployments.dismissed.counter': 0,
      'marathon.mesos.task-updates.task-failed.counter': 1,
      'marathon.mesos.task-updates.task-running.counter': 3,
      'marathon.mesos.task-updates.task-starting.counter': 4,
      'marathon.tasks.launched.counter': 4,
    });
  });

  test('counts requests by answer and method, while they last as active ones', async () => {
    await start(version);
    await it.call('GET', '/v2/apps/none');
    await it.call('PUT', '/v2/apps/none', '{');
    await it.call('GET', '/_sim/tasks');
    await it.call('GET', '/v2/info');
    const before = await read();
    const meters = Object.entries(before.meters).map(([name, { count }]) => [name, count]);
    expect(Object.fromEntries(meters)).toEqual({
      'marathon.http.responses.1xx.rate.meter': 0,
      'marathon.http.responses.2xx.rate.meter': 1,
      'marathon.http.responses.3xx.rate.meter': 0,
      'marathon.http.responses.4xx.rate.meter': 2,
      'marathon.http.responses.5xx.rate.meter': 0,
    });
    const timer = (method: string) =>
      before.timers[`marathon.http.requests.${method}duration.timer.seconds`]?.count;
    expect([timer(''), timer('get.'), timer('put.'), timer('post.')]).toEqual([3, 2, 1, 0]);
    expect([gauge(before, 'http.requests.active'), gauge(before, 'http.event-streams.active')]).toEqual([
      1, 0,
    ]);
    const stream = raw.stream();
    await until('attached', () => stream.text().includes('event_stream_attached'));
    const after = await read();
    expect([gauge(after, 'http.requests.active'), gauge(after, 'http.event-streams.active')]).toEqual([2, 1]);
  });

  test('begins to count anew with another leader, which knows the apps', async () => {
    await start(version, { nodes: 2 });
    await cluster();
    it.sim.changeLeader();
    const { counters, gauges } = await read();
    expect(counters).toEqual({
      'marathon.deployments.counter': { count: 0 },
      'marathon.deployments.dismissed.counter': { count: 0 },
      'marathon.tasks.launched.counter': { count: 0 },
    });
    expect(gauges['marathon.apps.active.gauge']).toEqual({ value: 3 });
  });

  test('is written for Prometheus, each kind in its own way', async () => {
    await start(version);
    await it.call('GET', '/v2/apps/none');
    const answer = await it.call('GET', '/metrics/prometheus');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain']);
    expect(answer.text).toContain(
      '# TYPE marathon_apps_active_gauge gauge\nmarathon_apps_active_gauge 0\n\n',
    );
    expect(answer.text).toContain('# TYPE marathon_http_event_streams_active_gauge gauge\n');
    expect(answer.text).toContain(
      '# TYPE marathon_deployments_counter counter\nmarathon_deployments_counter 0\n\n',
    );
    const meter = 'marathon_http_responses_1xx_rate_meter';
    expect(answer.text).toContain(
      ['count', 'mean_rate', 'm1_rate', 'm5_rate', 'm15_rate']
        .map((key) => `# TYPE ${meter}_${key} gauge\n${meter}_${key} ${key === 'count' ? '0' : '0.0'}\n`)
        .join('') + '\n',
    );
    const timer = 'marathon_http_requests_delete_duration_timer_seconds';
    expect(answer.text).toContain(
      [
        `# TYPE ${timer} summary\n`,
        ...['0.5', '0.75', '0.95', '0.98', '0.99', '0.999'].map(
          (part) => `${timer}{quantile="${part}"} 0.000000\n`,
        ),
        `${timer}_count 0\n`,
        ...['min', 'mean', 'max', 'stddev', 'mean_rate', 'm1_rate', 'm5_rate', 'm15_rate'].map(
          (key) => `# TYPE ${timer}_${key} gauge\n${timer}_${key} 0.0\n`,
        ),
        '\n',
      ].join(''),
    );
    expect(answer.text).toContain('marathon_http_requests_get_duration_timer_seconds_count 1\n');
    // Everything that it writes is a type, a sample or an empty line.
    expect(
      answer.text
        .split('\n')
        .filter((line) => !/^(# TYPE \w+ \w+|\w+(\{quantile="[\d.]+"\})? \S+|)$/.test(line)),
    ).toEqual([]);
  });
});

test('a deployment too many is dismissed', async () => {
  await start('1.10');
  const stuck = { env: { SIM_START_DELAY_MS: '3600000' } };
  for (let n = 0; n < 100; n += 1) await it.call('POST', '/v2/apps', appOf(`/app-${n}`, stuck));
  expect((await it.call('POST', '/v2/apps', appOf('/one-more', stuck))).status).toBe(403);
  const { counters } = await read();
  expect(counters['marathon.deployments.dismissed.counter']).toEqual({ count: 1 });
  expect(counters['marathon.deployments.counter']).toEqual({ count: 100 });
});

test('metrics are read, by those who may', async () => {
  await start('1.10', { auth: { kind: 'token', token: 't1' } });
  for (const path of ['/metrics', '/metrics/prometheus']) {
    expect((await it.call('GET', path)).status).toBe(401);
    const headers = { authorization: 'token=t1' };
    expect((await fetch(`${it.sim.url}${path}`, { headers })).status).toBe(200);
    const post = await fetch(`${it.sim.url}${path}`, { method: 'POST', headers });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET,HEAD,OPTIONS']);
    const more = await fetch(`${it.sim.url}${path}/more`, { headers });
    expect(more.status).toBe(500);
  }
});
