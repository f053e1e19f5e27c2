/** App definitions: old forms, defaults, merging, service ports. */
import { describe, expect, test } from 'vitest';
import { complete, merge } from '../../src/simulator/complete.ts';
import { dialectOf } from '../../src/simulator/dialect.ts';
import { withNewConfig } from '../../src/simulator/plan.ts';
import { normalize } from '../../src/simulator/normalize.ts';
import { parseApp } from '../../src/simulator/parse.ts';
import { assignServicePorts } from '../../src/simulator/service-ports.ts';

const dialect = dialectOf('1.10');
const whole = (json: unknown) =>
  complete('/a', normalize(parseApp(json, dialect), dialect), dialect.defaults);

describe('old forms', () => {
  test('docker.network BRIDGE with docker.portMappings', () => {
    const app = whole({
      container: {
        type: 'DOCKER',
        docker: { image: 'web:1', network: 'BRIDGE', portMappings: [{ containerPort: 80, hostPort: 0 }] },
      },
    });
    expect(app.networks).toEqual([{ mode: 'container/bridge' }]);
    expect(app.container).toEqual({
      type: 'DOCKER',
      docker: { image: 'web:1', forcePullImage: false, parameters: [], privileged: false },
      volumes: [],
      portMappings: [{ containerPort: 80, hostPort: 0, labels: {}, protocol: 'tcp', servicePort: 0 }],
    });
    expect(app.portDefinitions).toBeUndefined();
  });

  test('docker.network HOST with ports', () => {
    const app = whole({ ports: [0, 9000], container: { docker: { image: 'web:1', network: 'HOST' } } });
    expect(app.networks).toEqual([{ mode: 'host' }]);
    expect(app.portDefinitions).toEqual([
      { labels: {}, port: 0, protocol: 'tcp' },
      { labels: {}, port: 9000, protocol: 'tcp' },
    ]);
  });

  test('ipAddress and docker.network USER', () => {
    expect(whole({ cmd: 'x', ipAddress: { networkName: 'dcos' } }).networks).toEqual([
      { name: 'dcos', mode: 'container' },
    ]);
    expect(whole({ container: { docker: { image: 'x', network: 'USER' } } }).networks).toEqual([
      { mode: 'container' },
    ]);
  });

  test('uris, and nulls as 1.4 writes them', () => {
    const app = whole({ cmd: 'x', uris: ['http://x/a.tgz'], args: null, ipAddress: null, container: null });
    expect(app.fetch).toEqual([{ uri: 'http://x/a.tgz', extract: true, executable: false, cache: false }]);
    expect('container' in app).toBe(false);
  });
});

describe('defaults', () => {
  test('of an app that says little', () => {
    expect(whole({ cmd: 'x' })).toEqual({
      id: '/a',
      acceptedResourceRoles: ['*'],
      backoffFactor: 1.15,
      backoffSeconds: 1,
      cmd: 'x',
      cpus: 1,
      disk: 0,
      executor: '',
      instances: 1,
      labels: {},
      maxLaunchDelaySeconds: 300,
      mem: 128,
      gpus: 0,
      networks: [{ mode: 'host' }],
      portDefinitions: [{ labels: {}, name: 'default', port: 0, protocol: 'tcp' }],
      requirePorts: false,
      upgradeStrategy: { maximumOverCapacity: 1, minimumHealthCapacity: 1 },
      killSelection: 'YOUNGEST_FIRST',
      unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
      role: '*',
    });
  });

  test('of health checks', () => {
    expect(whole({ cmd: 'x', healthChecks: [{}, { protocol: 'TCP', port: 99 }] }).healthChecks).toEqual([
      {
        gracePeriodSeconds: 300,
        ignoreHttp1xx: false,
        intervalSeconds: 60,
        maxConsecutiveFailures: 3,
        path: '/',
        portIndex: 0,
        protocol: 'HTTP',
        ipProtocol: 'IPv4',
        timeoutSeconds: 20,
        delaySeconds: 15,
      },
      {
        gracePeriodSeconds: 300,
        intervalSeconds: 60,
        maxConsecutiveFailures: 3,
        port: 99,
        protocol: 'TCP',
        ipProtocol: 'IPv4',
        timeoutSeconds: 20,
        delaySeconds: 15,
      },
    ]);
  });

  test('of an app that must be alone', () => {
    const strategy = whole({ cmd: 'x', labels: { MARATHON_SINGLE_INSTANCE_APP: 'true' } }).upgradeStrategy;
    expect(strategy).toEqual({ maximumOverCapacity: 0, minimumHealthCapacity: 0 });
  });
});

describe('merge', () => {
  const before = whole({
    cmd: 'x',
    labels: { a: '1', b: '2' },
    env: { A: '1' },
    resourceLimits: { cpus: 2 },
  });

  test('a field replaces whole, what is not written stays', () => {
    const after = merge(
      before,
      normalize(parseApp({ labels: { c: '3' }, resourceLimits: { cpus: 2 } }, dialect), dialect),
    );
    expect([after.labels, after.env, after.cmd]).toEqual([{ c: '3' }, { A: '1' }, 'x']);
    expect(after.resourceLimits).toEqual({ cpus: 2 });
  });

  test('limits that are not written are dropped', () => {
    expect('resourceLimits' in merge(before, normalize(parseApp({ instances: 3 }, dialect), dialect))).toBe(
      false,
    );
  });
});

describe('service ports', () => {
  const draft = (ports: readonly number[]) => whole({ cmd: 'x', ports });
  const portsOf = (app: ReturnType<typeof draft>) => app.portDefinitions?.map((each) => each.port);

  test('0 gets the lowest that nobody has', () => {
    expect(portsOf(assignServicePorts(draft([0, 10_001, 0]), undefined, new Set([10_000])))).toEqual([
      10_002, 10_001, 10_003,
    ]);
  });

  test('an app keeps those it had', () => {
    const info = { version: 'v', versionInfo: { lastScalingAt: 'v', lastConfigChangeAt: 'v' } };
    const before = withNewConfig({ ...draft([10_007, 80]), ...info }, 'v');
    expect(portsOf(assignServicePorts(draft([0, 0]), before, new Set()))).toEqual([10_007, 10_000]);
  });
});
