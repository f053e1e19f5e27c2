/** Old forms of ports, networks and artifacts beside new ones: what Marathon 1.5 and later refuses, and what it takes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appOf, type Rig, rig } from './support.ts';

let it: Rig;
let old: Rig;
beforeAll(async () => {
  [it, old] = (await Promise.all(
    (['1.7', '1.4'] as const).map((marathonVersion) => rig({ marathonVersion, tasks: 'addresses' })),
  )) as [Rig, Rig];
  await it.deploy('POST', '/v2/apps', appOf('/there'));
});
afterAll(() => Promise.all([it.sim.close(), old.sim.close()]));

const docker = { image: 'nginx' };
const port = { port: 8080 };

describe('refused', () => {
  test.each([
    [
      'two networks',
      { container: { docker: { ...docker, network: 'BRIDGE' } }, networks: [{ mode: 'host' }] },
      '/',
      'must not specify both container.docker.network and networks',
    ],
    [
      'an address and a network',
      { ipAddress: { networkName: 'dcos' }, networks: [{ mode: 'container', name: 'dcos' }] },
      '/',
      'must not specify both networks and ipAddress',
    ],
    [
      'an address and ports',
      { ipAddress: {}, ports: [0] },
      '/',
      'cannot specify both an IP address and port',
    ],
    [
      'an address and definitions of ports',
      { ipAddress: {}, portDefinitions: [port] },
      '/',
      'cannot specify both an IP address and port',
    ],
    ['a port twice', { ports: [8080, 0, 8080] }, '/', 'ports must be unique'],
    [
      'other ports than are defined',
      { ports: [8081], portDefinitions: [port] },
      '/',
      'cannot specify both ports and port definitions',
    ],
    [
      'no ports, and some that are defined',
      { ports: [], portDefinitions: [port] },
      '/',
      'cannot specify both ports and port definitions',
    ],
    [
      'discovery for Docker',
      { container: { docker }, ipAddress: { discovery: { ports: [] } } },
      '/ipAddress',
      'ipAddress/discovery is not allowed for Docker containers',
    ],
    [
      'artifacts in both forms',
      { uris: ['http://a/b.tgz'], fetch: [{ uri: 'http://a/b.tgz' }] },
      '/uris',
      'may not be set in conjunction with fetch',
    ],
  ])('%s, in a new app, an update and a group', async (_, body, path, error) => {
    const refusal = [422, { message: 'Object is not valid', details: [{ path, errors: [error] }] }];
    for (const [method, at, sent] of [
      ['POST', '/v2/apps', appOf('/web', body)],
      ['PATCH', '/v2/apps/there', body],
      ['PUT', '/v2/groups/shop', { apps: [appOf('web', body)] }],
    ] as const) {
      const answer = await it.call(method, at, sent);
      expect([answer.status, answer.body]).toEqual(refusal);
    }
  });
});

test.each([
  ['ports that are defined as well', { ports: [8080], portDefinitions: [port] }],
  ['several ports that Marathon chooses', { ports: [0, 0] }],
  ['an empty list of artifacts', { uris: [], fetch: [{ uri: 'http://a/b.tgz' }] }],
  ['discovery without Docker', { container: { type: 'MESOS' }, ipAddress: { discovery: { ports: [] } } }],
])('taken: %s', async (name, body) => {
  const answer = await it.call('POST', '/v2/apps', appOf(`/taken-${name.length}`, body));
  expect([answer.status, answer.body['details']]).toEqual([201, undefined]);
});

test('1.4 knows no networks, which are ignored', async () => {
  const both = { container: { docker: { ...docker, network: 'BRIDGE' } }, networks: [{ mode: 'host' }] };
  expect((await old.call('POST', '/v2/apps', appOf('/web', both))).status).toBe(201);
});
