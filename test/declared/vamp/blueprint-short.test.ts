/** The short forms of blueprints, and the names that Vamp let people give. */
import { expect, test } from 'vitest';
import { appsOf } from '../../../src/declared/vamp/blueprint-apps.ts';
import { parseBlueprint } from '../../../src/declared/vamp/blueprint-parse.ts';
import { gatewayId } from '../../../src/declared/vamp/gateway-listeners.ts';
import { parseGateways } from '../../../src/declared/vamp/gateway-parse.ts';

const options = { allowTemplates: false };

function parsed(text: string) {
  const result = parseBlueprint(text, options);
  if (!result.ok) throw new Error(JSON.stringify(result.flaws));
  return result.blueprint;
}

function flawsOf(text: string): readonly string[] {
  const result = parseBlueprint(text, options);
  return result.ok ? [] : result.flaws.map(({ line, rule, problem }) => `${line} ${rule}: ${problem}`);
}

test.each<[string, string]>([
  ['a list of services', 'clusters:\n  web:\n    - breed: {name: web:1, deployable: acme/web}\n'],
  ['one service', 'clusters:\n  web:\n    breed: {name: web:1, deployable: acme/web}\n'],
  [
    'one service in services',
    'clusters:\n  web:\n    services:\n      breed: {name: web:1, deployable: acme/web}\n',
  ],
  [
    'services that are breeds',
    'clusters:\n  web:\n    services:\n      - {name: web:1, deployable: acme/web}\n',
  ],
  ['one service that is a breed', 'clusters:\n  web: {name: web:1, deployable: acme/web}\n'],
])('in short: %s', (_, clusters) => {
  const blueprint = parsed(`name: shop:1.0\n${clusters}`);
  expect(blueprint.name).toBe('shop:1.0');
  expect(appsOf(blueprint).map(({ id }) => id)).toEqual(['/shop-1.0/web/web-1']);
});

test('in short: what is said of scale, checks and shares counts all the same', () => {
  const blueprint = parsed(
    'name: shop\nclusters:\n  web:\n    name: web:1\n    deployable: acme/web\n    ports: {http: 80/http}\n    scale: {instances: 3}\n    env: {A: b}\n    sla: {}\n    gateways: {sticky: route}\n',
  );
  expect(appsOf(blueprint)).toMatchObject([{ instances: 3, definition: { env: { A: 'b' } } }]);
  expect(blueprint.clusters[0]?.shares).toMatchObject([{ sticky: 'route' }]);
  expect(flawsOf('name: shop\nclusters: {web: {deployable: acme/web}}\n')).toEqual([
    '2 unknown-key: Nobody knows the key "deployable" here.',
    '2 breed: The service has no breed.',
  ]);
});

test('names may hold what Vamp let them hold, and services are named after them as far as that goes', () => {
  const yaml = 'name: sava:1.0/web\nport: 8080\nroutes: x\n';
  expect(parseGateways(yaml, options)).toMatchObject({ gateways: [{ name: 'sava:1.0/web' }] });
  expect(gatewayId('sava:1.0/web@é')).toBe('/gateway/sava-1.0/web--');
  for (const name of ['a b', 'a[b]', 'a\u200bb', 'a/b/c/d/e', 'x'.repeat(101)])
    expect([name, parseGateways(yaml.replace('sava:1.0/web', JSON.stringify(name)), options).ok]).toEqual([
      name,
      false,
    ]);
});
