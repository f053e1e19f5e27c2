/** Words of a few in any case: which fields read them so since 1.5, what is answered, and what stays exact. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { MarathonVersion } from '../../src/simulator/dialect.ts';
import { appOf, type Rig, rig } from './support.ts';

async function start(marathonVersion: MarathonVersion): Promise<Rig> {
  const it = await rig({ marathonVersion, tasks: 'addresses' });
  onTestFinished(() => it.sim.close());
  return it;
}

type Body = Readonly<Record<string, unknown>>;
const docker = { image: 'nginx' };
const port = { portDefinitions: [{ port: 0, name: 'web' }] };

/** A field in another case, where it stands in the answer, and how it is answered. */
const fields: readonly (readonly [name: string, body: Body, path: string, written: string])[] = [
  ['a health check', { healthChecks: [{ protocol: 'mesos_Http' }] }, 'healthChecks/0/protocol', 'MESOS_HTTP'],
  [
    'an IP version',
    { healthChecks: [{ protocol: 'TCP', ipProtocol: 'ipv4' }] },
    'healthChecks/0/ipProtocol',
    'IPv4',
  ],
  [
    'a readiness check',
    { ...port, readinessChecks: [{ portName: 'web', protocol: 'http' }] },
    'readinessChecks/0/protocol',
    'HTTP',
  ],
  ['a network', { networks: [{ mode: 'HOST' }] }, 'networks/0/mode', 'host'],
  ['a container', { container: { type: 'docker', docker } }, 'container/type', 'DOCKER'],
  [
    'a mapping',
    {
      container: { docker, portMappings: [{ protocol: 'UDP,tcp' }] },
      networks: [{ mode: 'Container/Bridge' }],
    },
    'container/portMappings/0/protocol',
    'udp,tcp',
  ],
  ['a port', { portDefinitions: [{ protocol: 'TCP' }] }, 'portDefinitions/0/protocol', 'tcp'],
  [
    'a volume',
    { container: { docker, volumes: [{ containerPath: '/a', hostPath: '/a', mode: 'ro' }] } },
    'container/volumes/0/mode',
    'RO',
  ],
  [
    'a persistent volume',
    { container: { docker, volumes: [{ containerPath: 'a', persistent: { size: 1, type: 'Mount' } }] } },
    'container/volumes/0/persistent/type',
    'mount',
  ],
  ['a check', { check: { http: { scheme: 'https' } } }, 'check/http/scheme', 'HTTPS'],
  ['a selection', { killSelection: 'oldest_first' }, 'killSelection', 'OLDEST_FIRST'],
  ['a strategy', { unreachableStrategy: 'Disabled' }, 'unreachableStrategy', 'disabled'],
];

function at(value: unknown, path: string): unknown {
  return path.split('/').reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value);
}

describe.each(['1.7', '1.10'] as const)('Marathon %s', (version) => {
  test.each(fields)(
    'reads %s in any case, and answers as the type has it',
    async (_, body, path, written) => {
      const it = await start(version);
      const created = await it.call('POST', '/v2/apps', appOf('/web', body));
      expect([created.status, at(created.body, path)]).toEqual([201, written]);
      expect(at(await it.app('/web'), path)).toBe(written);
      const event = it.events.find(({ eventType }) => eventType === 'api_post_event');
      expect(at(event?.['appDefinition'], path)).toBe(written);
    },
  );

  test('the same word in another case changes nothing', async () => {
    const it = await start(version);
    await it.deploy('POST', '/v2/apps', appOf('/web', { killSelection: 'OLDEST_FIRST' }));
    it.fresh();
    await it.deploy('PUT', '/v2/apps/web', { killSelection: 'oldest_first' });
    const success = it.fresh().find(({ eventType }) => eventType === 'deployment_success');
    expect(success?.['plan']).toMatchObject({ steps: [] });
  });

  test('in bulk, in groups, and in the form of before 1.5', async () => {
    const it = await start(version);
    const mappings = { network: 'bridge', portMappings: [{ containerPort: 80, protocol: 'Udp' }] };
    const app = appOf('/shop/old', { container: { docker: { ...docker, ...mappings } } });
    expect((await it.deploy('PUT', '/v2/apps', [app])).status).toBe(200);
    const group = { apps: [appOf('web', { healthChecks: [{ protocol: 'tcp' }] })] };
    expect((await it.deploy('PUT', '/v2/groups/shop/eu', group)).status).toBe(200);
    expect(await it.app('/shop/eu/web')).toMatchObject({ healthChecks: [{ protocol: 'TCP' }] });
    expect(await it.app('/shop/old')).toMatchObject({
      networks: [{ mode: 'container/bridge' }],
      container: { portMappings: [{ protocol: 'udp' }] },
    });
  });
});

test.each([
  ['1.7', 'error.expected.jsstring'],
  ['1.10', 'error.unknown.enum.literal'],
] as const)('what is no word at all %s refuses with %s', async (version, error) => {
  const it = await start(version);
  const refused = async (body: Body) => {
    const answer = await it.call('POST', '/v2/apps', appOf('/web', body));
    return [answer.status, answer.body['details']];
  };
  expect(await refused({ healthChecks: [{ protocol: 'UDP' }] })).toEqual([
    422,
    [{ path: '/healthChecks(0)/protocol', errors: [error] }],
  ]);
  expect(await refused({ portDefinitions: [{ protocol: 'sctp' }] })).toEqual([
    422,
    [{ path: '/portDefinitions(0)/protocol', errors: [error] }],
  ]);
});

const type = [400, 'error.expected.jsstring'] as const;
const rule = [422, 'is not one of (tcp,udp)'] as const;
test.each([
  ['a health check', { healthChecks: [{ protocol: 'http' }] }, type],
  ['a readiness check', { readinessChecks: [{ protocol: 'http' }] }, type],
  ['a container', { container: { type: 'docker', docker } }, type],
  ['a network', { container: { docker: { ...docker, network: 'host' } } }, type],
  ['a selection', { killSelection: 'oldest_first' }, type],
  ['a port', { portDefinitions: [{ protocol: 'TCP' }] }, rule],
  [
    'a mapping',
    { container: { docker: { ...docker, network: 'BRIDGE', portMappings: [{ protocol: 'udp,TCP' }] } } },
    rule,
  ],
])('Marathon 1.4 refuses %s in another case', async (_, body, [status, error]) => {
  const it = await start('1.4');
  const answer = await it.call('POST', '/v2/apps', appOf('/web', body));
  expect([answer.status, answer.body['details']]).toEqual([
    status,
    [expect.objectContaining({ errors: [error] })],
  ]);
});

test.each(['1.4', '1.7', '1.10'] as const)(
  '%s reads the operators of constraints exactly',
  async (version) => {
    const it = await start(version);
    const post = (operator: string) =>
      it.call(
        'POST',
        '/v2/apps',
        appOf(`/web-${operator.length}`, { constraints: [['hostname', operator]] }),
      );
    expect((await post('UNIQUE')).status).toBe(201);
    expect((await post('unique')).status).toBe(422);
  },
);
