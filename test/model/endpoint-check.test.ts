/** The data plane's check of an endpoint, after the health checks that Marathon carries out. */
import { expect, test } from 'vitest';
import { wireApp } from '../../src/marathon/schema.ts';
import { toApp } from '../../src/marathon/to-model.ts';
import type { App } from '../../src/model/app.ts';
import { currentCheckKind, endpointsOf } from '../../src/model/endpoint.ts';
import { millis } from '../../src/model/ids.ts';
import { type Wire, wireAppOf, wireTaskOf } from '../marathon/support/wire.ts';

const http = { protocol: 'HTTP', path: '/health' };
const tcp = { protocol: 'TCP' };
const ports = { web: 31_001, admin: 31_002 };

/** A web port 8080 and an admin port 9090, with these checks. */
function appIn(mode: string, healthChecks: readonly Wire[]): App {
  const isHost = mode === 'host';
  const wire = wireAppOf('/shop', {
    networks: [{ mode }],
    ...(isHost
      ? { container: undefined, portDefinitions: [{ port: 10_001 }, { port: 10_002 }] }
      : { container: { portMappings: [{ containerPort: 8080 }, { containerPort: 9090 }] } }),
    healthChecks,
    tasks: [wireTaskOf('/shop', { ports: [ports.web, ports.admin] })],
  });
  return toApp(wireApp.parse(wire), { previous: null, checksOf: () => null, now: millis(0) });
}

function checksIn(mode: string, healthChecks: readonly Wire[]): readonly (readonly unknown[])[] {
  const app = appIn(mode, healthChecks);
  return [0, 1].map((index) => {
    const check = endpointsOf(app, index)[0]?.check;
    expect(currentCheckKind(app, index)).toBe(check?.kind);
    return [check?.kind, check?.path, check?.port];
  });
}

test.each<[string, string, readonly Wire[], readonly (readonly unknown[])[]]>([
  [
    'is of its own port',
    'container/bridge',
    [{ ...http, portIndex: 1 }],
    [
      ['tcp', '/', null],
      ['http', '/health', null],
    ],
  ],
  [
    'is of port 0 when no port is said',
    'host',
    [http],
    [
      ['http', '/health', null],
      ['tcp', '/', null],
    ],
  ],
  [
    'goes to where the container port of the check is mapped',
    'container/bridge',
    [{ ...http, protocol: 'MESOS_HTTP', port: 9090 }],
    [
      ['http', '/health', ports.admin],
      ['http', '/health', null],
    ],
  ],
  [
    'is a connect when the container port of the check is not mapped',
    'container/bridge',
    [{ ...http, protocol: 'MESOS_HTTP', port: 7070 }],
    [
      ['tcp', '/', null],
      ['tcp', '/', null],
    ],
  ],
  [
    'goes to the number that is said where tasks have the ports themselves',
    'host',
    [{ ...http, port: 7070 }],
    [
      ['http', '/health', 7070],
      ['http', '/health', 7070],
    ],
  ],
  [
    'goes to the number that is said where tasks have addresses of their own',
    'container',
    [{ ...tcp, port: 7070 }],
    [
      ['tcp', '/', 7070],
      ['tcp', '/', 7070],
    ],
  ],
])('the check %s (%s)', (_, mode, healthChecks, expected) => {
  expect(checksIn(mode, healthChecks)).toEqual(expected);
});

test('takes its times and its failures from the check, and never less than one of each', () => {
  const times = (fields: Wire) => {
    const wire = wireAppOf('/shop', { healthChecks: [{ ...http, ...fields }] });
    const app = toApp(wireApp.parse(wire), { previous: null, checksOf: () => null, now: millis(0) });
    const check = endpointsOf(app, 0)[0]?.check;
    return [check?.intervalMs, check?.timeoutMs, check?.fall];
  };
  expect(times({})).toEqual([60_000, 20_000, 3]);
  expect(times({ intervalSeconds: 5, timeoutSeconds: 2, maxConsecutiveFailures: 7 })).toEqual([
    5000, 2000, 7,
  ]);
  expect(times({ intervalSeconds: 0, timeoutSeconds: 0, maxConsecutiveFailures: 0 })).toEqual([
    1000, 1000, 1,
  ]);
});

test.each([
  [
    'takes the check of the port that is probed, there',
    'container/bridge',
    [{ ...http, portIndex: 1 }],
    'http',
    ports.admin,
  ],
  ['keeps its own check, there', 'host', [http, { ...tcp, portIndex: 1 }], 'http', ports.admin],
  ['connects there when neither port has one', 'container/bridge', [], 'tcp', ports.admin],
  ['goes to the container port where tasks have addresses of their own', 'container', [http], 'http', 9090],
  ['stays where the number is said', 'host', [{ ...http, port: 7070 }], 'http', 7070],
])('a port whose check another port answers %s', (_, mode, healthChecks, kind, port) => {
  const app = appIn(mode, healthChecks);
  const [endpoint] = endpointsOf(app, 0, 1);
  expect(endpoint?.check).toMatchObject({ kind, port });
  expect(endpoint?.checkIsConclusive).toBe(false);
  expect(currentCheckKind(app, 0, 1)).toBe(kind);
});
