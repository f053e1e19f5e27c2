/** Where an app is served and where its tasks are reached, by its network and the format of its definition. */
import { expect, test } from 'vitest';
import { declare } from '../../../src/declared/declare.ts';
import { plainOptions } from '../../../src/declared/types.ts';
import { wireApp } from '../../../src/marathon/schema.ts';
import { toApp } from '../../../src/marathon/to-model.ts';
import { endpointsOf } from '../../../src/model/endpoint.ts';
import { millis } from '../../../src/model/ids.ts';
import { type Wire, wireAppOf, wireTaskOf } from '../../marathon/support/wire.ts';

const mapping = { containerPort: 80, hostPort: 0, servicePort: 10_002 };
const unmapped = { containerPort: 80 };
const old = { networks: undefined, container: undefined };
const host: Wire = { ports: [31_001], ipAddresses: [] };
const perTask: Wire = { ports: [], ipAddresses: [{ ipAddress: '10.1.2.3', protocol: 'IPv4' }] };
const agent = ['agent-1', 31_001];
const own = ['10.1.2.3', 80];

test.each<[string, Wire, Wire, Readonly<Record<string, string>>, number, readonly (string | number)[]]>([
  ['1.4 host', { ...old, ports: [10_002] }, host, {}, 10_002, agent],
  [
    '1.5 host',
    { networks: [{ mode: 'host' }], portDefinitions: [{ port: 10_002 }] },
    host,
    {},
    10_002,
    agent,
  ],
  [
    '1.4 bridge',
    { ...old, container: { docker: { network: 'BRIDGE', portMappings: [mapping] } } },
    host,
    {},
    10_002,
    agent,
  ],
  [
    '1.5 bridge',
    { networks: [{ mode: 'container/bridge' }], container: { portMappings: [mapping] } },
    host,
    {},
    10_002,
    agent,
  ],
  [
    '1.4 address per task, whose ports marathon-lb assigns',
    { ...old, ipAddress: { discovery: { ports: [{ number: 80, name: 'http', protocol: 'tcp' }] } } },
    perTask,
    {},
    10_069,
    own,
  ],
  [
    '1.4 user network',
    { ...old, container: { docker: { network: 'USER', portMappings: [unmapped] } } },
    perTask,
    {},
    10_069,
    own,
  ],
  [
    '1.5 container network',
    { networks: [{ mode: 'container', name: 'dcos' }], container: { portMappings: [unmapped] } },
    perTask,
    {},
    10_069,
    own,
  ],
  [
    '1.5 container network with a service port',
    { networks: [{ mode: 'container', name: 'dcos' }], container: { portMappings: [mapping] } },
    perTask,
    {},
    10_002,
    own,
  ],
  [
    '1.5 container network with a port in its labels',
    { networks: [{ mode: 'container', name: 'dcos' }], container: { portMappings: [unmapped] } },
    perTask,
    { HAPROXY_0_PORT: '9000' },
    9_000,
    own,
  ],
])('%s', (_, format, task, labels, port, address) => {
  const wire = wireAppOf('/shop/ip', {
    ...format,
    labels: { HAPROXY_GROUP: 'g', ...labels },
    tasks: [wireTaskOf('/shop/ip', { host: 'agent-1', ...task })],
  });
  const app = toApp(wireApp.parse(wire), { previous: null, checksOf: () => null, now: millis(0) });
  const { services, diagnostics } = declare(new Map([[app.id, app]]), [], {
    ...plainOptions,
    groups: new Set(['g']),
  });
  expect(diagnostics).toEqual([]);
  expect(services.flatMap(({ listeners }) => listeners.map((each) => each.port))).toEqual([port]);
  expect(endpointsOf(app, 0).map((each) => [each.host, each.port])).toEqual([address]);
});
