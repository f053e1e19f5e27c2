/** Marathon's formats become the model: networks, ports, checks, versions, readiness. */
import { describe, expect, test } from 'vitest';
import type { App, HealthCheck } from '../../src/model/app.ts';
import { millis } from '../../src/model/ids.ts';
import { wireApp } from '../../src/marathon/schema.ts';
import { toApp } from '../../src/marathon/to-model.ts';
import { v1, v2, v3, type Wire, wireAppOf, wireTaskOf } from './support/wire.ts';

function model(
  wire: Wire,
  previous: App | null = null,
  checksOf: (version: string) => readonly HealthCheck[] | null = () => null,
): App {
  return toApp(wireApp.parse(wire), { previous, checksOf, now: millis(0) });
}

describe('network and ports', () => {
  const none = { networks: undefined, container: undefined };
  const docker14 = (network: string): Wire => ({
    ...none,
    container: {
      type: 'DOCKER',
      docker: { network, portMappings: [{ containerPort: 80, hostPort: 0, servicePort: 10002, name: null }] },
    },
    ports: [10002],
    ipAddress: null,
  });
  test.each<[string, Wire, string, readonly (readonly [number | null, number | null, string | null])[]]>([
    ['1.5 bridge', {}, 'bridge', [[10001, 8080, 'web']]],
    [
      '1.5 host',
      { ...none, networks: [{ mode: 'host' }], portDefinitions: [{ port: 10003, name: 'a' }, { port: 0 }] },
      'host',
      [
        [10003, null, 'a'],
        [0, null, null],
      ],
    ],
    [
      '1.5 container',
      { networks: [{ mode: 'container', name: 'dcos' }] },
      'container',
      [[10001, 8080, 'web']],
    ],
    ['1.4 bridge', docker14('BRIDGE'), 'bridge', [[10002, 80, null]]],
    ['1.4 user network', docker14('USER'), 'container', [[10002, 80, null]]],
    [
      '1.4 host with docker',
      { ...none, container: { docker: { network: 'HOST', portMappings: null } }, ports: [10004, 10005] },
      'host',
      [
        [10004, null, null],
        [10005, null, null],
      ],
    ],
    [
      '1.4 portDefinitions beside ports',
      {
        ...none,
        ports: [10006],
        portDefinitions: [{ port: 10006, name: 'http', protocol: 'tcp', labels: {} }],
      },
      'host',
      [[10006, null, 'http']],
    ],
    [
      '1.4 address per task',
      {
        ...none,
        ipAddress: { groups: [], discovery: { ports: [{ number: 80, name: 'http', protocol: 'tcp' }] } },
      },
      'container',
      [[null, 80, 'http']],
    ],
    ['nothing at all', none, 'host', []],
    ['a mode of the future', { networks: [{ mode: 'moon' }] }, 'container', [[10001, 8080, 'web']]],
  ])('%s', (_, fields, network, ports) => {
    const app = model(wireAppOf('/shop', fields));
    expect(app.network).toBe(network);
    expect(app.ports.map((port) => [port.servicePort, port.containerPort, port.name])).toEqual(ports);
    expect(app.ports.map(({ index }) => index)).toEqual(ports.map((__, index) => index));
  });
});

test("1.4's nulls and surprising values are tolerated where they do no harm", () => {
  const app = model(
    wireAppOf('shop//web/', {
      args: null,
      labels: { a: 'b', odd: 7 },
      healthChecks: [null, { protocol: 'QUIC', path: null, portIndex: null, port: null, command: null }],
      readinessChecks: null,
      versionInfo: null,
      tasks: [
        wireTaskOf('/shop', {
          ports: null,
          startedAt: 'soon',
          state: 'TASK_DREAMING',
          healthCheckResults: [null],
        }),
      ],
    }),
  );
  expect(app).toMatchObject({
    id: '/shop/web',
    labels: { a: 'b' },
    lastConfigChangeAt: v1,
    healthChecks: [
      {
        protocol: 'command',
        path: null,
        intervalSec: 60,
        timeoutSec: 20,
        graceSec: 300,
        maxConsecutiveFailures: 3,
      },
    ],
    tasks: [{ state: 'TASK_DREAMING', ports: [], startedAt: null, health: 'unknown' }],
  });
});

test.each([
  ['HTTP', 'http'],
  ['MESOS_HTTP', 'http'],
  ['HTTPS', 'https'],
  ['MESOS_HTTPS', 'https'],
  ['TCP', 'tcp'],
  ['MESOS_TCP', 'tcp'],
  ['COMMAND', 'command'],
  [undefined, 'http'],
])('a check of protocol %s is %s', (protocol, expected) => {
  expect(model(wireAppOf('/a', { healthChecks: [{ protocol }] })).healthChecks[0]?.protocol).toBe(expected);
});

test.each([
  ['MESOS_HTTP', true],
  ['MESOS_TCP', true],
  ['HTTP', undefined],
  [undefined, undefined],
])('a check of protocol %s is performed by Mesos: %s', (protocol, byMesos) => {
  expect(model(wireAppOf('/a', { healthChecks: [{ protocol }] })).healthChecks[0]?.byMesos).toBe(byMesos);
});

test.each<[string, Wire]>([
  ['no version', { version: undefined }],
  ['an instance count that is no number', { instances: '3' }],
  ['a task without an id', { tasks: [{ state: 'TASK_RUNNING' }] }],
  ['tasks that are no list', { tasks: 'many' }],
])('%s is not read as an app', (_, fields) => {
  expect(wireApp.safeParse(wireAppOf('/a', fields)).success).toBe(false);
});

test('a task is current from the last change of the configuration on, whatever scaled later', () => {
  const app = model(
    wireAppOf('/a', {
      version: v3,
      versionInfo: { lastScalingAt: v3, lastConfigChangeAt: v2 },
      tasks: [
        wireTaskOf('/a', { id: 'a.1', version: v1 }),
        wireTaskOf('/a', { id: 'a.2', version: v2 }),
        wireTaskOf('/a', { id: 'a.3', version: v3 }),
        wireTaskOf('/a', { id: 'a.4', version: undefined, state: 'TASK_FAILED', ports: [] }),
      ],
    }),
  );
  expect(app.tasks.map(({ current }) => current)).toEqual([false, true, true, false]);
});

test('tasks come sorted, so that the same app is the same value', () => {
  const [one, two] = [wireTaskOf('/a', { id: 'a.1' }), wireTaskOf('/a', { id: 'a.2' })];
  expect(model(wireAppOf('/a', { tasks: [two, one] }))).toEqual(
    model(wireAppOf('/a', { tasks: [one, two] })),
  );
});

describe('readiness', () => {
  const running = {
    version: v2,
    versionInfo: { lastConfigChangeAt: v2 },
    readinessChecks: [{ name: 'warm' }],
    deployments: [{ id: 'd' }],
  };
  const fresh = wireTaskOf('/a', { id: 'a.new', version: v2 });
  const result = (ready: boolean, taskId = 'a.new'): Wire => ({ name: 'warm', taskId, ready });
  test.each<[string, Wire, boolean]>([
    ['no readiness checks', { readinessChecks: [] }, true],
    ['no deployment runs', { deployments: [] }, true],
    ['no result yet', {}, false],
    ['not passed', { readinessCheckResults: [result(false)] }, false],
    ['passed', { readinessCheckResults: [result(true)] }, true],
    ["another task's result", { readinessCheckResults: [result(true, 'a.other')] }, false],
    [
      'one of two',
      { readinessChecks: [{ name: 'warm' }, { name: 'hot' }], readinessCheckResults: [result(true)] },
      false,
    ],
    ['launched before this deployment', { tasks: [wireTaskOf('/a', { version: v1 })] }, true],
  ])('%s', (_, fields, passed) => {
    const app = model(wireAppOf('/a', { ...running, tasks: [fresh], ...fields }));
    expect(app.tasks[0]?.readinessPassed).toBe(passed);
  });

  test('what has passed once stays so when the results are gone', () => {
    const passed = model(
      wireAppOf('/a', { ...running, tasks: [fresh], readinessCheckResults: [result(true)] }),
    );
    expect(model(wireAppOf('/a', { ...running, tasks: [fresh] }), passed).tasks[0]?.readinessPassed).toBe(
      true,
    );
  });
});

describe('tasks of an older version', () => {
  const fields = {
    version: v2,
    versionInfo: { lastConfigChangeAt: v2 },
    healthChecks: [{ protocol: 'HTTP', path: '/new' }, { protocol: 'TCP' }],
  };
  const old: readonly HealthCheck[] = model(wireAppOf('/a')).healthChecks;

  test('have the checks of their version, and are up by its number of them', () => {
    const app = model(wireAppOf('/a', fields), null, (version) => (version === v1 ? old : null));
    expect(app.tasks[0]).toMatchObject({ current: false, health: 'up', healthChecks: [{ path: '/health' }] });
  });

  test("have the app's present checks where theirs cannot be found, and are up by what is reported", () => {
    const app = model(wireAppOf('/a', fields));
    expect(app.tasks[0]?.health).toBe('up');
    expect(app.tasks[0]?.healthChecks).toEqual(app.healthChecks);
  });
});

test('after a change of leader the health of a task is its last one; a new task has none', () => {
  const silent = { healthCheckResults: [] };
  const before = model(wireAppOf('/a', { tasks: [wireTaskOf('/a', { id: 'a.1' })] }));
  const after = wireAppOf('/a', {
    tasks: [wireTaskOf('/a', { id: 'a.1', ...silent }), wireTaskOf('/a', { id: 'a.2', ...silent })],
  });
  const read = (previous: App | null, at: number): App =>
    toApp(wireApp.parse(after), { previous, checksOf: () => null, now: millis(at) });
  const minuteMs = 60_000;
  const first = read(before, minuteMs);
  expect(first.tasks.map(({ health }) => health)).toEqual(['up', 'unknown']);
  expect(read(first, 10 * minuteMs)).toEqual(first);
  expect(read(first, 11 * minuteMs).tasks.map(({ health }) => health)).toEqual(['unknown', 'unknown']);
});
