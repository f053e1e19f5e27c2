/** Apps in the format of 1.4, from what people write to what the API answers. */
import { expect, test } from 'vitest';
import { complete } from '../../src/simulator/complete.ts';
import { dialectOf } from '../../src/simulator/dialect.ts';
import { normalize } from '../../src/simulator/normalize.ts';
import { parseApp } from '../../src/simulator/parse.ts';

const v = '2026-01-01T00:00:00.000Z';

function written(json: unknown): Record<string, unknown> {
  const dialect = dialectOf('1.4');
  const draft = complete('/a', normalize(parseApp(json, dialect), dialect), dialect.defaults);
  const app = { ...draft, version: v, versionInfo: { lastScalingAt: v, lastConfigChangeAt: v } };
  return dialect.app(app) as Record<string, unknown>;
}

test('every key, in order, with null for what is not there', () => {
  expect(JSON.stringify(written({ id: 'a', cmd: 'sleep 1', uris: ['http://h/x.tgz'] }))).toBe(
    [
      '{"id":"/a","cmd":"sleep 1","args":null,"user":null,"env":{},"instances":1,"cpus":1,"mem":128,"disk":0,"gpus":0',
      '"executor":"","constraints":[],"uris":["http://h/x.tgz"]',
      '"fetch":[{"uri":"http://h/x.tgz","extract":true,"executable":false,"cache":false}],"storeUrls":[]',
      '"backoffSeconds":1,"backoffFactor":1.15,"maxLaunchDelaySeconds":3600,"container":null,"healthChecks":[]',
      '"readinessChecks":[],"dependencies":[],"upgradeStrategy":{"minimumHealthCapacity":1,"maximumOverCapacity":1}',
      `"labels":{},"ipAddress":null,"version":"${v}","residency":null,"secrets":{},"taskKillGracePeriodSeconds":null`,
      '"unreachableStrategy":{"inactiveAfterSeconds":300,"expungeAfterSeconds":600},"killSelection":"YOUNGEST_FIRST"',
      '"ports":[0],"portDefinitions":[{"port":0,"protocol":"tcp","name":"default","labels":{}}],"requirePorts":false',
      `"versionInfo":{"lastScalingAt":"${v}","lastConfigChangeAt":"${v}"}}`,
    ].join(','),
  );
});

test('bridge: mappings belong to Docker, and there is a definition for each', () => {
  const portMappings = [{ containerPort: 80, hostPort: 0, servicePort: 9000, name: 'web' }];
  const app = written({ id: 'a', container: { docker: { image: 'x', network: 'BRIDGE', portMappings } } });
  expect(app['container']).toEqual({
    type: 'DOCKER',
    volumes: [],
    docker: {
      image: 'x',
      network: 'BRIDGE',
      portMappings: [
        { containerPort: 80, hostPort: 0, servicePort: 9000, protocol: 'tcp', name: 'web', labels: {} },
      ],
      privileged: false,
      parameters: [],
      forcePullImage: false,
    },
  });
  expect(app).toMatchObject({
    ports: [9000],
    portDefinitions: [{ port: 9000, protocol: 'tcp', labels: {} }],
    requirePorts: false,
    ipAddress: null,
  });
});

test('an address of its own: no ports, and a network name', () => {
  const app = written({
    id: 'a',
    ipAddress: { networkName: 'net' },
    container: { docker: { image: 'x', network: 'USER', portMappings: [{ containerPort: 80 }] } },
  });
  expect(app['ipAddress']).toEqual({ groups: [], labels: {}, discovery: { ports: [] }, networkName: 'net' });
  expect(app).toMatchObject({
    container: { docker: { network: 'USER', portMappings: [{ containerPort: 80 }] } },
  });
  expect(['ports', 'portDefinitions', 'requirePorts'].filter((key) => key in app)).toEqual([]);
});

test('an address of its own without Docker: ports for discovery', () => {
  const ports = [{ number: 80, name: 'web', protocol: 'tcp' }];
  const app = written({ id: 'a', cmd: 'x', ipAddress: { discovery: { ports } } });
  expect(app['ipAddress']).toEqual({ groups: [], labels: {}, discovery: { ports } });
});

test('the newer forms are not known', () => {
  const app = written({
    id: 'a',
    networks: [{ mode: 'container/bridge' }],
    container: { docker: { image: 'x' }, portMappings: [{ containerPort: 80 }] },
  });
  expect(app).toMatchObject({ container: { docker: { network: 'HOST', portMappings: [] } } });
});
