/** BACKEND_HEALTHCHECK_PORT_INDEX, from the label to where the data plane probes. */
import { expect, test } from 'vitest';
import { declare } from '../../../src/declared/declare.ts';
import { plainOptions } from '../../../src/declared/types.ts';
import { wireApp } from '../../../src/marathon/schema.ts';
import { toApp } from '../../../src/marathon/to-model.ts';
import { millis } from '../../../src/model/ids.ts';
import { noNews, plan } from '../../../src/plan/plan.ts';
import { type Wire, wireAppOf, wireTaskOf } from '../../marathon/support/wire.ts';

const check = { protocol: 'HTTP', path: '/health', portIndex: 1 };

function probedAt(labels: Readonly<Record<string, string>>, healthChecks: readonly Wire[]) {
  const wire = wireAppOf('/shop', {
    networks: [{ mode: 'host' }],
    container: undefined,
    portDefinitions: [{ port: 10_001 }, { port: 10_002 }],
    healthChecks,
    labels: { HAPROXY_GROUP: 'g', HAPROXY_1_ENABLED: 'false', ...labels },
    tasks: [wireTaskOf('/shop', { ports: [31_001, 31_002] })],
  });
  const app = toApp(wireApp.parse(wire), { previous: null, checksOf: () => null, now: millis(0) });
  const apps = new Map([[app.id, app]]);
  const { services, diagnostics } = declare(apps, [], { ...plainOptions, groups: new Set(['g']) });
  const verdict = plan({
    ...noNews,
    now: millis(0),
    services,
    cluster: { apps },
    observed: { services: new Map() },
    memory: { services: [] },
  });
  return {
    mode: services[0]?.listeners[0]?.mode,
    codes: diagnostics.map(({ code }) => code),
    probes: verdict.services[0]?.pools.map(({ checkKind, endpoints: [endpoint] }) => [
      checkKind,
      endpoint?.port,
      endpoint?.check.port,
      endpoint?.check.path,
    ]),
  };
}

test('the port of that index is probed, by its check where the port itself has none', () => {
  const label = { HAPROXY_0_BACKEND_HEALTHCHECK_PORT_INDEX: '1' };
  expect(probedAt(label, [check])).toEqual({
    mode: 'http',
    codes: [],
    probes: [['http', 31_001, 31_002, '/health']],
  });
  expect(probedAt({}, [check])).toEqual({ mode: 'tcp', codes: [], probes: [['tcp', 31_001, null, '/']] });
});

test('an index beyond the ports is the port itself, and told', () => {
  const label = { HAPROXY_0_BACKEND_HEALTHCHECK_PORT_INDEX: '2', HAPROXY_0_MODE: 'http' };
  expect(probedAt(label, [{ ...check, portIndex: 0 }])).toEqual({
    mode: 'http',
    codes: ['label-defaulted'],
    probes: [['http', 31_001, null, '/health']],
  });
});
