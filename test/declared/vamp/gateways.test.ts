/** Gateways beside the services of labels, the apps of the seed's kind among them, and what is outside Marathon. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findApps } from '../../../src/cli/definitions/find-apps.ts';
import { readJson } from '../../../src/cli/definitions/json-source.ts';
import { defineApp } from '../../../src/cli/definitions/to-app.ts';
import { declare } from '../../../src/declared/declare.ts';
import { plainOptions } from '../../../src/declared/types.ts';
import { externalApp } from '../../../src/declared/vamp/externals.ts';
import { parseGateways } from '../../../src/declared/vamp/gateway-parse.ts';
import type { Gateway } from '../../../src/declared/vamp/gateway.ts';
import { endpointsOf } from '../../../src/model/endpoint.ts';
import { app, app1, type AppSketch, member } from '../cluster.ts';

function gatewaysOf(yaml: string): readonly Gateway[] {
  const result = parseGateways(yaml, { allowTemplates: false });
  if (!result.ok) throw new Error(result.flaws.map(({ problem }) => problem).join(' '));
  return result.gateways;
}

/** An app as people write it for marathon-lb, VIPs and Vamp's gateways together. */
function simpleService(version: string): string {
  return `{
  "id": "/simple-service-${version}",
  "container": {
    "type": "DOCKER",
    "docker": {
      "image": "magneticio/simpleservice:${version}",
      "network": "BRIDGE",
      "portMappings": [
        { "containerPort": 3000, "labels": { "VIP_0": "/simple-service-${version}:3000" } }
      ]
    }
  },
  "labels": {
    "HAPROXY_0_MODE": "http",
    "HAPROXY_0_VHOST": "simpleservice${version.replaceAll('.', '')}.mycompany.com",
    "HAPROXY_GROUP": "external"
  }
}`;
}

test('definitions with VIPs and a gateway over their addresses make one service with half each', () => {
  const apps = ['1.0.0', '1.1.0'].flatMap((version) =>
    findApps('app.json', readJson(simpleService(version))).apps.map(
      (found) => defineApp(found, '2024-01-01T00:00:00.000Z', () => 10_000).defined.app,
    ),
  );
  const gateways = gatewaysOf(`name: simpleservice
port: 8080/http
routes:
  "[simple-service-1.0.0.marathon.l4lb.thisdcos.directory:3000]":
    weight: 50%
  "[simple-service-1.1.0.marathon.l4lb.thisdcos.directory:3000]":
    weight: 50%
`);
  const declaration = declare(new Map(apps.map((each) => [each.id, each])), [], plainOptions, gateways);
  expect(declaration.diagnostics).toEqual([]);
  expect(declaration.externals).toEqual([]);
  expect(declaration.services).toMatchObject([
    {
      id: '/gateway/simpleservice',
      listeners: [{ port: 8080, mode: 'http', hosts: [] }],
      pools: [
        { app: '/simple-service-1.0.0', portIndex: 0, priority: 0, weight: 50 },
        { app: '/simple-service-1.1.0', portIndex: 0, priority: 0, weight: 50 },
      ],
    },
  ]);
});

test('what is outside Marathon is one endpoint, which the data plane probes by connecting', () => {
  const found = endpointsOf(externalApp({ host: '10.0.0.9', port: 5432 }), 0);
  expect(found).toMatchObject([
    {
      server: '10-0-0-9-5432',
      host: '10.0.0.9',
      port: 5432,
      health: 'up',
      check: { kind: 'tcp', port: null },
    },
  ]);
});

const sketches: readonly AppSketch[] = [
  app1,
  member('/app1-100', { service: 'app1', priority: 10 }),
  { id: '/vip', ports: [{ labels: { VIP_0: '/vip:80' } }] },
  { id: '/plain', checked: false },
];
const paths = [
  'app1',
  '/app1-100',
  'plain/0',
  'nobody',
  '[vip.marathon.l4lb.thisdcos.directory:80]',
  '[10.0.0.1:80]',
  'g0',
  'g1',
];

test('gateways change nothing of other services, whatever they lead to, and the order of apps nothing of them', () => {
  const route = fc.record({ path: fc.constantFrom(...paths), hasCondition: fc.boolean() });
  const drawn = fc.array(
    fc.uniqueArray(route, { minLength: 1, maxLength: 4, selector: ({ path }) => path }),
    {
      minLength: 1,
      maxLength: 3,
    },
  );
  fc.assert(
    fc.property(drawn, fc.shuffledSubarray([...sketches]), (all, some) => {
      const gateways = all.flatMap((routes, n) =>
        gatewaysOf(
          JSON.stringify({
            name: `g${n}`,
            port: 8080 + n,
            routes: Object.fromEntries(
              routes.map(({ path, hasCondition }) => [
                path,
                hasCondition ? { condition: 'has cookie a' } : {},
              ]),
            ),
          }),
        ),
      );
      const apps = some.map(app);
      const of = (given: typeof apps, also: readonly Gateway[]) =>
        declare(new Map(given.map((each) => [each.id, each])), [], plainOptions, also);
      const [without, declaration] = [of(apps, []), of(apps, gateways)];
      const isOfGateway = ({ id }: { readonly id: string }) => id.startsWith('/gateway/');
      expect(declaration.services.filter((service) => !isOfGateway(service))).toEqual(without.services);
      expect(of(apps.toReversed(), gateways)).toEqual(declaration);
      const own = declaration.services.filter(isOfGateway);
      expect(own.length).toBe(gateways.length);
      const known = new Set([...apps, ...declaration.externals].map(({ id }) => id));
      for (const { pools, conditions } of own) {
        const ids = pools.map((pool) => pool.app);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.filter((id) => !known.has(id))).toEqual([]);
        expect((conditions ?? []).filter((each) => !ids.includes(each.app))).toEqual([]);
      }
    }),
  );
});
