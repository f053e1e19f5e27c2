/** Blueprints, from the file to the apps and gateways of a deployment. */
import { expect, test } from 'vitest';
import type { Blueprint } from '../../../src/declared/vamp/blueprint.ts';
import { appsOf } from '../../../src/declared/vamp/blueprint-apps.ts';
import { gatewaysOf } from '../../../src/declared/vamp/blueprint-gateways.ts';
import { parseBlueprint } from '../../../src/declared/vamp/blueprint-parse.ts';
import type { Gateway } from '../../../src/declared/vamp/gateway.ts';
import { simpleservice } from './simpleservice.ts';

const options = { allowTemplates: false };
const atOnce = { ramp: null, immediate: false };

function parsed(text: string): Blueprint {
  const result = parseBlueprint(text, options);
  if (!result.ok) throw new Error(JSON.stringify(result.flaws));
  return result.blueprint;
}

function flawsOf(text: string): readonly string[] {
  const result = parseBlueprint(text, options);
  return result.ok ? [] : result.flaws.map(({ line, rule, problem }) => `${line} ${rule}: ${problem}`);
}

function gateways(blueprint: Blueprint, before: readonly Gateway[] = []): readonly Gateway[] {
  const result = gatewaysOf(blueprint, new Map(before.map((each) => [each.name, each])), atOnce);
  if (!result.ok) throw new Error(result.problem);
  return result.gateways;
}

/** A blueprint of one cluster, its services given as lines. */
function one(services: string, cluster = '', rest = ''): string {
  return `name: shop\n${rest}clusters:\n  web:\n${cluster}    services:\n${services}`;
}

const service = (name: string, more = '') =>
  `      - breed:\n          name: ${name}\n          deployable: acme/web\n          ports: {http: 8080/http}\n${more}`;

test('the blueprint of two versions of simpleservice becomes two apps', () => {
  const apps = appsOf(parsed(simpleservice));
  expect(apps.map(({ definition }) => definition)).toEqual(
    [
      ['0.9', 3],
      ['1.0', 1],
    ].map(([version, instances]) => ({
      id: `/simpleservice/simpleservice/simpleservice-${version}`,
      cpus: 0.1,
      mem: 32,
      instances,
      env: { SIMPLE_SERVICE_VERSION: version },
      labels: {
        'io.vamp.deployment': 'simpleservice',
        'io.vamp.cluster': 'simpleservice',
        'io.vamp.service': `simpleservice:${version}`,
        'io.baton.definition': expect.stringMatching(/^[0-9a-f]{16}$/),
      },
      container: {
        type: 'DOCKER',
        docker: {
          image: 'mesosphere/simpleservice:1.0',
          network: 'BRIDGE',
          portMappings: [{ containerPort: 0, hostPort: 0, protocol: 'tcp', name: 'port' }],
        },
      },
    })),
  );
});

test('and one gateway on port 10099, 80 to 20', () => {
  expect(gateways(parsed(simpleservice))).toMatchObject([
    {
      name: 'simpleservice/simpleservice/port',
      port: 10_099,
      mode: 'http',
      routes: [
        {
          path: 'simpleservice/simpleservice/simpleservice:0.9/port',
          target: { kind: 'app', app: '/simpleservice/simpleservice/simpleservice-0.9', port: 0 },
          weight: 80,
        },
        {
          path: 'simpleservice/simpleservice/simpleservice:1.0/port',
          target: { kind: 'app', app: '/simpleservice/simpleservice/simpleservice-1.0', port: 0 },
          weight: 20,
        },
      ],
    },
  ]);
});

test('the digest is that of the definition, and knows nothing of instances', () => {
  const digest = (text: string) => appsOf(parsed(text))[0]?.digest;
  const plain = one(service('web:1', '        scale: {instances: 2}\n'));
  expect(digest(plain)).toBe(digest(plain.replace('instances: 2', 'instances: 5')));
  expect(digest(plain)).not.toBe(digest(plain.replace('acme/web', 'acme/web:2')));
});

test('all that a service may say', () => {
  const blueprint = parsed(`
name: shop
environment_variables: {web.COLOUR: red, EVERYWHERE: yes, other.X: 1}
clusters:
  web:
    services:
      breed:
        name: Web_Server:1.0
        deployable: {type: container/docker, definition: "acme/web"}
        ports: {http: 8080/http, Data_Port: 9000/tcp}
        environment_variables: {"password[DB_PASSWORD]": secret, LEVEL: 1.0}
        arguments: [{privileged: true}, {volume: /a:/b}]
        health_checks: {path: /health, port: Data_Port, initial_delay: 10s, timeout: 5 seconds, interval: 1m, failures: 4}
      environment_variables: {LEVEL: 2}
      scale: {cpu: 0.5, memory: 2gb, instances: 4}
      dialects:
        marathon:
          labels: {team: blue}
          uris: [http://example.com/a.tgz]
          container: {docker: {forcePullImage: true}}
`);
  const [app] = appsOf(blueprint);
  expect(app?.definition).toMatchObject({
    id: '/shop/web/web-server-1.0',
    cpus: 0.5,
    mem: 2048,
    instances: 4,
    env: { DB_PASSWORD: 'secret', LEVEL: '2', COLOUR: 'red', EVERYWHERE: 'yes' },
    uris: ['http://example.com/a.tgz'],
    labels: { team: 'blue', 'io.vamp.service': 'Web_Server:1.0' },
    container: {
      docker: {
        image: 'acme/web',
        forcePullImage: true,
        privileged: true,
        parameters: [{ key: 'volume', value: '/a:/b' }],
        portMappings: [
          { containerPort: 8080, name: 'http' },
          { containerPort: 9000, name: 'data-port' },
        ],
      },
    },
    healthChecks: [
      {
        protocol: 'HTTP',
        path: '/health',
        portIndex: 1,
        gracePeriodSeconds: 10,
        timeoutSeconds: 5,
        intervalSeconds: 60,
        maxConsecutiveFailures: 4,
      },
    ],
  });
  expect(app?.definition).not.toHaveProperty('env.X');
});

test('defaults are those of Vamp: 1 CPU, 1 GB, 1 instance', () => {
  const [app] = appsOf(parsed(one(service('web:1'))));
  expect(app?.definition).toMatchObject({ cpus: 1, mem: 1024, instances: 1 });
  expect(app?.definition).not.toHaveProperty('healthChecks');
  expect(app?.definition).not.toHaveProperty('env');
});

test('a dialect may choose the network of the agents, and a command needs no container', () => {
  const host = '        dialects: {marathon: {container: {docker: {network: HOST}}}}\n';
  const [app] = appsOf(parsed(one(service('web:1', host))));
  expect(app?.definition).toMatchObject({ portDefinitions: [{ port: 0, protocol: 'tcp', name: 'http' }] });
  expect(app?.definition).not.toHaveProperty('container.docker.portMappings');
  const command = service('web:1').replace('acme/web', '{type: cmd, definition: ./run}');
  const [other] = appsOf(parsed(one(command)));
  expect(other?.definition).toMatchObject({ cmd: './run', portDefinitions: [{ name: 'http' }] });
  expect(other?.definition).not.toHaveProperty('container');
});

test('services without weights share evenly what is left when the first come', () => {
  const three = parsed(one(service('web:1') + service('web:2') + service('web:3')));
  expect(gateways(three)[0]?.routes.map(({ weight }) => weight)).toEqual([33, 33, 34]);
});

test('a service that joins takes nothing until somebody gives it a weight', () => {
  const before = gateways(parsed(one(service('web:1'))));
  const joined = gateways(parsed(one(service('web:2'))), before);
  expect(joined[0]?.routes.map(({ path, weight }) => [path, weight])).toEqual([
    ['shop/web/web:1/http', 100],
    ['shop/web/web:2/http', 0],
  ]);
});

test('weights that are said count; the same file again brings them back', () => {
  const shares = '    gateways: {routes: {"web:1": {weight: 90%}, "web:2": {weight: 10%}}}\n';
  const both = parsed(one(service('web:1') + service('web:2'), shares));
  const before = gateways(both).map((each) => ({
    ...each,
    routes: each.routes.map((route, at) => ({ ...route, weight: [40, 60][at] ?? 0 })),
  }));
  expect(gateways(both, before)[0]?.routes.map(({ weight }) => weight)).toEqual([90, 10]);
});

test('what comes to another sum with the weights in force is refused in words', () => {
  const before = gateways(parsed(one(service('web:1'))));
  const shares = '    gateways: {routes: {"web:2": {weight: 100%}}}\n';
  const result = gatewaysOf(
    parsed(one(service('web:2'), shares)),
    new Map(before.map((each) => [each.name, each])),
    atOnce,
  );
  expect(result).toMatchObject({ ok: false, problem: expect.stringContaining('come to 200 %') });
});

test('two ports outside for one inside: the second leads to the first; without one Baton chooses', () => {
  const outside = 'gateways: {9050: web/http, 9051/http: {routes: {web/http: {}}, sticky: route}}\n';
  const made = gateways(parsed(one(service('web:1'), '', outside)));
  expect(made).toMatchObject([
    { name: 'shop/web/http', port: 9050, sticky: null },
    { name: 'shop/9051', port: 9051, sticky: 'route', routes: [{ target: { kind: 'gateway' } }] },
  ]);
  expect(gateways(parsed(one(service('web:1'))))).toMatchObject([{ port: 0 }]);
});

test('conditions and stickiness of a cluster are its gateway’s', () => {
  const shares =
    '    gateways: {sticky: route, routes: {"web:1": {weight: 100%}, "web:2": {weight: 0%, condition: User-Agent = Chrome, condition_strength: 50%}}}\n';
  const [made] = gateways(parsed(one(service('web:1') + service('web:2'), shares)));
  expect(made).toMatchObject({ sticky: 'route', routes: [{}, { conditionStrength: 50 }] });
  expect(made?.routes[1]?.condition).not.toBeNull();
});

test.each<[string, string, string]>([
  [
    'weights that sum to 90',
    simpleservice.replace('20%', '10%'),
    '11 total-weight: Total route weight must be either 0% or 100%, and is 90%.',
  ],
  [
    'a duplicate key',
    simpleservice.replace('simpleservice:1.0:', 'simpleservice:0.9:'),
    '11 duplicate-key: ',
  ],
  [
    'a slip in a key',
    simpleservice.replace('  services:', '  servises:'),
    '13 unknown-key: Nobody knows the key "servises"',
  ],
  [
    'a route to no service',
    simpleservice.replace('simpleservice:1.0:', 'simpleservice:1.1:'),
    '11 route: No service of simpleservice has the breed "simpleservice:1.1".',
  ],
  [
    'a gateway to no port',
    simpleservice.replace('simpleservice/port', 'simpleservice/web'),
    '4 route: The gateway leads to "simpleservice/web", and there is no such cluster and port.',
  ],
  ['a percent without its sign', simpleservice.replace('80%', '80'), '10 weight: '],
  ['memory in nothing', simpleservice.replace('32MB', '32XB'), '24 memory: memory is "32XB".'],
  [
    'half an instance',
    simpleservice.replace('instances: 3', 'instances: 2.5'),
    '25 number: instances is "2.5".',
  ],
  [
    'a breed by reference',
    one('      - breed: web:1\n'),
    '5 reference: The breed is only named ("web:1"), and Baton keeps no breeds.',
  ],
  [
    'nothing to deploy',
    one('      - breed: {name: web}\n'),
    '5 deployable: The breed web has nothing to deploy.',
  ],
  [
    'a workflow',
    one('      - breed: {name: w, deployable: {type: application/javascript, definition: x}}\n'),
    '5 workflow: Baton does not run deployables of the type "application/javascript".',
  ],
  [
    'the same breed twice',
    one(service('web:1') + service('web:1')),
    '9 breed-twice: The breed web:1 stands twice in web.',
  ],
  [
    'another cluster’s address',
    one(service('web:1', '        env: {DB: "$db.host:$db.ports.sql"}\n')),
    '9 environment-reference: The variable "DB" refers to another cluster',
  ],
  ['no clusters', 'name: x\n', '1 clusters: The blueprint has no clusters.'],
  ['no name', 'clusters: {}\n', '1 name: The blueprint has no name.'],
  ['nothing', '', '1 empty: The file holds nothing.'],
  ['a list', '[]', '1 map: a blueprint should be a map, and is a list.'],
])('%s: the line and the rule are named', (_, text, flaw) => {
  expect(flawsOf(text)[0]).toContain(flaw);
});

test('what Baton does not do is named, with what to use instead', () => {
  const text = one(
    service('web:1').replace('          ports', '          dependencies: {db: db:1}\n          ports'),
    '    sla: {type: response_time_sliding_window}\n',
  );
  const result = parseBlueprint(text, options);
  expect(result.ok && result.notes.map(({ line, rule }) => [line, rule])).toEqual([
    [4, 'sla'],
    [9, 'dependencies'],
  ]);
});
